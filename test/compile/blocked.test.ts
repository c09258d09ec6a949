/** Steps in the blocked layout against the same steps in standard operators, and against tfjs; skipped on processors without it. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { blockSize } from '../../src/compile/blocked/probe.js';
import { openStep, type Step, type StepSpecs } from '../../src/compile/index.js';
import { batchNormInference, batchNormTrain } from '../../src/compile/kernels/batchNorm.js';
import { type ConvAttributes, conv } from '../../src/compile/kernels/conv.js';
import { averagePool, maxPool } from '../../src/compile/kernels/pool.js';
import { takeRun } from '../../src/compile/kernels/takeRun.js';
import { loopModel } from '../../src/compile/loop.js';
import { walkNodes } from '../../src/onnx/walk.js';
import type { HostTensor } from '../../src/runtime/host.js';
import { randomTensor } from './reference.js';

const block = await blockSize();
type Weights = Record<string, tf.Tensor>;
type Net = (x: tf.Tensor, w: Weights) => tf.Tensor;

const same = (pad: number, stride = 1, group = 1): ConvAttributes => ({
  strides: [stride, stride],
  pads: [pad, pad, pad, pad],
  dilations: [1, 1],
  group,
});
const window = { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], ceil: false };
const perChannel = (v: tf.Tensor) => v.reshape([1, v.size, 1, 1]);

/** Each net maps [16, 16, 8, 8] to anything; its loss is the mean square. */
const nets: Record<string, { weights: Record<string, number[]>; net: Net }> = {
  'convolutions with bias and relu': {
    weights: { a: [16, 16, 3, 3], b: [16], c: [32, 16, 3, 3], d: [32] },
    net: (x, { a, b, c, d }) => {
      const y = tf.relu(conv(x, a!, same(1)).add(perChannel(b!)));
      return tf.relu(conv(y, c!, same(1)).add(perChannel(d!)));
    },
  },
  'few input channels, strides, a shortcut': {
    weights: { first: [16, 3, 3, 3], a: [32, 16, 3, 3], b: [32, 32, 3, 3], shortcut: [32, 16, 1, 1] },
    net: (x, { first, a, b, shortcut }) => {
      const y = conv(x.slice([0, 0, 0, 0], [-1, 3, -1, -1]), first!, same(1));
      const body = conv(tf.relu(conv(y, a!, same(1, 2))), b!, same(1));
      return tf.relu(body.add(conv(y, shortcut!, same(0, 2))));
    },
  },
  'trained batch normalization and a residual': {
    weights: { a: [16, 16, 3, 3], scale: [16], shift: [16], b: [16, 16, 3, 3] },
    net: (x, { a, scale, shift, b }) => {
      const y = tf.relu(batchNormTrain(conv(x, a!, same(1)), scale!, shift!, 1e-5).y);
      return tf.relu(batchNormTrain(conv(y, b!, same(1)), scale!, shift!, 1e-5).y.add(y)).mean([2, 3]);
    },
  },
  'frozen batch normalization, clipping, channel scales': {
    weights: { a: [32, 16, 1, 1], scale: [32], shift: [32] },
    net: (x, { a, scale, shift }) => {
      const mean = tf.fill([32], 0.1);
      const variance = tf.fill([32], 2);
      const y = batchNormInference(conv(x, a!, same(0)), scale!, shift!, mean, variance, 1e-5);
      return y.clipByValue(0, 6).mul(perChannel(shift!)).sub(y.sigmoid());
    },
  },
  'average and maximum pooling': {
    weights: { a: [16, 16, 3, 3], b: [16, 16, 3, 3] },
    net: (x, { a, b }) => {
      const y = averagePool(conv(x, a!, same(1)), { ...window, countIncludePad: false });
      return maxPool(conv(y, b!, same(1)), window);
    },
  },
  'uneven pads, dilation, rows no window reaches': {
    weights: { a: [16, 16, 3, 2] },
    net: (x, { a }) => conv(x, a!, { strides: [2, 1], pads: [0, 1, 1, 2], dilations: [1, 2], group: 1 }),
  },
  'rows of one block, of two, and of parts of one': {
    weights: { one: [16, 16, 3, 3], two: [32, 16, 5, 3], half: [16, 16, 3, 3] },
    net: (x, { one, two, half }) => {
      const long = conv(x.reshape([4, 16, 16, 16]), one!, same(1)).reshape([2, 16, 16, 32]);
      const uneven = { ...same(1), pads: [2, 0, 0, 2] };
      return conv(conv(long, two!, uneven).reshape([16, 16, 14, 8]), half!, same(0));
    },
  },
  'rows that zeros complete, of plain and of blocked pictures': {
    weights: { plain: [16, 1, 5, 5], blocked: [16, 16, 3, 3], short: [32, 16, 1, 1] },
    net: (x, { plain, blocked, short }) => {
      const digits = x.reshape([16, 1024]).slice([0, 0], [16, 784]).reshape([16, 1, 28, 28]);
      const y = tf.relu(conv(conv(digits, plain!, same(2)), blocked!, same(0)));
      return conv(
        averagePool(y, { ...window, kernel: [4, 4], strides: [4, 4], countIncludePad: false, ceil: true }),
        short!,
        same(0),
      );
    },
  },
  'depthwise and grouped': {
    weights: { a: [32, 16, 3, 3], depthwise: [32, 1, 3, 3], grouped: [32, 16, 3, 3] },
    net: (x, { a, depthwise, grouped }) =>
      conv(conv(conv(x, a!, same(1)), depthwise!, same(1, 1, 32)), grouped!, same(1, 1, 2)),
  },
  'a large dense layer with noise from a run of a vector': {
    weights: { a: [1024, 256] },
    net: (x, { a }) => {
      const pool = tf.tensor1d(Float32Array.from({ length: 2 ** 18 + 160 }, (_, i) => Math.sin(i)));
      const offset = x.max().mul(0).add(48).cast('int32');
      const noise = takeRun(pool, offset, [1024, 256]).mul(a!.abs().max());
      return tf.matMul(x.reshape([16, 1024]), a!.add(noise) as tf.Tensor2D);
    },
  },
  'large dense layers': {
    weights: { a: [1024, 256], b: [256], c: [256, 1024], d: [1024, 10] },
    net: (x, { a, b, c, d }) => {
      const rows = x.reshape([16, 1024]) as tf.Tensor2D;
      const y = tf.relu(tf.matMul(rows, a as tf.Tensor2D).add(b!));
      const z = tf.matMul(tf.matMul(y, c as tf.Tensor2D), d as tf.Tensor2D);
      return z.add(tf.matMul(y, a as tf.Tensor2D, false, true).mean());
    },
  },
};

