/** What the process apart does with a file that was written: onnxruntime opens it, at the least cost in memory. */
import { TemperError } from '../errors.js';
import { openSession, type SessionOptions } from './session.js';

/** Without optimization and packed copies: the weights stay where the file is mapped. */
const frugal: SessionOptions = { threads: 1, optimization: 'disabled', frugal: true };

/** Why onnxruntime cannot open a file; undefined if it can. */
export async function work(file: string, doing: (what: string) => void): Promise<string | undefined> {
  doing('opened');
  try {
    const session = await openSession(file, frugal);
    await session.release();
    return undefined;
  } catch (error) {
    if (!(error instanceof TemperError) || error.kind !== 'model') throw error;
    return error.problems[0]!.what;
  }
}
