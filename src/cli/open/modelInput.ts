/** The input of a model as its file declares it. */
import type { Model } from '../../onnx/model.js';
import { fedInputs } from '../../onnx/walk.js';

/** One example as the model wants it, without the batch; undefined where the model leaves a size open. */
export function exampleShapeOf(model: Model): (number | undefined)[] | undefined {
  const shape = fedInputs(model)[0]?.tensorType?.shape;
  return shape?.slice(1).map((extent) => (typeof extent === 'number' && extent > 0 ? extent : undefined));
}
