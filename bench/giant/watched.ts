/** A command, and the most memory that its processes take, each and together. Linux only. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Cost {
  /** Largest resident size of the process that does the work. */
  readonly peak: number;
  /** Of the process apart, in which models are tried before; 0 if there was none. */
  readonly apart: number;
  /** Of all its processes at one time; what two of them have mapped counts twice. */
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
  let [peak, apart, together] = [0, 0, 0];
  const timer = setInterval(() => {
    const processes = [child.pid!, ...childrenOf(child.pid!)];
    const sizes = processes.map(sizesOf);
    together = Math.max(together, sum(sizes.map((size) => size?.now ?? 0)));
    for (const [i, size] of sizes.entries()) {
      if (isApart(processes[i]!)) apart = Math.max(apart, size?.most ?? 0);
      // The process above the one that works is small.
      else peak = Math.max(peak, size?.most ?? 0);
    }
  }, interval);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(timer);
  return { peak, apart, together, seconds: (performance.now() - start) / 1000, code, told };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function isApart(pid: number): boolean {
  return told(`/proc/${pid}/cmdline`).includes('apartProcess');
}

/** A process that has ended tells nothing. */
function told(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function childrenOf(pid: number): number[] {
  const own = told(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return own.flatMap((child) => [child, ...childrenOf(child)]);
}

function sizesOf(pid: number): { now: number; most: number } | undefined {
  const status = told(`/proc/${pid}/status`);
  const kibibytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  return status === '' ? undefined : { now: 1024 * kibibytes('VmRSS'), most: 1024 * kibibytes('VmHWM') };
}
