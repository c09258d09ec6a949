/**
 * Discrete Fourier transforms, as products with matrices of cosines and sines: y[k] = sum over n of x[n] exp(-2 pi j k n / N)
 * (ONNX operator specification). Real and imaginary part are the last axis.
 */
import * as tf from '@tensorflow/tfjs';
import { int } from '../../attributes.js';
import { axisOf, integer } from '../../axes.js';
import { defineOperator, UnsupportedForm } from '../../operator.js';

/** Entries of the largest matrix that is built. */
const largestMatrix = 2 ** 24;

interface Transform {
  /** Samples of the whole signal. */
  length: number;
  inverse: boolean;
  onesided: boolean;
}

/** What a transform does to one signal: [inputs, parts] to [outputs, outParts]. */
function matrixOf({ length, inverse, onesided }: Transform, parts: number) {
  const bins = Math.floor(length / 2) + 1;
  const half = onesided ? bins : length;
  const [inputs, outputs] = inverse ? [half, length] : [length, half];
  const outParts = inverse && onesided ? 1 : 2;
  const entries = inputs * parts * outputs * outParts;
  if (!(length > 0 && entries <= largestMatrix))
    throw new UnsupportedForm(
      `a Fourier transform of ${length} samples`,
      `understood: matrices of up to ${largestMatrix} entries`,
    );
  const values = new Float32Array(entries);
  for (let i = 0; i < inputs; i++)
    for (let o = 0; o < outputs; o++) {
      // The product modulo the length keeps the angle exact.
      const angle = ((inverse ? 2 : -2) * Math.PI * ((i * o) % length)) / length;
      // Each bin of half a spectrum stands for itself and its mirror image, but for those that are their own.
      const mirrored = outParts === 1 && i > 0 && 2 * i !== length ? 2 : 1;
      const weight = inverse ? mirrored / length : 1;
      const [cos, sin] = [weight * Math.cos(angle), weight * Math.sin(angle)];
      const put = (part: number, outPart: number, value: number) => {
        if (part < parts && outPart < outParts)
          values[((i * parts + part) * outputs + o) * outParts + outPart] = value;
      };
      put(0, 0, cos);
      put(0, 1, sin);
      put(1, 0, -sin);
      put(1, 1, cos);
    }
  return { inputs, outputs, outParts, matrix: tf.tensor2d(values, [inputs * parts, outputs * outParts]) };
}

/** Along the last axis but one of x [..., samples, parts]; samples are cut or filled up with zeros. */
function transform(x: tf.Tensor, how: Transform): tf.Tensor {
  const [samples, parts] = [x.shape.at(-2)!, x.shape.at(-1)!];
  if (parts !== 1 && parts !== 2) throw new UnsupportedForm(`a last axis of ${parts}, where 1 or 2 belong`);
  const { inputs, outputs, outParts, matrix } = matrixOf(how, parts);
  const lead = x.shape.slice(0, -2);
  const rows = x.reshape([-1, samples, parts]);
  const kept = samples > inputs ? rows.slice([0, 0, 0], [-1, inputs, -1]) : rows;
  const filled =
    samples < inputs
      ? kept.pad([
          [0, 0],
          [0, inputs - samples],
          [0, 0],
        ])
      : kept;
  const product = tf.matMul(filled.reshape([-1, inputs * parts]) as tf.Tensor2D, matrix);
  return product.reshape([...lead, outputs, outParts]);
}

/**
 * output[k] = sum over n of input[n] exp(-2 pi j k n / N) along the axis, N being dft_length; inverse: exp(2 pi j k
 * n / N) / N.
 */
export const DFT = defineOperator({
  type: 'DFT',
  since: [17, 20],
  inputs: ['input', 'dft_length?', 'axis?'],
  structural: ['dft_length', 'axis'],
  attributes: {
    axis: int(1, { until: 20 }),
    inverse: int(0, { only: [0, 1] }),
    onesided: int(0, { only: [0, 1] }),
  },
  evaluate({ input, dft_length, axis }, attributes, { opset }) {
    const asked = axis ? integer(axis) : opset < 20 ? attributes.axis : -2;
    const along = axisOf(asked, input.rank);
    const last = input.rank - 2;
    if (along > last) throw new UnsupportedForm(`axis ${asked}, which holds the parts of complex numbers`);
    const how = { inverse: attributes.inverse === 1, onesided: attributes.onesided === 1 };
    const samples = input.shape[along]!;
    const length = dft_length
      ? integer(dft_length)
      : how.inverse && how.onesided
        ? 2 * (samples - 1)
        : samples;
    const order = [...input.shape.keys()];
    [order[along], order[last]] = [last, along];
    return transform(input.transpose(order), { ...how, length }).transpose(order);
  },
  gradient: 'yes',
});

/**
 * output[b, f] = DFT of window[n] signal[b, f * frame_step + n]: signal [batch, samples, parts], output [batch, frames,
 * bins, 2].
 */
export const STFT = defineOperator({
  type: 'STFT',
  since: [17],
  inputs: ['signal', 'frame_step', 'window?', 'frame_length?'],
  structural: ['frame_step', 'frame_length'],
  attributes: { onesided: int(1, { only: [0, 1] }) },
  evaluate({ signal, frame_step, window, frame_length }, { onesided }) {
    const [, samples, parts] = signal.shape as [number, number, number];
    const step = integer(frame_step);
    const length = frame_length ? integer(frame_length) : (window?.size ?? samples);
    const frames = Math.floor((samples - length) / step) + 1;
    if (!(step > 0 && length > 0 && frames > 0 && frames * length <= largestMatrix))
      throw new UnsupportedForm(`frames of ${length} every ${step} of ${samples} samples`);
    if (window && window.size !== length)
      throw new UnsupportedForm(`a window of ${window.size} for frames of ${length}`);
    const positions = Array.from(
      { length: frames * length },
      (_, i) => Math.floor(i / length) * step + (i % length),
    );
    const framed = tf
      .gather(signal, tf.tensor1d(positions, 'int32'), 1)
      .reshape([signal.shape[0]!, frames, length, parts]);
    const windowed = window ? framed.mul(window.reshape([length, 1])) : framed;
    return transform(windowed, { length, inverse: false, onesided: onesided === 1 && parts === 1 });
  },
  gradient: 'yes',
});
