/**
 * One of the processes of bench/lockRaces.ts: takes the lock it is told at the moment it is told, says whether it got it, and
 * gives it back when told. An owner makes a file that must not be there yet: the judge knows nothing of the lock.
 */
import { closeSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TemperError } from '../../src/errors.js';
import { type Lock, takeLock } from '../../src/files/lock.js';

export interface Order {
  lock: string;
  /** Moment of the start on the clock that all processes of a machine share, in nanoseconds. */
  at: string;
  /** Keep it until told; otherwise give it back and take it again so many times. */
  handovers?: number;
  pace?: { beat: number; look: number };
}

export type Outcome = 'owner' | 'refused' | 'double' | `failed: ${string}`;

let held: { lock: Lock; inside: string } | undefined;

process.on('message', async (order: Order | 'release') => {
  if (order === 'release') {
    await giveBack();
    process.send!('released');
    return;
  }
  while (process.hrtime.bigint() < BigInt(order.at));
  if (order.handovers === undefined) process.send!([await tryOnce(order)]);
  else {
    const outcomes: Outcome[] = [];
    for (let i = 0; i < order.handovers; i++) {
      outcomes.push(await tryOnce(order));
      await giveBack();
    }
    process.send!(outcomes);
  }
});

async function tryOnce({ lock: path, pace }: Order): Promise<Outcome> {
  try {
    const lock = await takeLock(path, pace && { pace });
    const inside = join(dirname(path), 'inside');
    held = { lock, inside };
    try {
      closeSync(openSync(inside, 'wx'));
    } catch {
      return 'double';
    }
    return 'owner';
  } catch (error) {
    if (error instanceof TemperError && error.message.startsWith('in use')) return 'refused';
    return `failed: ${(error as Error).message}`;
  }
}

async function giveBack(): Promise<void> {
  if (!held) return;
  rmSync(held.inside, { force: true });
  await held.lock.release();
  held = undefined;
}
