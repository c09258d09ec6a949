/** Networks written by hand in tfjs, so that the trainer is tested without the importer, and a data set that can be learnt. */
import * as tf from '@tensorflow/tfjs';
import type { Dataset } from '../../src/data/dataset.js';
import type { Network, Parameter } from '../../src/network/network.js';
import { randomStream } from '../../src/random/stream.js';

function parameter(name: string, shape: number[], role: Parameter['role'], values: Float32Array): Parameter {
  const statistic = role === 'mean' || role === 'variance';
  return { name, shape, role, values, trainable: !statistic, crossbar: role === 'weight' };
}

function drawn(name: string, shape: number[], scale: number): Parameter {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = randomStream('handmade', name)
    .normals(size)
    .map((value) => value * scale);
  return parameter(name, shape, 'weight', values);
}

function network(
  parameters: Parameter[],
  inputShape: number[],
  forward: (
    p: Record<string, tf.Tensor>,
    x: tf.Tensor,
    training: boolean,
  ) => { y: tf.Tensor; statistics?: Record<string, tf.Tensor> },
): Network {
  return {
    inputs: [{ name: 'x', dtype: 'float32', shape: [undefined, ...inputShape] }],
    outputs: ['y'],
    parameters: new Map(parameters.map((p) => [p.name, p])),
    forward(
      values: Record<string, tf.Tensor>,
      inputs: Record<string, tf.Tensor>,
      mode: { training?: boolean } = {},
    ) {
      const { y, statistics = {} } = forward(values, inputs.x!, mode.training ?? false);
      return { outputs: { y }, statistics: mode.training ? statistics : {}, fetched: {} };
    },
  } as unknown as Network;
}

/** x [batch, inputs] W + b. */
export function linear(inputs: number, outputs: number, scale = 0.1): Network {
  return network(
    [drawn('w', [inputs, outputs], scale), parameter('b', [outputs], 'bias', new Float32Array(outputs))],
    [inputs],
    (p, x) => ({ y: tf.add(tf.matMul(x as tf.Tensor2D, p.w as tf.Tensor2D), p.b!) }),
  );
}

/** Convolution 3x3, batch normalization, ReLU, global average, matrix: [2, 6, 6] -> `classes`. */
export function convolutional(classes = 4): Network {
  const channels = 8;
  const parameters = [
    drawn('conv', [channels, 2, 3, 3], 0.3),
    parameter('scale', [channels], 'scale', new Float32Array(channels).fill(1)),
    parameter('shift', [channels], 'shift', new Float32Array(channels)),
    parameter('mean', [channels], 'mean', new Float32Array(channels)),
    parameter('variance', [channels], 'variance', new Float32Array(channels).fill(1)),
    drawn('fc', [channels, classes], 0.5),
    parameter('bias', [classes], 'bias', new Float32Array(classes)),
  ];
  return network(parameters, [2, 6, 6], (p, x, training) => {
    const nhwc = tf.transpose(x, [0, 2, 3, 1]) as tf.Tensor4D;
    const convolved = tf.conv2d(nhwc, tf.transpose(p.conv!, [2, 3, 1, 0]) as tf.Tensor4D, 1, 'same');
    const mean = training ? convolved.mean([0, 1, 2]) : p.mean!;
    const centred = convolved.sub(mean);
    const variance = training ? centred.mul(centred).mean([0, 1, 2]) : p.variance!;
    const normal = centred.div(variance.add(1e-5).sqrt()).mul(p.scale!).add(p.shift!);
    const pooled = normal.relu().mean([1, 2]) as tf.Tensor2D;
    const follow = (old: tf.Tensor, now: tf.Tensor) => old.mul(0.9).add(now.mul(0.1));
    return {
      y: tf.add(tf.matMul(pooled, p.fc as tf.Tensor2D), p.bias!),
      statistics: { mean: follow(p.mean!, mean), variance: follow(p.variance!, variance) },
    };
  });
}

/** `classes` pictures of noise, each example one of them with more noise on top. */
export function patterns(count: number, shape = [2, 6, 6], classes = 4): Dataset {
  const size = shape.reduce((a, b) => a * b, 1);
  const centres = randomStream('patterns', 'centres').normals(classes * size);
  const examples = randomStream('patterns', 'examples').normals(count * size);
  const labels = Int32Array.from(randomStream('patterns', 'labels').integers(count, classes));
  for (let i = 0; i < examples.length; i++) {
    const example = Math.floor(i / size);
    examples[i] = centres[labels[example]! * size + (i % size)]! + 0.7 * examples[i]!;
  }
  return { spec: 'patterns', split: 'train', count, shape, classes, examples, labels, files: [] };
}
