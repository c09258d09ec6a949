/**
 * Layers whose state a file carries from call to call (ONNX: CausalConvWithState, LinearAttention). onnxruntime 1.30 does
 * not run them yet: importing refuses their opset.
 */
import * as tf from '@tensorflow/tfjs';
import { conv } from '../../compile/kernels/conv.js';
import { float, int, string } from '../attributes.js';
import { defineOperator, UnsupportedForm } from '../operator.js';
import { entries } from '../recurrent/unroll.js';

/**
 * output[b, c, t] = activation(bias[c] + sum over k of weight[c, 0, k] seen[b, c, t + k]), where `seen` is the input [batch,
 * channels, steps] behind past_state, so that a step sees itself and those before; present_state = the last kernel - 1 steps
 * of `seen`.
 */
export const CausalConvWithState = defineOperator({
  type: 'CausalConvWithState',
  since: [27],
  inputs: ['input', 'weight', 'bias?', 'past_state?'],
  roles: { weight: 'unmapped', bias: 'bias' },
  attributes: { activation: string('none', { only: ['none', 'silu', 'swish'] }) },
  outputs: 2,
  evaluate({ input, weight, bias, past_state }, { activation }) {
    const [batch = 0, channels = 0, steps = 0] = input.shape;
    const kernel = weight.shape[2] ?? 0;
    const kept = [batch, channels, kernel - 1];
    if (input.rank !== 3 || weight.shape.join() !== [channels, 1, kernel].join() || kernel < 1)
      throw new UnsupportedForm(`input [${input.shape}] does not fit filter [${weight.shape}]`);
    checkShapes({ past_state: [past_state, kept] });
    const seen = kernel === 1 ? input : tf.concat([past_state ?? tf.zeros(kept), input], 2);
    const sums = conv(seen, weight, { strides: [1], pads: [0, 0], dilations: [1], group: channels });
    const y = bias ? sums.add(bias.reshape([channels, 1])) : sums;
    return [
      activation === 'none' ? y : y.mul(y.sigmoid()),
      seen.slice([0, 0, steps], kept as [number, number, number]),
    ];
  },
  gradient: 'yes',
});

const gated = ['gated', 'gated_delta'];
const corrected = ['delta', 'gated_delta'];

/**
 * Attention without a softmax, as a recurrence over a state S [keys, values] of each head: S = exp(decay) S + k v' (`delta`:
 * S = S + beta k (v - S' k)'), and a query reads output = scale q' S. Computed in the order of the steps, as specified.
 */
export const LinearAttention = defineOperator({
  type: 'LinearAttention',
  since: [27],
  inputs: ['query', 'key', 'value', 'past_state?', 'decay?', 'beta?'],
  attributes: {
    q_num_heads: int(0, { required: true }),
    kv_num_heads: int(0, { required: true }),
    scale: float(0),
    update_rule: string('gated_delta', { only: ['linear', 'gated', 'delta', 'gated_delta'] }),
    // How implementations cut the sequence.
    chunk_size: int(64),
  },
  elementTypes: (of) => [of('query'), of('past_state') ?? of('query')],
  outputs: 2,
  evaluate({ query, key, value, past_state, decay, beta }, attributes) {
    const { q_num_heads: heads, kv_num_heads: keyHeads, scale, update_rule: rule } = attributes;
    if (gated.includes(rule) !== (decay !== undefined) || corrected.includes(rule) !== (beta !== undefined))
      throw new UnsupportedForm(
        `update_rule "${rule}" ${decay ? 'with' : 'without'} decay and ${beta ? 'with' : 'without'} beta`,
      );
    if (heads < 1 || keyHeads < 1 || heads % keyHeads !== 0)
      throw new UnsupportedForm(`${heads} heads of queries for ${keyHeads} of keys`);
    const [queries, keys, values] = [byStep(query, heads), byStep(key, keyHeads), byStep(value, keyHeads)];
    const [batch = 0, steps = 0, width = 0] = query.shape;
    const [keySize, valueSize] = [width / heads, value.shape[2]! / keyHeads];
    checkShapes({
      key: [key, [batch, steps, keyHeads * keySize]],
      value: [value, [batch, steps, keyHeads * valueSize]],
      past_state: [past_state, [batch, keyHeads, keySize, valueSize]],
    });
    const [fades, rates] = [
      decay && byStep(decay, keyHeads).map((g) => g.exp().expandDims(3)),
      beta && byStep(beta, beta.shape[2] === 1 ? 1 : keyHeads).map((rate) => rate.expandDims(3)),
    ];
    const factor = scale === 0 ? 1 / Math.sqrt(keySize) : scale;
    let state = past_state ?? tf.zeros([batch, keyHeads, keySize, valueSize]);
    const outputs = queries.map((q, t) => {
      const [k, v] = [keys[t]!, values[t]!.expandDims(2)];
      if (fades) state = state.mul(fades[t]!);
      const change = rates ? v.sub(tf.matMul(k.expandDims(2), state)).mul(rates[t]!) : v;
      state = state.add(k.expandDims(3).mul(change));
      const read = tf.matMul(q.mul(factor).reshape([batch, keyHeads, heads / keyHeads, keySize]), state);
      return read.reshape([batch, heads * valueSize]);
    });
    const y = steps === 0 ? tf.zeros([batch, 0, heads * valueSize]) : tf.stack(outputs, 1);
    return [y, state];
  },
  gradient: 'yes',
});

/** [batch, steps, heads * size] as [batch, heads, size] for each step. */
function byStep(x: tf.Tensor, heads: number): tf.Tensor[] {
  const [batch = 0, steps = 0, width = 0] = x.shape;
  if (x.rank !== 3 || width % heads !== 0)
    throw new UnsupportedForm(`an operand [${x.shape}] of ${heads} heads`);
  return steps === 0 ? [] : entries(x.reshape([batch, steps, heads, width / heads]).transpose([1, 0, 2, 3]));
}

function checkShapes(operands: Record<string, [tf.Tensor | undefined, readonly number[]]>): void {
  for (const [name, [x, shape]] of Object.entries(operands))
    if (x && x.shape.join() !== shape.join())
      throw new UnsupportedForm(`${name} is [${x.shape}] where [${shape}] belongs`);
}
