/**
 * Scaled dot-product attention (Vaswani et al., arXiv:1706.03762) and rotary embeddings (Su et al., arXiv:2104.09864), as in
 * ONNX: Attention, RotaryEmbedding.
 */
import * as tf from '@tensorflow/tfjs';
import { type Masking, masked, softmaxOrZero } from '../attentionMask.js';
import { float, int } from '../attributes.js';
import { defineOperator, UnsupportedForm } from '../operator.js';
import { softmaxType } from '../stashType.js';

const window = int(-1, { since: 25 });

/**
 * Y = softmax(softcap tanh(scale Q K' / softcap) + mask) V for each head; softcap 0 leaves the scores as they are, scale is
 * 1 / sqrt(size) by default, and past keys and values go before K and V.
 * Q [batch, heads, queries, size], K [batch, key heads, keys, size], V [batch, key heads, keys, width], where several heads
 * of queries may share one of keys; or each [batch, steps, heads * size].
 */
export const Attention = defineOperator({
  type: 'Attention',
  since: [23, 24, 25],
  inputs: ['Q', 'K', 'V', 'attn_mask?', 'past_key?', 'past_value?', 'nonpad_kv_seqlen?'],
  attributes: {
    is_causal: int(0),
    kv_num_heads: int(),
    q_num_heads: int(),
    qk_matmul_output_mode: int(0, { only: [0, 1, 2, 3] }),
    scale: float(),
    softcap: float(0),
    softmax_precision: softmaxType(23),
    left_window_size: window,
    right_window_size: window,
  },
  elementTypes: (of) => [of('Q'), of('K'), of('V'), of('Q')],
  outputs: 4,
  evaluate({ Q, K, V, attn_mask, past_key, past_value, nonpad_kv_seqlen }, attributes, at) {
    const { q_num_heads, kv_num_heads, softcap, qk_matmul_output_mode: mode } = attributes;
    if (Q.rank !== K.rank || Q.rank !== V.rank || (past_key === undefined) !== (past_value === undefined))
      throw new UnsupportedForm(
        'queries, keys and values, or past keys and values, that do not belong together',
      );
    const q = byHead(Q, q_num_heads);
    const key = joined(past_key, byHead(K, kv_num_heads));
    const value = joined(past_value, byHead(V, kv_num_heads));
    const [batch, heads, queries, size] = q.shape as [number, number, number, number];
    const [, keyHeads, keys] = key.shape as [number, number, number, number];
    checkShapes(q, key, value);
    // The queries of all heads that share a key are rows of one matrix.
    const rows = (heads / keyHeads) * queries;
    const grouped = (x: tf.Tensor) => x.reshape([batch, keyHeads, rows, x.shape[3]!]);
    const scale = attributes.scale ?? 1 / Math.sqrt(size);
    const all = [batch, heads, queries, keys];
    const scores = tf.matMul(grouped(q.mul(scale)), key, false, true).reshape(all);
    const capped = softcap > 0 ? scores.div(softcap).tanh().mul(softcap) : scores;
    const masking: Masking = {
      mask: attn_mask,
      partial: at.opset >= 24,
      lengths: nonpad_kv_seqlen,
      past: past_key?.shape[2],
      causal: attributes.is_causal !== 0,
      left: attributes.left_window_size,
      right: attributes.right_window_size,
    };
    const biased = masked(capped, masking);
    const shares = biased === capped ? tf.softmax(capped) : softmaxOrZero(biased);
    const width = value.shape[3]!;
    const y = tf.matMul(grouped(shares), value).reshape([batch, heads, queries, width]);
    const merged = Q.rank === 4 ? y : y.transpose([0, 2, 1, 3]).reshape([batch, queries, heads * width]);
    const shown = [scores, capped, biased, shares][mode]!;
    return [merged, key, value, shown];
  },
  gradient: 'yes',
});

/** [batch, steps, heads * size] as [batch, heads, steps, size]. */
function byHead(x: tf.Tensor, heads: number | undefined): tf.Tensor {
  if (x.rank === 4) return x;
  const [batch = 0, steps = 0, width = 0] = x.shape;
  if (x.rank !== 3 || !heads || width % heads !== 0)
    throw new UnsupportedForm(`an operand [${x.shape}] of ${heads ?? 'no given number of'} heads`);
  return x.reshape([batch, steps, heads, width / heads]).transpose([0, 2, 1, 3]);
}

function joined(past: tf.Tensor | undefined, x: tf.Tensor): tf.Tensor {
  return past ? tf.concat([past, x], 2) : x;
}

function checkShapes(q: tf.Tensor, key: tf.Tensor, value: tf.Tensor): void {
  const fits =
    q.shape[0] === key.shape[0] &&
    q.shape[3] === key.shape[3] &&
    q.shape[1]! % key.shape[1]! === 0 &&
    key.shape.slice(0, 3).join() === value.shape.slice(0, 3).join();
  if (!fits)
    throw new UnsupportedForm(
      `queries [${q.shape}], keys [${key.shape}] and values [${value.shape}] do not fit`,
    );
}

/**
 * Pairs of features (a, b) turn by angles of which the cosines and sines are given, at each position:
 * Y = (a cos - b sin, a sin + b cos).
 */
export const RotaryEmbedding = defineOperator({
  type: 'RotaryEmbedding',
  since: [23],
  inputs: ['X', 'cos_cache', 'sin_cache', 'position_ids?'],
  attributes: { interleaved: int(0), num_heads: int(), rotary_embedding_dim: int(0) },
  evaluate({ X, cos_cache, sin_cache, position_ids }, { interleaved, num_heads, rotary_embedding_dim }) {
    const x = byHead(X, num_heads);
    const [batch, , steps, size] = x.shape as [number, number, number, number];
    const turned = rotary_embedding_dim || size;
    const half = turned / 2;
    const angles = (cache: tf.Tensor) => {
      if (cache.shape.at(-1) !== half || cache.rank !== (position_ids ? 2 : 3))
        throw new UnsupportedForm(`a cache [${cache.shape}] for ${half} pairs of features`);
      const rows = position_ids
        ? tf.gather(cache, position_ids.flatten().cast('int32') as tf.Tensor1D)
        : cache;
      return rows.reshape([batch, 1, steps, half]);
    };
    const [head, rest] = turned === size ? [x] : tf.split(x, [turned, size - turned], 3);
    const [a, b] = interleaved
      ? tf.split(head!.reshape([...x.shape.slice(0, 3), half, 2]), 2, 4).map((one) => one.squeeze([4]))
      : tf.split(head!, 2, 3);
    const [cosine, sine] = [angles(cos_cache), angles(sin_cache)];
    const [real, imaginary] = [a!.mul(cosine).sub(b!.mul(sine)), a!.mul(sine).add(b!.mul(cosine))];
    const pairs = interleaved
      ? tf.stack([real, imaginary], 4).reshape(head!.shape)
      : tf.concat([real, imaginary], 3);
    const y = rest ? tf.concat([pairs, rest], 3) : pairs;
    return X.rank === 3 ? y.transpose([0, 2, 1, 3]).reshape(X.shape) : y;
  },
  gradient: 'yes',
});
