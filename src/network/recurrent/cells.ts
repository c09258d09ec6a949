/** One step of each recurrent cell. */
import * as tf from '@tensorflow/tfjs';
import type { Activation } from './activations.js';
import type { Cell, Stored } from './unroll.js';

/** H = f(X W' + H R' + biases). */
export function simpleCell({ R, inputBias, recurrentBias }: Stored, functions: Activation[]): Cell {
  const [f] = functions as [Activation];
  return {
    bias: inputBias?.add(recurrentBias!),
    step: (projected, [h]) => [f(projected.add(times(h!, R)))],
  };
}

/**
 * Hochreiter and Schmidhuber, 1997, with the peepholes of Gers and Schmidhuber, 2000. Gates in the order input, output, forget, cell; peepholes in the order input, output, forget.
 */
export function lstmCell(
  { R, inputBias, recurrentBias, P }: Stored,
  functions: Activation[],
  coupled: boolean,
): Cell {
  const [f, g, h] = functions as [Activation, Activation, Activation];
  const [peepInput, peepOutput, peepForget] = P ? tf.split(P, 3) : [];
  const look = (z: tf.Tensor, at: tf.Tensor, peephole: tf.Tensor | undefined) =>
    peephole ? z.add(at.mul(peephole)) : z;
  return {
    bias: inputBias?.add(recurrentBias!),
    step(projected, [hidden, memory]) {
      const all = projected.add(times(hidden!, R));
      const [zInput, zOutput, zForget, zCell] = tf.split(all, 4, 1);
      const input = f(look(zInput!, memory!, peepInput));
      const forget = coupled ? tf.sub(1, input) : f(look(zForget!, memory!, peepForget));
      const next = forget.mul(memory!).add(input.mul(g(zCell!)));
      const output = f(look(zOutput!, next, peepOutput));
      return [output.mul(h(next)), next];
    },
  };
}

/**
 * GRU (Cho et al., arXiv:1406.1078): the hidden gate sees the reset state. Gates in the order update, reset, hidden, here and
 * below.
 */
export function resetBefore({ R, inputBias, recurrentBias }: Stored, functions: Activation[]): Cell {
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

/** The form of cuDNN, PyTorch and newer Keras: the reset is applied to what the hidden gate makes of the state. */
export function resetAfter({ R, inputBias, recurrentBias }: Stored, functions: Activation[]): Cell {
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
