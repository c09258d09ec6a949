/** Real models by others, beside this repository: their importable files, random inputs, and what onnxruntime makes of them. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'vitest';
import { importModel } from '../../src/import/importModel.js';
import type { Network } from '../../src/network/network.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { readModel } from '../../src/onnx/file.js';
import type { Model } from '../../src/onnx/model.js';
import { randomStream } from '../../src/random/stream.js';
import { float32 } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';

const shared = process.env.TEMPER_SHARED ?? resolve(import.meta.dirname, '../../../shared');
const folder = resolve(shared, 'models');
export const modelsAreHere = existsSync(folder);
if (!modelsAreHere) console.log(`skipped: no models in ${folder} (set TEMPER_SHARED)`);

export const covered = [
  'blocks/netkit_convnextv2_block',
  'blocks/netkit_mobilenet_uib_skip',
  'blocks/netkit_resnet_basic_block',
  'cifar10/amandashi_resnet20',
  'cifar10/kassymm_tinyml_fp32',
  'cifar10/kassymm_tinyml_int8_static',
  'cifar10/tinyCNN-esp_fp32',
  'external-data/mlp',
  'external-data/mnist',
  'kws/blauer_ds-cnn',
  'kws/blauer_resnet',
  'mnist/mnist-8_cntk',
  'mnist/netkit_mnist_cnn',
  'mnist/netkit_mnist_cnn_dw',
  'mnist/netkit_mnist_mlp',
  'mnist/zkml_lenet_4_8_32',
];

export function readShared(file: string): Promise<Model> {
  return readModel(resolve(folder, `${file}.onnx`));
}

/** An imported model with random examples and the outputs of onnxruntime on the file itself, in the file's own batch. */
export interface Case {
  network: Network;
  input: string;
  output: string;
  /** Of all examples. */
  shape: number[];
  values: Float32Array;
  expected: number[];
}

export async function openCase(file: string, count: number): Promise<Case> {
  const model = await readShared(file);
  const { network } = importModel(model);
  const { name: input, shape: open, fixedBatch = count } = network.inputs[0]!;
  const example = open.slice(1).map((extent) => extent!);
  const shape = [count, ...example];
  const size = example.reduce((product, extent) => product * extent, 1);
  const values = randomStream(file).normals(count * size);
  const output = network.outputs[0]!;
  const session = await openSession(encodeModel(model));
  const expected: number[] = [];
  for (let i = 0; i < count; i += fixedBatch) {
    const part = values.slice(i * size, (i + fixedBatch) * size);
    const result = await session.run({ [input]: float32([fixedBatch, ...example], part) });
    for (const value of result[output]!.data as Float32Array) expected.push(value);
  }
  await session.release();
  return { network, input, output, shape, values, expected };
}

/** The largest difference as a share of the largest output. */
export function largestError(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  let [error, size] = [0, 0];
  expected.forEach((value, i) => {
    size = Math.max(size, Math.abs(value));
    error = Math.max(error, Math.abs(value - actual[i]!));
  });
  return error / size;
}
