/** Opens the model a command trains or converts. */
import { problemsIn, TemperError } from '../../errors.js';
import type { Dimensions } from '../../import/dimensions.js';
import { type Imported, importModel } from '../../import/importModel.js';
import { type ModelFile, readModelFile } from '../../onnx/file.js';
import type { Model } from '../../onnx/model.js';
import { fedInputs } from '../../onnx/walk.js';

/** The file as it was read, which nobody reads again, and what import made of it. */
export interface Pretrained extends Imported, ModelFile {}

/** Throws TemperError 'io', or 'model' with everything that keeps the model from being trained, and the file it is in. */
export async function openPretrained(
  path: string,
  dimensions: Dimensions,
  digital?: readonly string[],
): Promise<Pretrained> {
  const file = await readModelFile(path);
  try {
    return { ...file, ...importModel(file.model, { dimensions, digital }) };
  } catch (error) {
    if (!(error instanceof TemperError) || (error.kind !== 'model' && error.kind !== 'usage')) throw error;
    throw new TemperError(error.kind, problemsIn(path, error.problems), { cause: error });
  }
}

/** How many classes the first output has, if the file says so: it begins with the batch, as the input does, and has a row for each example. */
export function outputClasses(model: Model): number | undefined {
  const [batch] = fedInputs(model)[0]?.tensorType?.shape ?? [];
  const [first, ...shape] = model.graph.outputs[0]?.tensorType?.shape ?? [];
  if (first !== batch || shape.length === 0) return undefined;
  const extents = shape.filter((extent) => extent !== 1);
  const [classes = 1] = extents;
  return extents.length <= 1 && typeof classes === 'number' ? classes : undefined;
}
