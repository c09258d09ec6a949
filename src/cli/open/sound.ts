/** A model that is not trained here, read for a command: values with which nothing can be computed are told before any other work. */
import { problemsIn, TemperError } from '../../errors.js';
import { brokenValues } from '../../mapping/brokenValues.js';
import { type ModelFile, readModelFile } from '../../onnx/file.js';

/** Throws TemperError('io'), or 'model' with every such value and the file it is in. */
export async function readSound(path: string): Promise<ModelFile> {
  const file = await readModelFile(path);
  const broken = brokenValues(file.model);
  if (broken.length === 0) return file;
  throw new TemperError('model', problemsIn(path, broken));
}
