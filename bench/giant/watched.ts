/** A command, and the most memory that its process takes, and that all its processes take together. Linux only. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Cost {
  /** Largest resident size of the process of the command. */
  readonly peak: number;
  /** Of all its processes at one time: it has one apart for strangers' models. */
  readonly together: number;
  readonly seconds: number;
  readonly code: number | null;
  /** What it wrote to standard error. */
  readonly told: string;
}

const interval = 50;

export async function watched(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Cost> {
  const start = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.on('data', (text: Buffer) => {
    told += text;
  });
  let [peak, together] = [0, 0];
  const timer = setInterval(() => {
    const own = sizes(child.pid!);
    peak = Math.max(peak, own?.most ?? 0);
    together = Math.max(together, tree(child.pid!));
  }, interval);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(timer);
  return { peak, together, seconds: (performance.now() - start) / 1000, code, told };
}

function tree(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, process) => sum + (sizes(process)?.now ?? 0), 0);
}

function childrenOf(pid: number): number[] {
  try {
    const own = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number);
    return own.flatMap((child) => [child, ...childrenOf(child)]);
  } catch {
    return []; // ended
  }
}

function sizes(pid: number): { now: number; most: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kibibytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
    return { now: 1024 * kibibytes('VmRSS'), most: 1024 * kibibytes('VmHWM') };
  } catch {
    return undefined; // ended
  }
}
