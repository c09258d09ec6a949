/** How the machine is used. No choice made here changes a score. */
import { availableParallelism } from 'node:os';
import { usableMemory } from '../../onnx/usableMemory.js';
import { type Held, isGiant } from '../chips/held.js';

export interface Threads {
  /** Worker threads, each with a chip of its own; 1 = none beside this one. */
  workers: number;
  /** onnxruntime's threads inside one run: always the same, for they change the last bits of outputs. */
  threadsPerRun: number;
  /** Why there are fewer workers than threads, if memory is the reason. */
  note?: string;
}

/** Below this many weights x examples x trials the work is done before a worker has started. */
const worthWorkers = 1e8;

/** What a worker holds, in sizes of the models: their bytes, a chip as weights and as bytes, what onnxruntime reads and packs. */
const timesTheirSize = 5;
/** Share of the memory that all workers may take. */
const share = 0.5;

/** As `chooseThreads`, for models of this size: each worker holds them anew. Those of a giant would not fit. */
export function threadsFor(
  models: readonly Held[],
  threads: number | undefined,
  trials: number,
  examples: number,
  tensors: readonly { readonly dims: readonly number[] }[],
  memory = usableMemory(),
): Threads {
  const chosen = chooseThreads(threads, trials, examples, tensors);
  const giant = models.some(isGiant);
  const bytes = models.reduce((sum, held) => sum + (isGiant(held) ? held.bytes : held.byteLength), 0);
  const feedPlan = giant ? 1 : Math.max(1, Math.floor((share * memory) / (timesTheirSize * bytes)));
  if (feedPlan >= chosen.workers) return chosen;
  const note = `${feedPlan === 1 ? 'one chip' : `${feedPlan} chips`} at once, not ${chosen.workers}: each more takes up to ${((timesTheirSize * bytes) / 2 ** 30).toPrecision(2)} GiB of memory`;
  return { ...chosen, workers: feedPlan, note };
}

export function chooseThreads(
  threads: number | undefined,
  trials: number,
  examples: number,
  tensors: readonly { readonly dims: readonly number[] }[],
): Threads {
  const cores = threads ?? availableParallelism();
  const weights = tensors.reduce((sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1), 0);
  const small = threads === undefined && weights * examples * trials < worthWorkers;
  const workers = small ? 1 : Math.min(cores, trials);
  return { workers, threadsPerRun: 1 };
}
