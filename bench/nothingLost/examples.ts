/** What the shared models are fed: pictures in the scaling each was trained with, or random numbers of the right shape. */
import { join } from 'node:path';
import { traceModel } from '../../src/compile/index.js';
import { fillBatch } from '../../src/data/batch.js';
import { exampleSize, sliceDataset } from '../../src/data/dataset.js';
import { type Dataset, type Network, type Normalization, openDataset } from '../../src/index.js';
import { randomStream } from '../../src/random/stream.js';
import { float32 } from '../../src/runtime/host.js';

/** Examples that outputs are compared on. */
export const compared = 100;
const batchSize = 16;
const steps = 10;

export interface Examples {
  /** In words. */
  source: string;
  real: boolean;
  dataset: Dataset;
  normalization: Normalization;
  batchSize: number;
  /** Shape of the network's input for one example. */
  shape: number[];
  /** The first `compared` examples as fed. */
  values: Float32Array;
  /** How many of them rows of class scores get right. */
  right(scores: Float32Array): number;
}

const unit = { mean: [0], std: [1] };
const bytes = { mean: [0], std: [1 / 255] };
const mnist = { mean: [0.1307], std: [0.3081] };
/** From ../shared/models/README.md; of external-data/mnist it is not known. */
const scalings: Record<string, Normalization> = {
  'mnist/mnist-8_cntk.onnx': bytes,
  'mnist/zkml_lenet_4_8_32.onnx': mnist,
  'mnist/netkit_mnist_cnn_dw.onnx': mnist,
  'mnist/netkit_mnist_mlp.onnx': bytes,
  'cifar10/amandashi_resnet20.onnx': { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  'cifar10/kassymm_tinyml_fp32.onnx': { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
  'cifar10/kassymm_tinyml_int8_static.onnx': { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
  'cifar10/tinyCNN-esp_fp32.onnx': { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
};

export async function examplesFor(
  name: string,
  network: Network,
  places: { shared: string; cifar10: string | undefined },
): Promise<Examples> {
  const shape = network.inputs[0]!.shape.slice(1).map((extent) => extent!);
  const size = exampleSize(shape);
  const pictures = size === 784 ? 'mnist' : size === 3072 && places.cifar10 ? 'cifar10' : undefined;
  const folder = pictures === 'mnist' ? join(places.shared, 'data', 'mnist') : places.cifar10;
  const dataset = pictures
    ? // The first ones, always the same: of a sample another picture may sit on a tie of a quantizer.
      sliceDataset(await openDataset(`${pictures}:${folder}:test`), 0, batchSize * steps)
    : randomDataset(name, network, shape);
  const normalization = pictures ? (scalings[name] ?? unit) : unit;
  const values = new Float32Array(compared * size);
  fillBatch(
    dataset,
    Array.from({ length: compared }, (_, i) => i),
    normalization,
    values,
  );
  return {
    source: `${compared} ${pictures ? `${pictures} test pictures` : 'random examples'}`,
    real: pictures !== undefined,
    ...{ dataset, normalization, batchSize, shape, values },
    right: (scores) => rightOnes(scores, dataset.labels),
  };
}

/** Normal numbers; classes drawn evenly if the output is a row of scores, normal targets of its shape if it is not. */
function randomDataset(name: string, network: Network, shape: number[]): Dataset {
  const count = batchSize * steps;
  const output = outputShape(network, shape);
  const size = exampleSize(output);
  const scores = output.length === 1 && size > 1;
  const stream = (what: string) => randomStream('bench', name, what);
  return {
    ...{ spec: 'random', split: 'test', count, shape, files: [] },
    examples: stream('examples').normals(count * exampleSize(shape)),
    classes: scores ? size : 0,
    labels: scores ? Int32Array.from(stream('labels').integers(count, size)) : new Int32Array(0),
    ...(!scores && { targets: stream('targets').normals(count * size), targetShape: output }),
  };
}

/** Shape of the first output for one example, told by a trial recording. */
function outputShape(network: Network, shape: number[]): number[] {
  const [input] = network.inputs;
  const parameters = Object.fromEntries(
    [...network.parameters.values()].map(({ name, shape: dims, values }) => [name, float32(dims, values)]),
  );
  const { graph } = traceModel(
    ({ [input!.name]: x, ...given }) => network.forward(given, { [input!.name]: x! }).outputs,
    [{ name: input!.name, shape: [2, ...shape], dtype: 'float32' }],
    { parameters },
  );
  const declared = graph.outputs.find(({ name }) => name === network.outputs[0])!;
  return declared.tensorType!.shape!.slice(1) as number[];
}

function rightOnes(scores: Float32Array, labels: Int32Array): number {
  const classes = scores.length / compared;
  return Array.from({ length: compared }, (_, row) => {
    const values = scores.subarray(row * classes, (row + 1) * classes);
    return values.indexOf(Math.max(...values)) === labels[row];
  }).filter(Boolean).length;
}
