/** Small models and data for the tests of the verification. */
import type { Dataset } from '../../src/data/dataset.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';
import { float32, type HostTensor } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';

export const inputs = 6;
export const hidden = 16;
export const classes = 3;

export function normals(name: string, count: number, scale = 1): Float32Array {
  return randomStream('test/verify', name)
    .normals(count)
    .map((value) => value * scale);
}

export function floatTensor(name: string, dims: number[], values: Float32Array | number[]): Tensor {
  return makeTensor(name, DataType.FLOAT, dims, values);
}

export const w1 = floatTensor('w1', [inputs, hidden], normals('w1', inputs * hidden));
export const b1 = floatTensor('b1', [hidden], normals('b1', hidden, 0.1));
export const w2 = floatTensor('w2', [hidden, classes], normals('w2', hidden * classes));

export const mlpNodes: Node[] = [
  makeNode('Gemm', ['x', 'w1', 'b1'], ['h'], {}, { name: 'first' }),
  makeNode('Relu', ['h'], ['a']),
  makeNode('MatMul', ['a', 'w2'], ['y'], {}, { name: 'second' }),
];

interface Parts {
  nodes?: Node[];
  initializers?: Tensor[];
  batch?: number | string;
  irVersion?: number;
  opset?: number;
}

/** x [batch, 6] -> y [batch, 3]. */
export function modelOf({ nodes, initializers, batch = 'N', irVersion, opset }: Parts = {}): Model {
  const graph = makeGraph({
    nodes: nodes ?? mlpNodes,
    initializers: initializers ?? [w1, b1, w2],
    inputs: [tensorInfo('x', DataType.FLOAT, [batch, inputs])],
    outputs: [tensorInfo('y', DataType.FLOAT, [batch, classes])],
  });
  return makeModel(graph, {
    ...(opset !== undefined && { opset }),
    ...(irVersion !== undefined && { irVersion }),
  });
}

export async function outputsOf(
  model: Model | string,
  x: Float32Array,
  options?: object,
): Promise<Float32Array> {
  const session = await openSession(typeof model === 'string' ? model : encodeModel(model), options);
  try {
    const feeds: Record<string, HostTensor> = {};
    feeds[session.inputNames[0]!] = float32([x.length / inputs, inputs], x);
    const [output] = Object.values(await session.run(feeds));
    return output!.data as Float32Array;
  } finally {
    await session.release();
  }
}

/** Random points, labelled by the model itself: its clean accuracy is 1. */
export async function datasetFor(model: Model, count = 200): Promise<Dataset> {
  const examples = normals('examples', count * inputs);
  const outputs = new Float32Array(count * classes);
  const fixed = model.graph.inputs.find(({ name }) => name === 'x')!.tensorType!.shape![0];
  const step = typeof fixed === 'number' ? fixed : count;
  for (let from = 0; from < count; from += step) {
    const rows = new Float32Array(step * inputs); // filled up with zeros at the end
    rows.set(examples.subarray(from * inputs, (from + step) * inputs));
    const scores = await outputsOf(model, rows);
    outputs.set(scores.subarray(0, (count - from) * classes), from * classes);
  }
  return datasetOf(examples, highest(outputs));
}

export function datasetOf(examples: Float32Array, labels: Int32Array): Dataset {
  return {
    spec: 'made:here:test',
    split: 'test',
    count: labels.length,
    shape: [inputs],
    classes,
    examples,
    labels,
    files: [],
  };
}

export function highest(outputs: Float32Array): Int32Array {
  return Int32Array.from({ length: outputs.length / classes }, (_, row) => {
    const scores = outputs.subarray(row * classes, (row + 1) * classes);
    return scores.indexOf(Math.max(...scores));
  });
}
