/** Whether onnxruntime opens a file, asked in a process apart. What Temper writes is asked before it gets its name. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { TemperError } from '../errors.js';
import { type Asked, limitsFor, surviving } from './limits.js';
import { moduleBeside } from './thread.js';

/** Why onnxruntime cannot open a file; undefined if it can. Throws TemperError('model') if it crashes over it. */
export async function refusalOf(file: string, asked?: Asked): Promise<string | undefined> {
  const module = moduleBeside(import.meta.url, 'opening');
  const order = { module, argument: file, limits: limitsFor(await sizeOf(file), asked) };
  return (await surviving<string | undefined>(order, basename(file)))?.replaceAll(file, basename(file));
}

/** Bytes of a model, with its external data where Temper wrote them. */
export async function sizeOf(file: string): Promise<number> {
  const sizes = [file, `${file}.data`].map((path) =>
    stat(path).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

export interface ProofOptions {
  /** The file that the model was made from. */
  readonly source?: string | undefined;
  /** Told if that cannot be opened either. */
  readonly note?: (text: string) => void;
  /** What opening may take. */
  readonly limits?: Asked;
}

/**
 * For `writeModel`: throws TemperError('model') for a file that onnxruntime cannot open, unless it could not open the source.
 * @param path the name that the file will get
 */
export function proofOf(
  path: string,
  { source, note, limits }: ProofOptions = {},
): (file: string) => Promise<void> {
  return async (file) => {
    const refusal = await refusalOf(file, limits);
    if (refusal === undefined) return;
    const before = source === undefined ? undefined : await refusalOf(source, limits);
    if (before !== undefined) {
      note?.(`${source}: ${before}; nor can it load ${path}`);
      return;
    }
    throw new TemperError('model', {
      what: refusal.replaceAll(basename(file), basename(path)),
      where: `what was to be written to ${path}`,
      hint: 'nothing was written; temper inspect MODEL lists what stands in the way',
    });
  };
}
