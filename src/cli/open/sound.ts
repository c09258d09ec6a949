/** A model that is not trained here, read for a command: values with which nothing can be computed are told before any other work. */
import { TemperError } from '../../errors.js';
import { brokenValues } from '../../mapping/brokenValues.js';
import { readModel } from '../../onnx/file.js';
import type { Model } from '../../onnx/model.js';

/** Throws TemperError('io'), or 'model' with every such value and the file it is in. */
export async function readSound(path: string): Promise<Model> {
  const model = await readModel(path);
  const broken = brokenValues(model);
  if (broken.length === 0) return model;
  throw new TemperError(
    'model',
    broken.map((problem) => ({ ...problem, where: `${problem.where} in ${path}` })),
  );
}
