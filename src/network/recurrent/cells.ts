/** One step of each recurrent cell. */

import * as tf from '@tensorflow/tfjs';
import { elementOf } from '../../lists/elementOf.js';
import type { Activation } from './activations.js';
import type { Cell, StoredDirection } from './unroll.js';

/** H = f(X W' + H R' + biases). */
export function simpleCell({ R, biases }: StoredDirection, functions: Activation[]): Cell {
  const [f] = functions as [Activation];
  return {
    bias: biases?.input.add(biases.recurrent),
    step: (projected, [h]) => [f(projected.add(times(h, R)))],
  };
}

/**
 * Hochreiter and Schmidhuber, 1997, with the peepholes of Gers and Schmidhuber, 2000. Gates in the order input, output, forget, cell; peepholes in the order input, output, forget.
 */
export function lstmCell({ R, biases, P }: StoredDirection, functions: Activation[], coupled: boolean): Cell {
  const [f, g, h] = functions as [Activation, Activation, Activation];
  const hidden = R.shape[1];
  const gates = [hidden, hidden, hidden, hidden] as const;
  const [peepInput, peepOutput, peepForget] = P ? tf.split(P, 3) : [];
  const look = (z: tf.Tensor, at: tf.Tensor, peephole: tf.Tensor | undefined) =>
    peephole ? z.add(at.mul(peephole)) : z;
  return {
    bias: biases?.input.add(biases.recurrent),
    step(projected, state) {
      const [before, memory] = [state[0], elementOf(state, 1, 'state')];
      const [zInput, zOutput, zForget, zCell] = columns(projected.add(times(before, R)), gates);
      const input = f(look(zInput, memory, peepInput));
      const forget = coupled ? tf.sub(1, input) : f(look(zForget, memory, peepForget));
      const next = forget.mul(memory).add(input.mul(g(zCell)));
      const output = f(look(zOutput, next, peepOutput));
      return [output.mul(h(next)), next];
    },
  };
}

/**
 * GRU (Cho et al., arXiv:1406.1078): the hidden gate sees the reset state. Gates in the order update, reset, hidden, here and
 * below.
 */
export function resetBefore({ R, biases }: StoredDirection, functions: Activation[]): Cell {
  const [f, g] = functions as [Activation, Activation];
  const hidden = R.shape[1];
  const [gateRows, hiddenRows] = tf.split(R, [2 * hidden, hidden]) as [tf.Tensor2D, tf.Tensor2D];
  return {
    bias: biases?.input.add(biases.recurrent),
    step(projected, [h]) {
      const [gates, candidate] = columns(projected, [2 * hidden, hidden]);
      const [update, reset] = columns(f(gates.add(times(h, gateRows))), [hidden, hidden]);
      return [mix(update, g(candidate.add(times(reset.mul(h), hiddenRows))), h)];
    },
  };
}

/** The form of cuDNN, PyTorch and newer Keras: the reset is applied to what the hidden gate makes of the state. */
export function resetAfter({ R, biases }: StoredDirection, functions: Activation[]): Cell {
  const [f, g] = functions as [Activation, Activation];
  const hidden = R.shape[1];
  return {
    bias: biases?.input,
    step(projected, [h]) {
      const recurrent = biases ? times(h, R).add(biases.recurrent) : times(h, R);
      const [gates, candidate] = columns(projected, [2 * hidden, hidden]);
      const [toGates, toCandidate] = columns(recurrent, [2 * hidden, hidden]);
      const [update, reset] = columns(f(gates.add(toGates)), [hidden, hidden]);
      return [mix(update, g(candidate.add(reset.mul(toCandidate))), h)];
    },
  };
}

/** x [batch, ...] in parts that are so many columns wide. */
function columns<const Widths extends readonly number[]>(x: tf.Tensor, widths: Widths) {
  return tf.split(x, [...widths], 1) as { [Part in keyof Widths]: tf.Tensor };
}

function times(h: tf.Tensor, rows: tf.Tensor2D): tf.Tensor {
  return tf.matMul(h as tf.Tensor2D, rows, false, true);
}

/** (1 - update) candidate + update h. */
function mix(update: tf.Tensor, candidate: tf.Tensor, h: tf.Tensor): tf.Tensor {
  return tf.sub(1, update).mul(candidate).add(update.mul(h));
}
