/** Which keys a query of Attention attends, and the softmax over them. */
import * as tf from '@tensorflow/tfjs';
import { fitting } from './broadcast.js';
import { positions } from './extents.js';
import { UnsupportedForm } from './operator.js';
import { withoutGradient } from './withoutGradient.js';

export interface Masking {
  /** Truth values, or numbers that are added to the scores; broadcast. */
  readonly mask: tf.Tensor | undefined;
  /** Whether the mask may have fewer keys (opset 24): those it lacks are not attended. */
  readonly partial: boolean;
  /** How many keys of each example are no padding, [batch]. */
  readonly lengths: tf.Tensor | undefined;
  /** How many keys come from the past. */
  readonly past: number | undefined;
  /** No query attends keys behind its own place. */
  readonly causal: boolean;
  /** How far from its own place a query attends keys, -1 for any distance. */
  readonly left: number;
  readonly right: number;
}

/** The scores [batch, heads, queries, keys] with -Infinity where a key is not attended; themselves if there is no mask. */
export function masked(scores: tf.Tensor, masking: Masking): tf.Tensor {
  const { mask, lengths, past } = masking;
  if (lengths && past !== undefined) throw new UnsupportedForm('both nonpad_kv_seqlen and past keys');
  const [batch, , queries, keys] = scores.shape as [number, number, number, number];
  const numeric = mask?.dtype === 'int32' ? mask.cast('float32') : mask;
  const whole = numeric && masking.partial ? padded(numeric, keys) : numeric;
  const added = whole && whole.dtype !== 'bool' ? scores.add(fitting(whole, scores)) : scores;
  const places = tf.tensor2d(positions(keys), [1, keys], 'int32');
  const allowed = [
    ...(whole?.dtype === 'bool' ? [fitting(whole, scores)] : []),
    ...(lengths ? [places.less(lengths.cast('int32').reshape([batch, 1, 1, 1]))] : []),
    ...near(masking, places, queries),
  ];
  if (allowed.length === 0) return added;
  const attended = allowed.reduce((a, b) => a.logicalAnd(b));
  return tf.where(attended, added, tf.fill(scores.shape, Number.NEGATIVE_INFINITY));
}

/** The conditions on the distance between a query's own place and a key. */
function near(
  { lengths, past, causal, left, right }: Masking,
  places: tf.Tensor,
  queries: number,
): tf.Tensor[] {
  const steps = tf.tensor2d(positions(queries), [queries, 1], 'int32');
  // The queries are the last of the keys that are known: of the past ones and theirs, or of those that are no padding.
  const own = lengths
    ? lengths.cast('int32').reshape([-1, 1, 1, 1]).sub(tf.scalar(queries, 'int32')).add(steps)
    : steps.add(tf.scalar(past ?? 0, 'int32'));
  const reach = causal ? 0 : right;
  return [
    ...(causal || right >= 0 ? [places.lessEqual(own.add(tf.scalar(reach, 'int32')))] : []),
    ...(left >= 0 ? [places.greaterEqual(own.sub(tf.scalar(left, 'int32')))] : []),
  ];
}

function padded(mask: tf.Tensor, keys: number): tf.Tensor {
  const missing = keys - (mask.shape.at(-1) ?? keys);
  if (missing <= 0) return mask;
  const shape = [...mask.shape.slice(0, -1), missing];
  const nothing = mask.dtype === 'bool' ? tf.zeros(shape, 'bool') : tf.fill(shape, Number.NEGATIVE_INFINITY);
  return tf.concat([mask, nothing], -1);
}

const isDead = withoutGradient((x) => x.max(-1, true).equal(Number.NEGATIVE_INFINITY));

/** Softmax along the last axis; 0 where all of a row is -Infinity. */
export function softmaxOrZero(x: tf.Tensor): tf.Tensor {
  const dead = isDead(x);
  const none = tf.zerosLike(x);
  return tf.where(dead, none, tf.softmax(tf.where(dead, none, x)));
}
