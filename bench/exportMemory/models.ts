/** Models of a few very large layers, written tensor by tensor. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Tensor } from '../../src/onnx/model.js';
import { writeModel } from '../../src/onnx/writeFile.js';

export interface Subject {
  readonly name: string;
  /** Inputs and outputs of each layer. */
  readonly layers: readonly (readonly [number, number])[];
}

export const subjects: readonly Subject[] = [
  { name: '25 M weights in one tensor', layers: [[5000, 5000]] },
  { name: '103 M weights in one tensor', layers: [[25088, 4096]] },
  { name: '130 M weights in one tensor', layers: [[32000, 4096]] },
  {
    name: '604 M weights in nine tensors, external data',
    layers: Array.from({ length: 9 }, () => [8192, 8192] as const),
  },
];

/** Writes the model; returns its path and the bytes of everything it consists of. */
export async function writeSubject(
  folder: string,
  { layers }: Subject,
): Promise<{ path: string; bytes: number }> {
  const path = join(folder, 'model.onnx');
  const initializers = layers.map(([rows, columns], i): Tensor => {
    const values = pattern(rows * columns, i);
    return {
      name: `w${i}`,
      dataType: DataType.FLOAT,
      dims: [rows, columns],
      rawData: new Uint8Array(values.buffer),
    };
  });
  const nodes = layers.map((_, i) =>
    makeNode('MatMul', [`x${i}`, `w${i}`], [`x${i + 1}`], {}, { name: `layer${i}` }),
  );
  const graph = makeGraph({
    nodes,
    initializers,
    inputs: [tensorInfo('x0', DataType.FLOAT, ['n', layers[0]![0]])],
    outputs: [tensorInfo(`x${layers.length}`, DataType.FLOAT, ['n', layers.at(-1)![1]])],
  });
  const { data } = await writeModel(path, makeModel(graph, { opset: 17, irVersion: 8 }));
  return { path, bytes: statSync(path).size + (data?.bytes ?? 0) };
}

/** Weights between -1 and 1, the same in every run: a tile of random ones, repeated. */
function pattern(count: number, seed: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  let state = seed + 1;
  const tile = Math.min(count, 2 ** 20);
  for (let i = 0; i < tile; i++) {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = state / 2 ** 31 - 1;
  }
  for (let at = tile; at < count; at *= 2) values.copyWithin(at, 0, Math.min(at, count - at));
  return values;
}
