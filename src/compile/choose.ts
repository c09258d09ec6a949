/** A choice made while the program runs: an ONNX `If` when traced, a plain `if` on the eager engines. */
import * as tf from '@tensorflow/tfjs';
import { currentRecorder, recordedTensor, recordedValue } from './backend.js';

/**
 * The tensors of `then()` where `flag` (a boolean scalar) is true, else those of `otherwise()`, of equal number,
 * shapes and types. No gradient flows through: call it outside of `tf.grads`.
 */
export function choose(flag: tf.Tensor, then: () => tf.Tensor[], otherwise: () => tf.Tensor[]): tf.Tensor[] {
  const recorder = currentRecorder();
  if (!recorder) return flag.dataSync()[0] ? then() : otherwise();
  let outs: ReturnType<typeof recordedValue>[] = [];
  const branch = (name: string, body: () => tf.Tensor[]) => ({
    graph: recorder.subgraph(name, () => {
      outs = tf.tidy(body).map(recordedValue);
      return outs;
    }),
  });
  const then_branch = branch('then', then);
  const else_branch = branch('else', otherwise);
  return recorder.emit('If', [recordedValue(flag)], outs, { then_branch, else_branch }).map(recordedTensor);
}
