/** A choice made while the program runs: an ONNX `If` when traced, a plain `if` on the eager engines. */
import * as tf from '@tensorflow/tfjs';
import { currentRecorder, recordedTensor, recordedValue } from './backend.js';
import type { Value } from './kernel.js';

/**
 * The tensors of `then()` where `flag` (a boolean scalar) is true, else those of `otherwise()`, of equal number,
 * shapes and types. No gradient flows through: call it outside of `tf.grads`.
 */
export function choose(flag: tf.Tensor, then: () => tf.Tensor[], otherwise: () => tf.Tensor[]): tf.Tensor[] {
  const recorder = currentRecorder();
  if (!recorder) return flag.dataSync()[0] ? then() : otherwise();
  const branch = (name: string, body: () => tf.Tensor[]) => {
    let outs: Value[] = [];
    const graph = recorder.subgraph(name, () => {
      outs = tf.tidy(body).map(recordedValue);
      return outs;
    });
    return { graph, outs };
  };
  const [yes, no] = [branch('then', then), branch('else', otherwise)];
  const specs = ({ outs }: { outs: Value[] }) =>
    outs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(', ');
  if (specs(yes) !== specs(no)) throw new Error(`a choice between ${specs(yes)} and ${specs(no)}`);
  const branches = { then_branch: { graph: yes.graph }, else_branch: { graph: no.graph } };
  return recorder.emit('If', [recordedValue(flag)], yes.outs, branches).map(recordedTensor);
}
