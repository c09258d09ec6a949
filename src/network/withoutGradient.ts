/** Functions whose derivative is zero wherever it exists: comparisons, conversions to integers. tfjs has no gradient for most. */
import * as tf from '@tensorflow/tfjs';

/** The same function, through which no gradient flows. */
export function withoutGradient<Inputs extends tf.Tensor[] = [tf.Tensor]>(
  evaluate: (...inputs: Inputs) => tf.Tensor,
): (...inputs: Inputs) => tf.Tensor {
  return (...inputs) =>
    tf.customGrad(() => ({
      value: evaluate(...inputs),
      gradFunc: () => inputs.map((input) => tf.zeros(input.shape)),
    }))(...inputs);
}

/**
 * What `evaluate` computes, cut off from what it was computed from. For indices: the gradient of a gather would ask for theirs,
 * and an integer has none.
 */
export function detached(evaluate: () => tf.Tensor): tf.Tensor {
  return tf.customGrad(() => ({ value: evaluate(), gradFunc: () => [] }))();
}
