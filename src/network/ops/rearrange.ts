/** Operators that move blocks of n x n pixels into channels and back (ONNX: DepthToSpace, SpaceToDepth). */
import type * as tf from '@tensorflow/tfjs';
import { int, string } from '../attributes.js';
import { defineOperator, type Refusal, UnsupportedForm } from '../operator.js';

/**
 * output[b, c, h * n + i, w * n + j] = input[b, (i * n + j) * C + c, h, w] with C channels of the result; mode CRD: from the
 * channel c * n * n + i * n + j.
 */
export const DepthToSpace = defineOperator({
  type: 'DepthToSpace',
  since: [1, 11, 13],
  inputs: ['input'],
  attributes: {
    blocksize: int(1, { required: true }),
    // Whether a channel's index begins with the place in the block (DCR) or with the channel of the result (CRD).
    mode: string('DCR', { since: 11, only: ['DCR', 'CRD'] }),
  },
  check: blockRefusals,
  evaluate({ input }, { blocksize: n, mode }) {
    const [batch, channels, height, width] = imageShape(input);
    if (channels % (n * n) !== 0)
      throw new UnsupportedForm(`${channels} channels do not make blocks of ${n} x ${n}`);
    const left = channels / (n * n);
    const blocks =
      mode === 'DCR'
        ? input.reshape([batch, n, n, left, height, width]).transpose([0, 3, 4, 1, 5, 2])
        : input.reshape([batch, left, n, n, height, width]).transpose([0, 1, 4, 2, 5, 3]);
    return blocks.reshape([batch, left, height * n, width * n]);
  },
  gradient: 'yes',
});

/** output[b, (i * n + j) * C + c, h, w] = input[b, c, h * n + i, w * n + j] with C channels of the input. */
export const SpaceToDepth = defineOperator({
  type: 'SpaceToDepth',
  since: [1, 13],
  inputs: ['input'],
  attributes: { blocksize: int(1, { required: true }) },
  check: blockRefusals,
  evaluate({ input }, { blocksize: n }) {
    const [batch, channels, height, width] = imageShape(input);
    if (height % n !== 0 || width % n !== 0)
      throw new UnsupportedForm(`${height} x ${width} pixels do not make blocks of ${n} x ${n}`);
    return input
      .reshape([batch, channels, height / n, n, width / n, n])
      .transpose([0, 3, 5, 1, 2, 4])
      .reshape([batch, channels * n * n, height / n, width / n]);
  },
  gradient: 'yes',
});

function blockRefusals({ blocksize }: { blocksize: number }): Refusal[] {
  return blocksize >= 1 ? [] : [{ what: `blocksize ${blocksize}` }];
}

function imageShape(x: tf.Tensor): [number, number, number, number] {
  if (x.rank !== 4) throw new UnsupportedForm(`an input of rank ${x.rank}`, 'an image has rank 4');
  return x.shape as [number, number, number, number];
}
