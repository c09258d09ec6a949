/** What a model may take when it is first run, in a process apart (apart.ts), and how a death there is told. */
import { type Problem, TemperError } from '../errors.js';
import { type ApartTask, type Fate, type Limits, runApart } from './apart.js';

const gibi = 2 ** 30;
/** Enough for any model of its own; what grows with the weights: the file, values onnxruntime reads, packs and computes of them. */
const ownMemory = 4 * gibi;
const timesItsSize = 4;
/** Opening and one batch take seconds. */
export const defaultSeconds = 120;
const secondsForGibi = 60;

/** What a user asked for. */
export interface Asked {
  /** GiB. */
  readonly memory?: number | undefined;
  readonly seconds?: number | undefined;
}

/** @param size of the model, external data included */
export function limitsFor(size: number, { memory, seconds }: Asked = {}): Limits {
  return {
    bytes: memory === undefined ? ownMemory + timesItsSize * size : memory * gibi,
    seconds: seconds ?? defaultSeconds + Math.floor((secondsForGibi * size) / gibi),
  };
}

/**
 * Runs the order apart. Throws TemperError('model') if the process dies of it.
 * @param where the model, for messages
 * @param place finds out where in the model a crash is, if that can be told
 */
export async function surviving<T>(
  order: ApartTask,
  where: string,
  { signal, place }: { signal?: AbortSignal | undefined; place?: () => Promise<string | undefined> } = {},
): Promise<T> {
  const fate: Fate<T> = await runApart<T>(order, signal);
  if (!('death' in fate)) return fate.done;
  const isCrash = fate.death.cause !== 'memory' && fate.death.cause !== 'time';
  const found = isCrash ? await place?.() : undefined;
  const told = found === undefined ? where : `${found} in ${where}`;
  throw new TemperError('model', deathProblem(fate.death, order.limits, told));
}

function deathProblem(
  { cause, doing }: { cause: string; doing: string },
  { bytes, seconds }: Limits,
  where: string,
): Problem {
  const when = doing === '' ? '' : ` when it is ${doing}`;
  if (cause === 'memory')
    return {
      what: `onnxruntime takes more than ${(bytes / gibi).toPrecision(2)} GiB of memory for this model${when}`,
      where,
      hint: 'it was tried in a process of its own, which was ended; --max-memory GIB allows more',
    };
  if (cause === 'time')
    return {
      what: `onnxruntime takes more than ${seconds} s for this model${when}`,
      where,
      hint: 'it was tried in a process of its own, which was ended; --max-seconds N allows more',
    };
  return {
    what: `the process in which the model was tried ended with ${cause}${when}: it makes onnxruntime crash`,
    where,
    hint: 'such a file cannot be used; temper inspect MODEL shows what is in it',
  };
}
