/** Opens the model a command trains or converts. */
import { TemperError } from '../errors.js';
import type { Dimensions } from '../import/dimensions.js';
import { type Imported, importModel } from '../import/importModel.js';
import { readModelFile } from '../onnx/file.js';
import type { Model } from '../onnx/model.js';

export interface Pretrained extends Imported {
  path: string;
  /** Of the file as stored, followed by its external data if it has any. */
  sha256: string;
}

/** Throws TemperError 'io', or 'model' with everything that keeps the model from being trained, and the file it is in. */
export async function openPretrained(
  path: string,
  dimensions: Dimensions,
  digital?: readonly string[],
): Promise<Pretrained> {
  const { model, sha256 } = await readModelFile(path);
  try {
    return { path, sha256, ...importModel(model, { dimensions, digital }) };
  } catch (error) {
    if (!(error instanceof TemperError) || (error.kind !== 'model' && error.kind !== 'usage')) throw error;
    const problems = error.problems.map(({ where, ...problem }) => ({
      ...problem,
      where: where ? `${where} in ${path}` : path,
    }));
    throw new TemperError(error.kind, problems, { cause: error });
  }
}

/** How many values the first output has for each example, if the file says so. */
export function outputClasses(model: Model): number | undefined {
  const shape = model.graph.outputs[0]?.tensorType?.shape?.slice(1);
  if (!shape || shape.some((extent) => typeof extent !== 'number')) return undefined;
  return (shape as number[]).reduce((product, extent) => product * extent, 1);
}
