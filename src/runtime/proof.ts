/** Whether onnxruntime opens a file, at the least cost in memory. What Temper writes is asked before it gets its name. */
import { basename } from 'node:path';
import { TemperError } from '../errors.js';
import { openSession, type SessionOptions } from './session.js';

/** Without optimization and packed copies: the weights stay where the file is mapped. */
const frugal: SessionOptions = { threads: 1, optimization: 'disabled', frugal: true };

/** Why onnxruntime cannot open a file; undefined if it can. */
export async function refusalOf(file: string): Promise<string | undefined> {
  try {
    const session = await openSession(file, frugal);
    await session.release();
    return undefined;
  } catch (error) {
    if (!(error instanceof TemperError) || error.kind !== 'model') throw error;
    return error.problems[0]!.what.replaceAll(file, basename(file));
  }
}

export interface ProofOptions {
  /** The file that the model was made from. */
  readonly source?: string | undefined;
  /** Told if that cannot be opened either. */
  readonly note?: (text: string) => void;
}

/**
 * For `writeModel`: throws TemperError('model') for a file that onnxruntime cannot open, unless it could not open the source.
 * @param path the name that the file will get
 */
export function proofOf(path: string, { source, note }: ProofOptions = {}): (file: string) => Promise<void> {
  return async (file) => {
    const refusal = await refusalOf(file);
    if (refusal === undefined) return;
    const before = source === undefined ? undefined : await refusalOf(source);
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
