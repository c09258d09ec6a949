/** Models beyond what one buffer holds, and examples for them: one of large layers, one of a large table and small layers. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Node, type Tensor } from '../../src/onnx/model.js';
import { writeModel } from '../../src/onnx/writeFile.js';

export interface Subject {
  readonly name: 'layers' | 'table';
  readonly what: string;
  /** Values of one example. */
  readonly inputs: number;
}

const [width, classes, words] = [8192, 10, 16];

export const subjects: readonly Subject[] = [
  { name: 'layers', what: 'nine layers of 8192 x 8192 weights', inputs: width },
  { name: 'table', what: 'a table of 147,456 x 4096 values, and two layers', inputs: words },
];

interface Parts {
  readonly nodes: Node[];
  readonly initializers: Tensor[];
}

/** @param share of the full size, for a trial. Returns the path of the model and the bytes of everything it consists of. */
export async function writeSubject(
  folder: string,
  { name, inputs }: Subject,
  share = 1,
): Promise<{ path: string; bytes: number }> {
  const path = join(folder, `${name}.onnx`);
  const { nodes, initializers } =
    name === 'layers' ? layers(Math.ceil(9 * share)) : table(Math.ceil(147_456 * share));
  const graph = makeGraph({
    ...{ nodes, initializers },
    inputs: [tensorInfo('x', DataType.FLOAT, ['n', inputs])],
    outputs: [tensorInfo('y', DataType.FLOAT, ['n', classes])],
  });
  const { data } = await writeModel(path, makeModel(graph, { opset: 17, irVersion: 8 }), {
    largest: 2 ** 20,
  });
  return { path, bytes: statSync(path).size + (data?.bytes ?? 0) };
}

function layers(count: number): Parts {
  const nodes: Node[] = [];
  const initializers: Tensor[] = [];
  for (let i = 0; i < count; i++) {
    const from = i === 0 ? 'x' : `a${i}`;
    nodes.push(makeNode('MatMul', [from, `w${i}`], [`h${i}`], {}, { name: `layer${i}` }));
    nodes.push(makeNode('Relu', [`h${i}`], [`a${i + 1}`]));
    initializers.push(weights(`w${i}`, [width, width], i));
  }
  nodes.push(makeNode('MatMul', [`a${count}`, 'last'], ['y'], {}, { name: 'last layer' }));
  return { nodes, initializers: [...initializers, weights('last', [width, classes], count)] };
}

/** Numbers of rows -> the mean of these rows -> two layers, as a classifier of texts. */
function table(rows: number): Parts {
  const [columns, hidden] = [4096, 64];
  return {
    nodes: [
      makeNode('Cast', ['x'], ['ids'], { to: DataType.INT64 }),
      makeNode('Gather', ['table', 'ids'], ['rows'], {}, { name: 'embedding' }),
      makeNode('ReduceMean', ['rows'], ['mean'], { axes: [1], keepdims: 0 }),
      makeNode('MatMul', ['mean', 'w0'], ['h'], {}, { name: 'layer0' }),
      makeNode('Relu', ['h'], ['a']),
      makeNode('MatMul', ['a', 'w1'], ['y'], {}, { name: 'last layer' }),
    ],
    initializers: [
      weights('table', [rows, columns], 0, 1),
      weights('w0', [columns, hidden], 1),
      weights('w1', [hidden, classes], 2),
    ],
  };
}

function weights(name: string, dims: [number, number], seed: number, scale = Math.sqrt(6 / dims[0])): Tensor {
  const values = pattern(dims[0] * dims[1], seed, scale);
  return { name, dataType: DataType.FLOAT, dims, rawData: new Uint8Array(values.buffer) };
}

/** Numbers between -scale and scale, the same in every run: a tile of random ones, repeated. */
function pattern(count: number, seed: number, scale: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  let state = seed + 1;
  const tile = Math.min(count, 2 ** 20 + 7);
  for (let i = 0; i < tile; i++) {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = scale * (state / 2 ** 31 - 1);
  }
  for (let at = tile; at < count; at *= 2) values.copyWithin(at, 0, Math.min(at, count - at));
  return values;
}

/** Few examples with classes in turn, in a NumPy archive. */
export function writeExamples(folder: string, { name, inputs }: Subject, count: number): string {
  const values = pattern(count * inputs, 7, 1);
  const x = name === 'table' ? values.map((value) => Math.floor(1000 * Math.abs(value))) : values;
  const y = Int32Array.from({ length: count }, (_, i) => i % classes);
  const path = join(folder, `${name}.npz`);
  const parts = ['train', 'test'].flatMap((split) => [
    [`x_${split}.npy`, npy('<f4', [count, inputs], x)] as const,
    [`y_${split}.npy`, npy('<i4', [count], y)] as const,
  ]);
  writeFileSync(path, zipSync(Object.fromEntries(parts)));
  return path;
}

/** NumPy's format, version 1.0 (numpy.lib.format). */
function npy(type: string, shape: number[], values: Float32Array | Int32Array): Uint8Array {
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const header = `${text.padEnd(117)}\n`;
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  return Buffer.concat([start, Buffer.from(header), new Uint8Array(values.buffer)]);
}