/** Momentum with decay, and the largest weight of all among the metrics. */
function stepOf({ weights, net }: { weights: Record<string, number[]>; net: Net }): [Step, StepSpecs] {
  const names = Object.keys(weights);
  const step: Step = (state, { x, decay }) => {
    const loss = (...ws: tf.Tensor[]) =>
      net(x!, Object.fromEntries(names.map((name, i) => [name, ws[i]!])))
        .square()
        .mean() as tf.Scalar;
    const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => state[name]!));
    const next: Weights = {};
    names.forEach((name, i) => {
      const pull = grads[i]!.mul(0.01).add(state[name]!.mul(decay!));
      next[`v.${name}`] = state[`v.${name}`]!.mul(0.9).add(pull);
      next[name] = state[name]!.sub(next[`v.${name}`]!);
    });
    return { state: next, metrics: { loss: value, largest: state[names[0]!]!.abs().max() } };
  };
  const state = names.flatMap((name) =>
    [name, `v.${name}`].map((entry) => ({ name: entry, shape: weights[name]!, dtype: 'float32' as const })),
  );
  const batch = [
    { name: 'x', shape: [16, 16, 8, 8], dtype: 'float32' as const },
    { name: 'decay', shape: [], dtype: 'float32' as const },
  ];
  return [step, { state, batch }];
}

async function run(
  [step, specs]: [Step, StepSpecs],
  options: Parameters<typeof openStep>[2],
): Promise<Record<string, Float32Array>> {
  const program = await openStep(step, specs, options);
  const small = ({ dims, data }: HostTensor): HostTensor => ({
    type: 'float32',
    dims,
    data: Float32Array.from(data as Float32Array, (value) => value / 10),
  });
  const state = Object.fromEntries(specs.state.map((spec) => [spec.name, small(randomTensor(spec))]));
  const steps = 2;
  const batches: Record<string, HostTensor> = {
    x: randomTensor({ name: 'x', shape: [steps, 16, 16, 8, 8], dtype: 'float32' }),
    decay: { type: 'float32', dims: [steps], data: new Float32Array(steps).fill(0.001) },
  };
  const result = await program.run(state, batches);
  await program.release();
  const values = Object.entries(result.state).map(
    ([name, { data }]) => [name, data as Float32Array] as const,
  );
  return { ...Object.fromEntries(values), ...result.metrics };
}

/** The largest difference, relative to the largest value. */
function distance(a: Float32Array, b: Float32Array): number {
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / largest;
}

describe.skipIf(block === undefined)('the blocked layout', () => {
  it.each(Object.keys(nets))('computes what standard operators and tfjs compute: %s', async (name) => {
    const step = stepOf(nets[name]!);
    const operators = [...walkNodes(loopModel(...step, block).graph)].map(({ node }) => node.domain);
    expect(operators.filter((domain) => domain.endsWith('nchwc')).length).toBeGreaterThan(3);
    const blocked = await run(step, { threads: 1 });
    const plain = await run(step, { threads: 1, layout: 'plain' });
    const eager = await run(step, { engine: 'cpu' });
    for (const key of Object.keys(plain)) {
      expect(distance(blocked[key]!, plain[key]!), key).toBeLessThan(1e-4);
      expect(distance(blocked[key]!, eager[key]!), key).toBeLessThan(1e-4);
    }
  });

  it('adds a bias and applies relu within the convolution', () => {
    const { graph } = loopModel(...stepOf(nets['convolutions with bias and relu']!), block);
    const activated = [...walkNodes(graph)]
      .map(({ node }) => node)
      .filter(({ attributes }) => attributes.some(({ name }) => name === 'activation'));
    expect(activated.map(({ opType, inputs }) => [opType, inputs.length])).toEqual([
      ['Conv', 3],
      ['Conv', 3],
    ]);
    // A pass of its own for the bias would be a convolution with a constant filter of ones.
    const constants = new Set(graph.initializers.map(({ name }) => name));
    expect(activated.filter(({ inputs }) => constants.has(inputs[1]!))).toEqual([]);
  });

  it('gives the same bits on one thread and on two', async () => {
    const step = stepOf(nets['trained batch normalization and a residual']!);
    const [one, two] = [await run(step, { threads: 1 }), await run(step, { threads: 2 })];
    expect(two).toEqual(one);
  });
});
