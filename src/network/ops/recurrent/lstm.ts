/** LSTM (Hochreiter and Schmidhuber, 1997), with the peepholes of Gers and Schmidhuber, 2000. */
import * as tf from '@tensorflow/tfjs';
import { int } from '../../attributes.js';
import { defineOperator } from '../../operator.js';
import { type Activation, activationAttributes, readActivations } from './activations.js';
import { backwards, type Cell, matrices, type Stored, sequenceAttributes, unroll } from './unroll.js';

const usual = ['Sigmoid', 'Tanh', 'Tanh'];

export const LSTM = defineOperator({
  type: 'LSTM',
  since: [1, 7, 14, 22],
  inputs: ['X', 'W', 'R', 'B?', 'sequence_lens?', 'initial_h?', 'initial_c?', 'P?'],
  roles: { ...matrices, P: 'scale' },
  attributes: { ...activationAttributes, ...sequenceAttributes, input_forget: int(0) },
  outputs: 3,
  check: (attributes) => readActivations(attributes, usual, backwards(attributes.direction).length).problems,
  evaluate({ X, W, R, B, sequence_lens, initial_h, initial_c, P }, attributes) {
    const { activations } = readActivations(attributes, usual, backwards(attributes.direction).length);
    const operands = { X, W, R, B, P, lengths: sequence_lens, initial: [initial_h, initial_c] };
    return unroll(operands, 4, attributes, (stored, direction) =>
      cell(stored, activations[direction]!, attributes.input_forget !== 0),
    );
  },
  gradient: 'yes',
  examples: [
    {
      inputs: [
        [3, 2, 4],
        [1, 12, 4],
        [1, 12, 3],
        [1, 24],
      ],
      attributes: { hidden_size: 3 },
      outputs: 3,
    },
    {
      inputs: [
        [3, 2, 4],
        [2, 8, 4],
        [2, 8, 2],
        [2, 16],
        { ints: [2, 3], type: 'int32' },
        [2, 2, 2],
        [2, 2, 2],
        [2, 6],
      ],
      attributes: { hidden_size: 2, direction: 'bidirectional' },
      opset: 14,
      outputs: 3,
    },
    {
      inputs: [
        [3, 2, 4],
        [1, 8, 4],
        [1, 8, 2],
        [1, 16],
      ],
      attributes: { hidden_size: 2, direction: 'reverse', input_forget: 1, clip: { float: 1.5 } },
      opset: 7,
      outputs: 3,
    },
    {
      inputs: [
        [3, 2, 4],
        [1, 8, 4],
        [1, 8, 2],
      ],
      attributes: {
        hidden_size: 2,
        activations: { strings: ['HardSigmoid', 'Elu', 'Softplus'] },
        activation_alpha: { floats: [0.3] },
        activation_beta: { floats: [0.4] },
      },
      outputs: 3,
    },
  ],
});

/** Gates in the order input, output, forget, cell; peepholes in the order input, output, forget. */
function cell({ R, inputBias, recurrentBias, P }: Stored, functions: Activation[], coupled: boolean): Cell {
  const [f, g, h] = functions as [Activation, Activation, Activation];
  const [peepInput, peepOutput, peepForget] = P ? tf.split(P, 3) : [];
  const look = (z: tf.Tensor, at: tf.Tensor, peephole: tf.Tensor | undefined) =>
    peephole ? z.add(at.mul(peephole)) : z;
  return {
    bias: inputBias?.add(recurrentBias!),
    step(projected, [hidden, memory]) {
      const all = projected.add(tf.matMul(hidden as tf.Tensor2D, R, false, true));
      const [zInput, zOutput, zForget, zCell] = tf.split(all, 4, 1);
      const input = f(look(zInput!, memory!, peepInput));
      const forget = coupled ? tf.sub(1, input) : f(look(zForget!, memory!, peepForget));
      const next = forget.mul(memory!).add(input.mul(g(zCell!)));
      const output = f(look(zOutput!, next, peepOutput));
      return [output.mul(h(next)), next];
    },
  };
}
