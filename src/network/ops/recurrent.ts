/**
 * Recurrent layers (ONNX: RNN, LSTM, GRU), unrolled over the sequence: state t = cell(X[t], state t - 1), Y[t] = the hidden
 * state.
 * X [steps, batch, inputs], W [directions, gates * hidden, inputs], R [directions, gates * hidden, hidden]; the equations of
 * the cells are in recurrent/cells.ts.
 */
import { elementOf } from '../../lists/elementOf.js';
import { int } from '../attributes.js';
import { defineOperator, type ParameterRole } from '../operator.js';
import { activationAttributes, readActivations } from '../recurrent/activations.js';
import { lstmCell, resetAfter, resetBefore, simpleCell } from '../recurrent/cells.js';
import { directionsOf, sequenceAttributes, unroll } from '../recurrent/unroll.js';

/** src/mapping places none of them on a crossbar. */
const roles = { W: 'unmapped', R: 'unmapped', B: 'bias' } as const satisfies Record<string, ParameterRole>;
const attributes = { ...activationAttributes, ...sequenceAttributes };

const rnnFunctions = ['Tanh'];

/** H = f(X W' + H R' + Wb + Rb) */
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
    return unroll(operands, 1, given, (stored, d) =>
      simpleCell(stored, elementOf(functions, d, 'direction')),
    );
  },
  gradient: 'yes',
});

const lstmFunctions = ['Sigmoid', 'Tanh', 'Tanh'];

/**
 * input, output, forget = f(X W' + H R' + P C + Wb + Rb), each of its own rows; C = forget C + input g(X W' + H R' + Wb +
 * Rb); H = output h(C).
 */
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
      lstmCell(stored, elementOf(functions, d, 'direction'), given.input_forget !== 0),
    );
  },
  gradient: 'yes',
});

const gruFunctions = ['Sigmoid', 'Tanh'];

/**
 * update, reset = f(X W' + H R' + Wb + Rb), each of its own rows; H = (1 - update) g(X W' + (reset H) R' + Wb + Rb) + update
 * H; linear_before_reset: reset (H R' + Rb) in place of (reset H) R' + Rb.
 */
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
    return unroll(operands, 3, given, (stored, d) => cell(stored, elementOf(functions, d, 'direction')));
  },
  gradient: 'yes',
});
