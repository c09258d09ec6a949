/** How the machine is used. No choice made here changes a score. */
import { availableParallelism } from 'node:os';

export interface Threads {
  /** Worker threads, each with a chip of its own; 1 = none beside this one. */
  workers: number;
  /** onnxruntime's threads inside one run: always the same, for they change the last bits of outputs. */
  threadsPerRun: number;
}

/** Below this many weights x examples x subjects the work is done before a worker has started. */
const worthWorkers = 1e8;

export function chooseThreads(
  threads: number | undefined,
  subjects: number,
  examples: number,
  tensors: readonly { readonly dims: readonly number[] }[],
): Threads {
  const cores = threads ?? availableParallelism();
  const weights = tensors.reduce((sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1), 0);
  const small = threads === undefined && weights * examples * subjects < worthWorkers;
  const workers = small ? 1 : Math.min(cores, subjects);
  return { workers, threadsPerRun: 1 };
}
