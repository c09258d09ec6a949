/** The recorded program against tfjs's own cpu backend, kernel by kernel. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { compileFunction, type TensorFunction, type TensorSpec } from '../../src/compile/index.js';
import { randomTensor, runOnCpu } from './reference.js';

const f = (name: string, shape: number[]): TensorSpec => ({ name, shape, dtype: 'float32' });
const x = f('x', [2, 3, 4]);
const y = f('y', [3, 4]);

const cases: Record<string, [TensorSpec[], (t: Record<string, tf.Tensor>) => tf.Tensor]> = {
  'broadcast arithmetic': [[x, y], ({ x, y }) => x!.add(y!).mul(y!).sub(1).div(y!.abs().add(1))],
  'unary chain': [[x], ({ x }) => x!.abs().add(1).log().exp().sqrt().tanh().sigmoid().square().rsqrt()],
  activations: [
    [x],
    ({ x }) =>
      tf.addN([tf.relu(x!), tf.elu(x!), tf.selu(x!), tf.relu6(x!), tf.leakyRelu(x!, 0.1), tf.softplus(x!)]),
  ],
  'step, sign, rounding': [
    [x],
    ({ x }) => tf.addN([tf.step(x!), tf.sign(x!), x!.mul(5).round(), x!.floor(), x!.ceil()]),
  ],
  'clip and minimum': [[x, y], ({ x, y }) => x!.clipByValue(-0.3, 0.4).minimum(y!).maximum(-0.2)],
  'comparison and selection': [
    [x, y],
    ({ x, y }) => tf.where(x!.greater(y!).logicalAnd(x!.less(1)), x!, x!.neg()),
  ],
  'mod and floorDiv': [[x, y], ({ x, y }) => x!.mod(y!.abs().add(0.3)).add(x!.floorDiv(y!.abs().add(0.5)))],
  'reshape, transpose': [[x], ({ x }) => x!.transpose([2, 0, 1]).reshape([4, 6]).transpose().expandDims(1)],
  'transposes cancel': [[x], ({ x }) => x!.transpose([2, 0, 1]).transpose([1, 2, 0])],
  'slice, pad, concat': [
    [x],
    ({ x }) =>
      tf.concat(
        [
          x!.slice([0, 1, 0], [2, 2, 4]),
          x!.pad([
            [0, 0],
            [1, 0],
            [0, 0],
          ]),
        ],
        1,
      ),
  ],
  'stack, unstack, split': [
    [x],
    ({ x }) =>
      tf.stack([...tf.unstack(x!, 1), ...tf.split(x!, 2, 2).map((s) => s.tile([1, 1, 2]).sum(1))], 0),
  ],
  'reverse, mirror': [
    [x],
    ({ x }) =>
      tf.mirrorPad(
        tf.reverse(x!, [1, 2]),
        [
          [0, 0],
          [1, 1],
          [0, 2],
        ],
        'reflect',
      ),
  ],
  gather: [[x], ({ x }) => tf.gather(x!, tf.tensor1d([2, 0, 2, 1], 'int32'), 1)],
  'gather along data': [
    [x],
    ({ x }) => tf.gatherND(x!, tf.argMax(x!, 2).mul(0).add(1).slice([0, 0], [2, 2]).toInt()),
  ],
  'one-hot of argMax': [[x], ({ x }) => tf.oneHot(tf.argMax(x!, 1).flatten().toInt(), 5).toFloat()],
  reductions: [
    [x],
    ({ x }) => tf.concat([x!.sum([0, 2]), x!.mean([0, 2]), x!.max([0, 2]), x!.min([0, 2]), x!.prod([0, 2])]),
  ],
  'keep dimensions': [[x], ({ x }) => x!.sub(x!.mean([1], true)).div(x!.sum([0, 1, 2], true))],
  'all, any': [
    [x],
    ({ x }) =>
      tf
        .all(x!.greater(-9), [1])
        .logicalXor(tf.any(x!.greater(0.5), [1]))
        .toFloat(),
  ],
  'cumsum, topk': [[x], ({ x }) => tf.cumsum(x!, 1, true, true).add(tf.topk(x!, 4).values)],
  'softmax, logSoftmax': [[x], ({ x }) => tf.softmax(x!).add(tf.logSoftmax(x!))],
  'matrix products': [
    [f('a', [5, 4]), f('b', [5, 3])],
    ({ a, b }) => tf.matMul(a!, b!, true).matMul(b!, false, true),
  ],
  'batched products': [[f('a', [2, 5, 4]), f('b', [2, 5, 3])], ({ a, b }) => tf.matMul(a!, b!, true)],
  'shape arithmetic folds': [
    [x],
    ({ x }) =>
      x!.reshape([
        ...tf
          .tensor1d(x!.shape, 'int32')
          .gather([2, 0])
          .concat(tf.tensor1d([-1], 'int32'))
          .dataSync(),
      ]),
  ],
  'ranges, short and long': [
    [x],
    ({ x }) =>
      tf
        .range(0.5, 1500, 0.25)
        .add(tf.range(3, 11999, 2, 'int32').toFloat())
        .add(tf.range(5, 1, -1).sum())
        .mul(x!.sum()),
  ],
  'times ones': [[y], ({ y }) => y!.mul(tf.ones([2, 3, 4])).add(tf.zeros([4]))],
  'sum of squared differences': [[x, y], ({ x, y }) => tf.squaredDifference(x!, y!).sum()],
};

describe('a recorded function computes what tfjs computes', () => {
  for (const [name, [specs, fn]] of Object.entries(cases)) {
    it(name, async () => {
      const whole: TensorFunction = (inputs) => ({ out: fn(inputs) });
      const feeds = Object.fromEntries(specs.map((spec, i) => [spec.name, randomTensor(spec, i)]));
      const program = await compileFunction(whole, specs);
      const { out } = await program.run(feeds);
      const expected = runOnCpu(whole, feeds).out!;
      expect(out!.dims).toEqual(expected.dims);
      const worst = Math.max(
        ...[...expected.data].map((value, i) => Math.abs(Number(value) - Number(out!.data[i]))),
      );
      expect(worst).toBeLessThan(1e-5);
      await program.release();
    });
  }
});

describe('gradients are recorded like any other code', () => {
  it('of a small network', async () => {
    const specs = [f('x', [6, 5]), f('w', [5, 4]), f('v', [4, 3])];
    const fn: TensorFunction = ({ x, w, v }) => {
      const loss = (w: tf.Tensor, v: tf.Tensor) =>
        tf
          .logSoftmax(tf.relu(tf.matMul(x!, w)).matMul(v))
          .mul(tf.oneHot([0, 1, 2, 0, 1, 2], 3))
          .sum()
          .neg() as tf.Scalar;
      const [dw, dv] = tf.grads(loss)([w!, v!]);
      return { dw: dw!, dv: dv! };
    };
    const feeds = Object.fromEntries(specs.map((spec, i) => [spec.name, randomTensor(spec, i)]));
    const program = await compileFunction(fn, specs);
    const got = await program.run(feeds);
    const expected = runOnCpu(fn, feeds);
    for (const key of ['dw', 'dv']) {
      expect(
        [...got[key]!.data]
          .map((v, i) => Math.abs(Number(v) - Number(expected[key]!.data[i])))
          .every((d) => d < 1e-5),
      ).toBe(true);
    }
    await program.release();
  });
});

describe('tracing', () => {
  it('refuses to read a value that is not known yet', async () => {
    await expect(compileFunction(({ x }) => ({ out: x!.mul(x!.dataSync()[0]!) }), [x])).rejects.toThrow(
      /read while tracing/,
    );
  });

  it('leaves no transposes where they cancel, and records equal nodes once', async () => {
    const { traceModel } = await import('../../src/compile/index.js');
    const model = traceModel(
      ({ x }) => ({ out: x!.transpose([2, 0, 1]).transpose([1, 2, 0]).exp().add(x!.exp()) }),
      [x],
    );
    expect(model.graph.nodes.map((node) => node.opType)).toEqual(['Exp', 'Add']);
  });

  it('keeps clear of the names that callers choose', async () => {
    const named: TensorFunction = ({ Exp_1: a, c_2: b }) => {
      const y = a!.exp();
      return { Exp_2: y.mul(b!).add([1, 2, 3]), Mul_3: y.exp(), Exp_5: a!.mul(1), c_1: a!.add([4, 5, 6]) };
    };
    const specs = [f('Exp_1', [3]), f('c_2', [3])];
    const feeds = Object.fromEntries(specs.map((spec, i) => [spec.name, randomTensor(spec, i)]));
    const program = await compileFunction(named, specs);
    const [got, expected] = [await program.run(feeds), runOnCpu(named, feeds)];
    for (const [name, { data }] of Object.entries(expected)) {
      for (const [i, value] of data.entries())
        expect(Number(got[name]!.data[i])).toBeCloseTo(Number(value), 5);
    }
    await program.release();
  });
});
