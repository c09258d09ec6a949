/**
 * Starts a worker thread on a module of this folder. In the package that is JavaScript beside this file; in the source tree
 * (tests) it is TypeScript, which Node reads with the help of tsx, a development dependency.
 */
import { Worker } from 'node:worker_threads';

export function startThread(module: string, workerData: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(`./${module}.js`, import.meta.url), { workerData });
  }
  const tsx = import.meta.resolve('tsx/esm/api');
  const entry = new URL(`./${module}.ts`, import.meta.url);
  const code = `import('${tsx}').then(({ register }) => { register(); return import('${entry}'); })`;
  return new Worker(code, { eval: true, workerData });
}
