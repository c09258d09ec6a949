/** The rival: PyTorch eager in a process of its own, asked for one timed run after another. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../machine.js';

export interface Variant {
  readonly layout: 'contiguous' | 'channels_last';
  readonly threads: number;
}

/** Per step. On a busy machine the wall clock says little; processor time on one thread still compares. */
export interface Timing {
  readonly milliseconds: number;
  readonly cpu: number;
}

export interface Rival {
  readonly versions: Record<string, string>;
  /** One run of `steps` steps. */
  time(net: string, batch: number, steps: number, variant: Variant): Promise<Timing>;
  close(): void;
}

/** Starts `python bench/rivals/speed_torch.py`; undefined if that Python has no torch. */
export async function openRival(python: string): Promise<Rival | undefined> {
  const child = spawn(python, [join(root, 'bench', 'rivals', 'speed_torch.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failed = new Promise<undefined>((resolve) => child.once('error', () => resolve(undefined)));
  const answer = async () => {
    const line = await Promise.race([lines.next(), failed]);
    return line && !line.done ? (JSON.parse(line.value) as Record<string, any>) : undefined;
  };
  const versions = await answer();
  if (!versions) return undefined;
  return {
    versions,
    async time(net, batch, steps, { layout, threads }) {
      child.stdin.write(`${JSON.stringify({ net, batch, steps, layout, threads })}\n`);
      const reply = await answer();
      if (!reply) throw new Error('the rival ended');
      return { milliseconds: reply.milliseconds, cpu: reply.cpu };
    },
    close: () => child.stdin.end(),
  };
}
