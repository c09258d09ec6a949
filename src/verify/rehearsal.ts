/**
 * What the process apart does with a stranger's model: it is opened as the judge opens it, and run on one batch of examples as
 * the judge runs them. What comes out is of no interest; whether it comes is.
 */
import { exampleSize } from '../data/dataset.js';
import type { Normalization } from '../data/normalize.js';
import { TemperError } from '../errors.js';
import { encodeModel } from '../onnx/codec.js';
import { densified } from '../onnx/densify.js';
import { encodePieces, sizeOfPieces } from '../onnx/encode.js';
import { readModel } from '../onnx/file.js';
import { largestFile } from '../onnx/writeFile.js';
import { openSession } from '../runtime/session.js';
import { type Examples, fitTo, runExamples } from './fitting.js';

export interface Rehearsal {
  path: string;
  numerics: 'exact' | 'deploy';
  threads?: number | undefined;
  batchSize?: number | undefined;
  /** As many as a batch takes. */
  examples?: Pick<Examples, 'examples' | 'shape' | 'count'>;
  normalization: Normalization;
}

type Doing = (what: string) => void;

/** What is refused in words is for those who open the model in their own process to tell. */
export async function work(rehearsal: Rehearsal, doing: Doing): Promise<void> {
  try {
    await openAndRun(rehearsal, doing);
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
  }
}

async function openAndRun(
  { path, numerics, threads, batchSize, examples, normalization }: Rehearsal,
  doing: Doing,
): Promise<void> {
  doing('read');
  const source = await sourceOf(path);
  doing('opened');
  const session = await openSession(source, { numerics, ...(threads !== undefined && { threads }) });
  try {
    const [input] = session.inputs;
    const [output] = session.outputs;
    if (!examples || session.inputNames.length !== 1 || input?.type !== 'float32' || !output) return;
    const fitting = { ...fitTo(input, examples, batchSize), output: output.name, valuesPerExample: 0 };
    if (exampleSize(fitting.exampleDims) !== exampleSize(examples.shape)) return;
    const count = Math.min(fitting.batch, examples.count);
    doing(`run on ${fitting.fixed ? fitting.batch : count} examples`);
    const indices = Array.from({ length: count }, (_, i) => i);
    await runExamples(session, fitting, examples, indices, normalization);
  } finally {
    await session.release();
  }
}

/** Its bytes as the judge makes them; where they are too many for one file, the file itself. */
async function sourceOf(path: string): Promise<Uint8Array | string> {
  const model = densified(await readModel(path));
  return sizeOfPieces(encodePieces(model)) > largestFile ? path : encodeModel(model);
}
