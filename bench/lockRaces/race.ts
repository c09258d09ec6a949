/** Races of several processes for one lock, and who got it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Order, Outcome } from './contender.js';

export const kinds = ['fresh', 'stale', 'stale elsewhere', 'handed over'] as const;
/**
 * `fresh`: nobody had it. `stale`: its owner was killed. `stale elsewhere`: killed where the contenders cannot see it, so that they
 * wait for signs of life. `handed over`: all take it, give it back and take it again, five times each.
 */
export type Kind = (typeof kinds)[number];

export interface Count {
  kind: Kind;
  races: number;
  processes: number;
  /** Races in which two processes owned the lock at one time. */
  doubleOwners: number;
  /** Races that nobody won. */
  withoutOwner: number;
  owners: number;
  refused: number;
  failures: string[];
}

const handovers = 5;
/** For locks that cannot be judged but by waiting: 30 looks of 2 ms. */
const pace = { beat: 10, look: 2 };

export class Arena {
  private constructor(
    private readonly folder: string,
    private readonly contenders: readonly ChildProcess[],
    private readonly stale: string,
  ) {}

  static async open(processes: number): Promise<Arena> {
    const folder = mkdtempSync(join(tmpdir(), 'temper-races-'));
    const start = () =>
      fork(fileURLToPath(new URL('contender.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
    // A lock as a killed process leaves it.
    const victim = start();
    mkdirSync(join(folder, 'victim'));
    const stale = join(folder, 'victim', 'lock');
    await ask(victim, { lock: stale, at: '0' });
    victim.kill('SIGKILL');
    await once(victim, 'exit');
    return new Arena(folder, Array.from({ length: processes }, start), stale);
  }

  async race(kind: Kind, races: number): Promise<Count> {
    const count: Count = {
      ...{ kind, races, processes: this.contenders.length },
      ...{ doubleOwners: 0, withoutOwner: 0, owners: 0, refused: 0, failures: [] },
    };
    for (let i = 0; i < races; i++) {
      const place = join(this.folder, `${kind} ${i}`);
      mkdirSync(place);
      const outcomes = await this.one(kind, place);
      const of = (outcome: Outcome) => outcomes.filter((one) => one === outcome).length;
      // While an owner keeps the lock there can be no other.
      const double = of('double') > 0 || (kind !== 'handed over' && of('owner') > 1);
      if (double) count.doubleOwners++;
      if (of('owner') + of('double') === 0) count.withoutOwner++;
      count.owners += of('owner');
      count.refused += of('refused');
      count.failures.push(...outcomes.filter((one) => one.startsWith('failed')));
      const left = readdirSync(place);
      if (left.length > 0) count.failures.push(`left: ${left}`);
      rmSync(place, { recursive: true });
    }
    return count;
  }

  private async one(kind: Kind, place: string): Promise<Outcome[]> {
    const lock = join(place, 'lock');
    if (kind.startsWith('stale')) cpSync(this.stale, lock, { recursive: true });
    if (kind === 'stale elsewhere') disguise(lock);
    const at = String(process.hrtime.bigint() + 3_000_000n);
    const order: Order = {
      ...{ lock, at },
      ...(kind === 'handed over' && { handovers }),
      ...(kind === 'stale elsewhere' && { pace }),
    };
    const outcomes = await Promise.all(this.contenders.map((child) => ask<Outcome[]>(child, order)));
    await Promise.all(this.contenders.map((child) => ask(child, 'release')));
    return outcomes.flat();
  }

  close(): void {
    for (const child of this.contenders) child.kill();
    rmSync(this.folder, { recursive: true });
  }
}

/** As if another machine had written it. */
function disguise(lock: string): void {
  for (const name of readdirSync(lock)) {
    const file = join(lock, name);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"boot":"[^"]*"/, '"boot":"elsewhere"'));
  }
}

async function ask<Answer>(child: ChildProcess, order: Order | 'release'): Promise<Answer> {
  const answer = once(child, 'message');
  child.send(order);
  const [message] = await answer;
  return message as Answer;
}
