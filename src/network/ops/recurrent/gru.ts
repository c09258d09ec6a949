/** GRU (Cho et al., arXiv:1406.1078); `linear_before_reset` is the form of cuDNN, PyTorch and newer Keras. */
import * as tf from '@tensorflow/tfjs';
import { int } from '../../attributes.js';
import { defineOperator } from '../../operator.js';
import { type Activation, activationAttributes, readActivations } from './activations.js';
import { backwards, type Cell, matrices, type Stored, sequenceAttributes, unroll } from './unroll.js';

const usual = ['Sigmoid', 'Tanh'];

export const GRU = defineOperator({
  type: 'GRU',
  since: [1, 3, 7, 14, 22],
  inputs: ['X', 'W', 'R', 'B?', 'sequence_lens?', 'initial_h?'],
  roles: matrices,
  attributes: {
    ...activationAttributes,
    ...sequenceAttributes,
    linear_before_reset: int(0, { since: 3 }),
  },
  outputs: 2,
  check: (attributes) => readActivations(attributes, usual, backwards(attributes.direction).length).problems,
  evaluate({ X, W, R, B, sequence_lens, initial_h }, attributes) {
    const { activations } = readActivations(attributes, usual, backwards(attributes.direction).length);
    const operands = { X, W, R, B, lengths: sequence_lens, initial: [initial_h] };
    const cell = attributes.linear_before_reset !== 0 ? resetAfter : resetBefore;
    return unroll(operands, 3, attributes, (stored, direction) => cell(stored, activations[direction]!));
  },
  gradient: 'yes',
  examples: [
    {
      inputs: [
        [3, 2, 4],
        [1, 9, 4],
        [1, 9, 3],
        [1, 18],
      ],
      attributes: { hidden_size: 3 },
      outputs: 2,
    },
    {
      inputs: [[3, 2, 4], [2, 6, 4], [2, 6, 2], [2, 12], { ints: [2, 3], type: 'int32' }, [2, 2, 2]],
      attributes: { hidden_size: 2, direction: 'bidirectional', linear_before_reset: 1 },
      outputs: 2,
    },
    {
      inputs: [
        [3, 2, 4],
        [1, 6, 4],
        [1, 6, 2],
      ],
      attributes: {
        hidden_size: 2,
        direction: 'reverse',
        clip: { float: 1.5 },
        activations: { strings: ['HardSigmoid', 'LeakyRelu'] },
        activation_alpha: { floats: [0.3, 0.2] },
      },
      opset: 7,
      outputs: 2,
    },
    {
      inputs: [
        [3, 2, 4],
        [1, 6, 4],
        [1, 6, 2],
      ],
      attributes: { hidden_size: 2, linear_before_reset: 1 },
      opset: 14,
      outputs: 2,
    },
  ],
});

/** The hidden gate sees the reset state. Gates in the order update, reset, hidden, here and below. */
function resetBefore({ R, inputBias, recurrentBias }: Stored, functions: Activation[]): Cell {
  const [f, g] = functions as [Activation, Activation];
  const hidden = R.shape[1];
  const [gateRows, hiddenRows] = tf.split(R, [2 * hidden, hidden]) as [tf.Tensor2D, tf.Tensor2D];
  return {
    bias: inputBias?.add(recurrentBias!),
    step(projected, [h]) {
      const [gates, candidate] = tf.split(projected, [2 * hidden, hidden], 1);
      const [update, reset] = tf.split(f(gates!.add(times(h!, gateRows))), 2, 1);
      return [mix(update!, g(candidate!.add(times(reset!.mul(h!), hiddenRows))), h!)];
    },
  };
}

/** The reset is applied to what the hidden gate makes of the state. */
function resetAfter({ R, inputBias, recurrentBias }: Stored, functions: Activation[]): Cell {
  const [f, g] = functions as [Activation, Activation];
  const hidden = R.shape[1];
  return {
    bias: inputBias,
    step(projected, [h]) {
      const recurrent = times(h!, R);
      const [gates, candidate] = tf.split(projected, [2 * hidden, hidden], 1);
      const parts = tf.split(
        recurrentBias ? recurrent.add(recurrentBias) : recurrent,
        [2 * hidden, hidden],
        1,
      );
      const [update, reset] = tf.split(f(gates!.add(parts[0]!)), 2, 1);
      return [mix(update!, g(candidate!.add(reset!.mul(parts[1]!))), h!)];
    },
  };
}

function times(h: tf.Tensor, rows: tf.Tensor2D): tf.Tensor {
  return tf.matMul(h as tf.Tensor2D, rows, false, true);
}

/** (1 - update) candidate + update h. */
function mix(update: tf.Tensor, candidate: tf.Tensor, h: tf.Tensor): tf.Tensor {
  return tf.sub(1, update).mul(candidate).add(update.mul(h));
}
