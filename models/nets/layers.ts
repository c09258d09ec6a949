/** The layers that the networks of models/ are made of, in tfjs: a layer declares its parameters and applies them. */
import * as tf from '@tensorflow/tfjs';
import { batchNormInference } from '../../src/compile/kernels/batchNorm.js';
import { conv } from '../../src/compile/kernels/conv.js';
import { averagePool } from '../../src/compile/kernels/pool.js';
import { randomStream } from '../../src/random/stream.js';
import type { HostTensor } from '../../src/runtime/host.js';

export interface Layer {
  /** Initial values by name. */
  parameters(seed: number): Record<string, HostTensor>;
  apply(parameters: Record<string, tf.Tensor>, x: tf.Tensor): tf.Tensor;
}

const none = () => ({});

/** 'same'-padded convolution of k x k; weights drawn as He et al. 2015 (arXiv:1502.01852), standard deviation sqrt(2 / fan-in). */
export function convolution(
  name: string,
  inChannels: number,
  outChannels: number,
  { size = 3, stride = 1, bias = true }: { size?: number; stride?: number; bias?: boolean } = {},
): Layer {
  const pad = (size - 1) / 2;
  const weight = `${name}.weight`;
  const geometry = { strides: [stride, stride], pads: [pad, pad, pad, pad], dilations: [1, 1], group: 1 };
  return {
    parameters: (seed) => ({
      [weight]: heNormal(seed, weight, [outChannels, inChannels, size, size], inChannels * size * size),
      ...(bias ? { [`${name}.bias`]: filled([outChannels], 0) } : {}),
    }),
    apply(parameters, x) {
      const y = conv(x, parameters[weight]!, geometry);
      return bias ? y.add(parameters[`${name}.bias`]!.reshape([1, outChannels, 1, 1])) : y;
    },
  };
}

export function dense(name: string, inputs: number, outputs: number): Layer {
  return {
    parameters: (seed) => ({
      [`${name}.weight`]: heNormal(seed, `${name}.weight`, [inputs, outputs], inputs),
      [`${name}.bias`]: filled([outputs], 0),
    }),
    apply: (parameters, x) =>
      tf
        .matMul(x as tf.Tensor2D, parameters[`${name}.weight`] as tf.Tensor2D)
        .add(parameters[`${name}.bias`]!),
  };
}

export function batchNorm(name: string, channels: number): Layer {
  const names = ['scale', 'shift', 'mean', 'variance'].map((part) => `${name}.${part}`);
  return {
    parameters: () => Object.fromEntries(names.map((n, i) => [n, filled([channels], [1, 0, 0, 1][i]!)])),
    apply(parameters, x) {
      const [scale, shift, mean, variance] = names.map((n) => parameters[n]!);
      return batchNormInference(x, scale!, shift!, mean!, variance!, 1e-5);
    },
  };
}

const half = { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], ceil: false };
export const relu: Layer = { parameters: none, apply: (_, x) => tf.relu(x) };
export const flatten: Layer = {
  parameters: none,
  apply: (_, x) => x.reshape([x.shape[0]!, x.size / x.shape[0]!]),
};
export const halveByAverage: Layer = {
  parameters: none,
  apply: (_, x) => averagePool(x, { ...half, countIncludePad: false }),
};
export const globalAverage: Layer = { parameters: none, apply: (_, x) => x.mean([2, 3]) };

export function sequence(...layers: Layer[]): Layer {
  return {
    parameters: (seed) => Object.assign({}, ...layers.map((layer) => layer.parameters(seed))),
    apply: (parameters, x) => layers.reduce((y, layer) => layer.apply(parameters, y), x),
  };
}

/** relu(body(x) + shortcut(x)): He et al. 2016 (arXiv:1512.03385), figure 2. */
export function residual(body: Layer, shortcut: Layer = sequence()): Layer {
  return {
    parameters: (seed) => ({ ...body.parameters(seed), ...shortcut.parameters(seed) }),
    apply: (parameters, x) => tf.relu(body.apply(parameters, x).add(shortcut.apply(parameters, x))),
  };
}

function heNormal(seed: number, name: string, dims: number[], fanIn: number): HostTensor {
  const size = dims.reduce((product, extent) => product * extent, 1);
  const data = randomStream('initial', seed, name).normals(size);
  return { type: 'float32', dims, data: data.map((value) => value * Math.sqrt(2 / fanIn)) };
}

function filled(dims: number[], value: number): HostTensor {
  return { type: 'float32', dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(value) };
}
