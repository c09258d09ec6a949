/** tfjs's cpu backend as the oracle for recorded programs. */
import * as tf from '@tensorflow/tfjs';
import { toTensor } from '../../src/compile/eager.js';
import type { TensorFunction, TensorSpec } from '../../src/compile/index.js';
import { randomStream } from '../../src/random/stream.js';
import type { HostTensor } from '../../src/runtime/host.js';

export function randomTensor({ name, shape, dtype }: TensorSpec, seed = 0): HostTensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const normals = randomStream('test', name, seed).normals(size);
  if (dtype === 'float32') return { type: 'float32', dims: shape, data: normals };
  if (dtype === 'int32')
    return { type: 'int32', dims: shape, data: Int32Array.from(normals, (n) => Math.round(3 * n)) };
  return { type: 'bool', dims: shape, data: Uint8Array.from(normals, (n) => (n > 0 ? 1 : 0)) };
}

export function runOnCpu(fn: TensorFunction, feeds: Record<string, HostTensor>): Record<string, HostTensor> {
  tf.setBackend('cpu');
  const inputs = Object.fromEntries(Object.entries(feeds).map(([name, host]) => [name, toTensor(host)]));
  const hosts = Object.entries(fn(inputs)).map(([name, tensor]) => {
    const host = { type: tensor.dtype, dims: tensor.shape, data: tensor.dataSync().slice() } as HostTensor;
    return [name, host] as const;
  });
  return Object.fromEntries(hosts);
}
