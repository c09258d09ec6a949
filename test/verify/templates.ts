/** Nets that are exact by construction: each class is a brightness, and the highest output is that of the nearest one. */
import type { Dataset } from '../../src/data/dataset.js';
import type { Normalization } from '../../src/data/normalize.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';

const classes = 4;

/** Pixel values of the classes: 32, 96, 160, 224. */
const brightness = (label: number) => 32 + 64 * label;

/**
 * For pictures that were scaled as `normalization` says: logit_k = 2 c_k m - c_k^2 with m the mean of the input and c_k what
 * a picture of class k has there, which is -(m - c_k)^2 but for a term that all classes share.
 */
export function brightnessNet(
  { mean, std }: Normalization,
  shape: number[],
  batch: number | string = 'n',
): Model {
  const size = shape.reduce((a, b) => a * b, 1);
  const channels = mean.length; // one value stands for all of them
  const centre = (label: number) =>
    mean.reduce((sum, m, c) => sum + (brightness(label) / 255 - m) / std[c]!, 0) / channels;
  const weight = new Float32Array(size * classes).map((_, i) => (2 * centre(i % classes)) / size);
  const bias = Float32Array.from({ length: classes }, (_, label) => -(centre(label) ** 2));
  const graph = makeGraph({
    nodes: [
      makeNode('Flatten', ['x'], ['flat'], {}, { name: 'flat' }),
      makeNode('Gemm', ['flat', 'w', 'b'], ['y'], {}, { name: 'fc' }),
    ],
    initializers: [
      makeTensor('w', DataType.FLOAT, [size, classes], weight),
      makeTensor('b', DataType.FLOAT, [classes], bias),
    ],
    inputs: [tensorInfo('x', DataType.FLOAT, [batch, ...shape])],
    outputs: [tensorInfo('y', DataType.FLOAT, [batch, classes])],
  });
  return makeModel(graph);
}

/** Pictures of the four classes, sorted by class: pixels of its brightness, with noise of up to 24 around it. */
export function brightPictures(count: number, shape: number[]): Pick<Dataset, 'examples' | 'labels'> {
  const size = shape.reduce((a, b) => a * b, 1);
  const labels = Int32Array.from({ length: count }, (_, i) => Math.floor((classes * i) / count));
  const noise = randomStream('test/bright').integers(count * size, 49);
  const examples = Uint8Array.from(
    { length: count * size },
    (_, at) => brightness(labels[Math.floor(at / size)]!) + noise[at]! - 24,
  );
  return { examples, labels };
}

export function brightDataset(count: number, shape: number[], spec = 'npz:bright.npz:test'): Dataset {
  return { spec, split: 'test', count, shape, classes, files: [], ...brightPictures(count, shape) };
}
