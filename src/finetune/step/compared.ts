/** Which value of the network the loss looks at. */
import { TemperError } from '../../errors.js';
import type { Model, Node } from '../../onnx/model.js';
import { producerMap } from '../../onnx/walk.js';
import type { LossName } from './losses.js';

/** Operators that pass every value on, at most in another shape. */
const passing = new Set(['Identity', 'Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Cast', 'Dropout']);

/**
 * Cross-entropy takes logits. If the graph ends in a Softmax its input is taken: softmax of a softmax would train, slowly and
 * wrongly. After a LogSoftmax the output serves, for softmax(log p) = p. Throws TemperError('usage') for a Sigmoid.
 * @returns name of the output, or of the value below the final Softmax
 */
export function comparedValue(model: Model, output: string, loss: LossName): string {
  if (loss !== 'cross-entropy') return output;
  const producers = producerMap(model.graph);
  let last: Node | undefined = producers.get(output);
  while (last && passing.has(last.opType)) last = producers.get(last.inputs[0]!);
  if (last?.opType === 'Softmax') return last.inputs[0]!;
  if (last?.opType === 'Sigmoid') {
    throw new TemperError('usage', {
      what: `the output "${output}" is a Sigmoid; cross-entropy compares softmax classes`,
      hint: 'use the loss mean-squared-error, or cut the Sigmoid off the model',
    });
  }
  return output;
}
