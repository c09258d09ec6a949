/** Models of 100 MB, of random weights, as files: weights within the file, and beside it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { mapTensors } from '../../src/onnx/tensors.js';
import { randomStream } from '../../src/random/stream.js';

export interface Subject {
  readonly name: string;
  readonly path: string;
  /** Of the file and its external data. */
  readonly bytes: number;
}

/** An MLP of `layers` layers of `width` x `width` weights and biases, with ReLU between. */
export function mlp(layers: number, width: number): Model {
  const numbers = Array.from({ length: layers }, (_, i) => i);
  const initializers = numbers.flatMap((i) => [
    makeTensor(
      `w${i}`,
      DataType.FLOAT,
      [width, width],
      randomStream('import cost', i).normals(width * width),
    ),
    makeTensor(`b${i}`, DataType.FLOAT, [width], randomStream('import cost', i, 'bias').normals(width)),
  ]);
  const nodes = numbers.flatMap((i) => [
    makeNode('Gemm', [i === 0 ? 'x' : `h${i - 1}`, `w${i}`, `b${i}`], [i === layers - 1 ? 'y' : `z${i}`]),
    ...(i === layers - 1 ? [] : [makeNode('Relu', [`z${i}`], [`h${i}`])]),
  ]);
  const info = (name: string) => tensorInfo(name, DataType.FLOAT, ['batch', width]);
  return makeModel(makeGraph({ nodes, initializers, inputs: [info('x')], outputs: [info('y')] }), {
    opset: 17,
  });
}

/** The same model with its weights in a file beside it, each aligned to 64 bytes as exporters write them. */
function withExternalData(model: Model, location: string): { model: Model; data: Uint8Array } {
  const parts: Uint8Array[] = [];
  let offset = 0;
  const external = mapTensors(model, ({ rawData, ...tensor }): Tensor => {
    const length = rawData!.length;
    const entries = { location, offset: String(offset), length: String(length) };
    const padding = (64 - (length % 64)) % 64;
    parts.push(rawData!, new Uint8Array(padding));
    offset += length + padding;
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
    return { ...tensor, dataLocation: 1, externalData };
  });
  return { model: external, data: Buffer.concat(parts) };
}

export function writeSubjects(folder: string, layers: number, width: number): Subject[] {
  const write = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(folder, name), bytes);
    return bytes.length;
  };
  const model = mlp(layers, width);
  const inline = write('inline.onnx', encodeModel(model));
  const { model: external, data } = withExternalData(model, 'external.data');
  const beside = write('external.onnx', encodeModel(external)) + write('external.data', data);
  return [
    { name: 'weights in the file', path: join(folder, 'inline.onnx'), bytes: inline },
    { name: 'external data', path: join(folder, 'external.onnx'), bytes: beside },
  ];
}

export function writeTiny(folder: string): string {
  const path = join(folder, 'tiny.onnx');
  writeFileSync(path, encodeModel(mlp(2, 4)));
  return path;
}
