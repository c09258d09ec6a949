/** Recurrent layers, unrolled over the sequence. */
import { int } from '../attributes.js';
import { defineOperator, type Role } from '../operator.js';
import { activationAttributes, readActivations } from '../recurrent/activations.js';
import { lstmCell, resetAfter, resetBefore, simpleCell } from '../recurrent/cells.js';
import { directionsOf, sequenceAttributes, unroll } from '../recurrent/unroll.js';

/** src/mapping places none of them on a crossbar. */
const roles = { W: 'unmapped', R: 'unmapped', B: 'bias' } as const satisfies Record<string, Role>;
const attributes = { ...activationAttributes, ...sequenceAttributes };

const rnnFunctions = ['Tanh'];

export const RNN = defineOperator({
  type: 'RNN',
  since: [1, 7, 14, 22],
  inputs: ['X', 'W', 'R', 'B?', 'sequence_lens?', 'initial_h?'],
  roles,
  attributes,
  outputs: 2,
  check: (given) => readActivations(given, rnnFunctions, directionsOf(given.direction)).problems,
  evaluate({ X, W, R, B, sequence_lens, initial_h }, given) {
    const functions = readActivations(given, rnnFunctions, directionsOf(given.direction)).activations;
    const operands = { X, W, R, B, lengths: sequence_lens, initial: [initial_h] };
    return unroll(operands, 1, given, (stored, d) => simpleCell(stored, functions[d]!));
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
      inputs: [
        [2, 2, 4],
        [1, 3, 4],
        [1, 3, 3],
      ],
      attributes: { hidden_size: 3, activations: { strings: ['Softsign'] } },
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

const lstmFunctions = ['Sigmoid', 'Tanh', 'Tanh'];

export const LSTM = defineOperator({
  type: 'LSTM',
  since: [1, 7, 14, 22],
  inputs: ['X', 'W', 'R', 'B?', 'sequence_lens?', 'initial_h?', 'initial_c?', 'P?'],
  roles: { ...roles, P: 'scale' },
  attributes: { ...attributes, input_forget: int(0) },
  outputs: 3,
  check: (given) => readActivations(given, lstmFunctions, directionsOf(given.direction)).problems,
  evaluate({ X, W, R, B, sequence_lens, initial_h, initial_c, P }, given) {
    const functions = readActivations(given, lstmFunctions, directionsOf(given.direction)).activations;
    const operands = { X, W, R, B, P, lengths: sequence_lens, initial: [initial_h, initial_c] };
    return unroll(operands, 4, given, (stored, d) =>
      lstmCell(stored, functions[d]!, given.input_forget !== 0),
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
      attributes: { hidden_size: 2, direction: 'reverse', input_forget: 1, clip: { float: 0.8 } },
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

const gruFunctions = ['Sigmoid', 'Tanh'];

export const GRU = defineOperator({
  type: 'GRU',
  since: [1, 3, 7, 14, 22],
  inputs: ['X', 'W', 'R', 'B?', 'sequence_lens?', 'initial_h?'],
  roles,
  attributes: {
    ...attributes,
    linear_before_reset: int(0, { since: 3 }),
  },
  outputs: 2,
  check: (given) => readActivations(given, gruFunctions, directionsOf(given.direction)).problems,
  evaluate({ X, W, R, B, sequence_lens, initial_h }, given) {
    const functions = readActivations(given, gruFunctions, directionsOf(given.direction)).activations;
    const operands = { X, W, R, B, lengths: sequence_lens, initial: [initial_h] };
    const cell = given.linear_before_reset !== 0 ? resetAfter : resetBefore;
    return unroll(operands, 3, given, (stored, d) => cell(stored, functions[d]!));
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
