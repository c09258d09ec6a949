/** A one-node model on the tfjs backend of the moment, read back as plain numbers. */
import * as tf from '@tensorflow/tfjs';
import { buildNetwork } from '../../src/network/network.js';
import type { OneNode } from './oneNode.js';

export interface Read {
  shape: number[];
  values: number[];
  /** Of tfjs, where the values come from there. */
  dtype?: string;
}

/** tf.tidy, for what holds no tensors. */
export function tidied<T>(body: () => T): T {
  tf.engine().startScope();
  try {
    return body();
  } finally {
    tf.engine().endScope();
  }
}

export function numbers(data: ArrayLike<number | bigint>): number[] {
  return Array.from(data, Number);
}

export function read(outputs: Record<string, tf.Tensor>): Record<string, Read> {
  const entries = Object.entries(outputs).map(([name, y]) => [
    name,
    { shape: y.shape, values: numbers(y.dataSync()), dtype: y.dtype },
  ]);
  return Object.fromEntries(entries);
}

export function tensors({ floats }: OneNode): Record<string, tf.Tensor> {
  return Object.fromEntries(floats.map(({ name, shape, values }) => [name, tf.tensor(values, shape)]));
}

export function eagerOutputs(node: OneNode): Record<string, Read> {
  return tidied(() => read(buildNetwork(node.model).forward({}, tensors(node)).outputs));
}
