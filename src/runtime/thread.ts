/**
 * Modules that run in threads and processes of their own. In the package they are JavaScript beside the module that starts them;
 * in the source tree (tests) they are TypeScript, which Node reads with the help of tsx, a development dependency.
 */
import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const isSource = import.meta.url.endsWith('.ts');

/** The module of this name in the folder of the one at `url`. */
export function moduleBeside(url: string, name: string): string {
  return new URL(`./${name}.${isSource ? 'ts' : 'js'}`, url).href;
}

export function startThread(module: string, workerData?: unknown): Worker {
  if (!isSource) return new Worker(new URL(module), { workerData });
  const tsx = import.meta.resolve('tsx/esm/api');
  const code = `import('${tsx}').then(({ register }) => { register(); return import('${module}'); })`;
  return new Worker(code, { eval: true, workerData });
}

export function startProcess(module: string, options: ForkOptions): ChildProcess {
  const execArgv = isSource ? ['--import', import.meta.resolve('tsx')] : [];
  return fork(fileURLToPath(module), { ...options, execArgv });
}
