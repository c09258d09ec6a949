/**
 * Windows and filter banks of fixed sizes, constants that a file asks for by their sizes (ONNX: HannWindow, HammingWindow,
 * BlackmanWindow, MelWeightMatrix).
 */
import * as tf from '@tensorflow/tfjs';
import { DataType } from '../../../onnx/model.js';
import { int } from '../../attributes.js';
import { integer } from '../../axes.js';
import { dtypeOf } from '../../constants.js';
import { defineOperator, type Operator, UnsupportedForm } from '../../operator.js';

/** More elements than this is no window but a damaged file. */
const longest = 2 ** 24;

const float = DataType.FLOAT;
const outputDatatype = { output_datatype: int(float) };

function typed(values: Float32Array, shape: number[], elementType: number): tf.Tensor {
  const dtype = dtypeOf(elementType);
  if (!dtype) throw new UnsupportedForm(`output_datatype ${elementType}`);
  return tf.tensor(values, shape, 'float32').cast(dtype);
}

/** output[n] = sum over k of of[k] cos(2 pi k n / N), with N the length, or one less if the window is symmetric. */
function cosineWindow(type: string, of: readonly number[]): Operator {
  return defineOperator({
    type,
    since: [17],
    inputs: ['size'],
    structural: ['size'],
    attributes: { ...outputDatatype, periodic: int(1, { only: [0, 1] }) },
    elementTypes: (_, { output_datatype }) => [output_datatype],
    evaluate({ size }, { output_datatype, periodic }) {
      const count = integer(size);
      if (!(count >= 0 && count <= longest)) throw new UnsupportedForm(`a window of ${count} values`);
      const period = periodic === 1 ? count : count - 1;
      const values = Float32Array.from({ length: count }, (_, n) =>
        of.reduce((sum, weight, k) => sum + weight * Math.cos((2 * Math.PI * k * n) / period), 0),
      );
      return typed(values, [count], output_datatype);
    },
    gradient: 'no',
  });
}

export const HannWindow = cosineWindow('HannWindow', [0.5, -0.5]);
export const HammingWindow = cosineWindow('HammingWindow', [25 / 46, -21 / 46]);
export const BlackmanWindow = cosineWindow('BlackmanWindow', [0.42, -0.5, 0.08]);

/** Hertz to mel and back: 2595 log10(1 + f / 700) (ONNX operator specification). */
const melOf = (hertz: number) => 2595 * Math.log10(1 + hertz / 700);
const hertzOf = (mel: number) => 700 * (10 ** (mel / 2595) - 1);

/**
 * output[bin, band] = a triangle of height 1 in each band; their corners are evenly spaced in mel, at the nearest lower bins
 * of the spectrum.
 */
export const MelWeightMatrix = defineOperator({
  type: 'MelWeightMatrix',
  since: [17],
  inputs: ['num_mel_bins', 'dft_length', 'sample_rate', 'lower_edge_hertz', 'upper_edge_hertz'],
  structural: ['num_mel_bins', 'dft_length', 'sample_rate', 'lower_edge_hertz', 'upper_edge_hertz'],
  attributes: outputDatatype,
  elementTypes: (_, { output_datatype }) => [output_datatype],
  evaluate(operands, { output_datatype }) {
    const given = Object.values(operands).map((operand) => integer(operand));
    const [bands, length, rate, lowest, highest] = given as [number, number, number, number, number];
    const bins = Math.floor(length / 2) + 1;
    if (!(bands > 0 && length > 0 && rate > 0 && bands * bins <= longest))
      throw new UnsupportedForm(`${bands} bands of ${length} samples at ${rate} Hz`);
    const step = (melOf(highest) - melOf(lowest)) / (bands + 2);
    const corner = (i: number) => Math.floor(((length + 1) * hertzOf(melOf(lowest) + i * step)) / rate);
    const values = new Float32Array(bins * bands);
    for (let band = 0; band < bands; band++) {
      const [left, top, right] = [corner(band), corner(band + 1), corner(band + 2)];
      for (let bin = Math.max(0, left); bin < Math.min(bins, right); bin++)
        values[bin * bands + band] = bin < top ? (bin - left) / (top - left) : (right - bin) / (right - top);
      if (top >= 0 && top < bins) values[top * bands + band] = 1;
    }
    return typed(values, [bins, bands], output_datatype);
  },
  gradient: 'no',
});
