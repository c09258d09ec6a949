/** RNN: H = f(X W' + H R' + biases). */
import * as tf from '@tensorflow/tfjs';
import { defineOperator } from '../../operator.js';
import { activationAttributes, readActivations } from './activations.js';
import { backwards, matrices, sequenceAttributes, unroll } from './unroll.js';

const usual = ['Tanh'];

export const RNN = defineOperator({
  type: 'RNN',
  since: [1, 7, 14, 22],
  inputs: ['X', 'W', 'R', 'B?', 'sequence_lens?', 'initial_h?'],
  roles: matrices,
  attributes: { ...activationAttributes, ...sequenceAttributes },
  outputs: 2,
  check: (attributes) => readActivations(attributes, usual, backwards(attributes.direction).length).problems,
  evaluate({ X, W, R, B, sequence_lens, initial_h }, attributes) {
    const { activations } = readActivations(attributes, usual, backwards(attributes.direction).length);
    const operands = { X, W, R, B, lengths: sequence_lens, initial: [initial_h] };
    return unroll(operands, 1, attributes, (stored, direction) => {
      const [f] = activations[direction]!;
      const { R: matrix, inputBias, recurrentBias } = stored;
      return {
        bias: inputBias?.add(recurrentBias!),
        step: (projected, [h]) => [f!(projected.add(tf.matMul(h as tf.Tensor2D, matrix, false, true)))],
      };
    });
  },
  gradient: 'yes',
  examples: [
    {
      inputs: [
        [3, 2, 4],
        [1, 5, 4],
        [1, 5, 5],
        [1, 10],
      ],
      attributes: { hidden_size: 5 },
      outputs: 2,
    },
    {
      inputs: [[3, 2, 4], [2, 2, 4], [2, 2, 2], null, { ints: [2, 3], type: 'int32' }, [2, 2, 2]],
      attributes: {
        hidden_size: 2,
        direction: 'bidirectional',
        activations: { strings: ['Affine', 'ScaledTanh'] },
        activation_alpha: { floats: [0.5, 0.8] },
        activation_beta: { floats: [0.1, 1.2] },
      },
      outputs: 2,
    },
    {
      inputs: [
        [3, 2, 4],
        [1, 2, 4],
        [1, 2, 2],
      ],
      attributes: { hidden_size: 2, direction: 'reverse', activations: { strings: ['Softsign'] } },
      opset: 7,
      outputs: 2,
    },
  ],
});
