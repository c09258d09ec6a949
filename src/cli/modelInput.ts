/** The input of a model as its file declares it. */
import type { Model, ValueInfo } from '../onnx/model.js';

/** Inputs that are fed: old files list their initializers among the inputs too. */
export function fedInputs(model: Model): ValueInfo[] {
  const stored = new Set(model.graph.initializers.map(({ name }) => name));
  return model.graph.inputs.filter(({ name }) => !stored.has(name));
}

/** One example as the model wants it, without the batch; undefined where the model leaves a size open. */
export function exampleShapeOf(model: Model): (number | undefined)[] | undefined {
  const shape = fedInputs(model)[0]?.tensorType?.shape;
  return shape?.slice(1).map((extent) => (typeof extent === 'number' && extent > 0 ? extent : undefined));
}
