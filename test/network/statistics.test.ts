/** Running statistics wherever the file keeps them, and what must not share a tensor with them. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNetwork, inspectNetwork } from '../../src/network/network.js';
import type { Node } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { int64, model, node, weight } from './onnxModels.js';

beforeAll(() => tf.setBackend('cpu'));

const normalize = (x: string, y: string, [scale, shift, mean, variance]: string[]) =>
  node('BatchNormalization', [x, scale!, shift!, mean!, variance!], [y]);
const vectors = (...names: string[]) => names.map((name) => weight(name, [3]));

function statistics(nodes: Node[], initializers: Parameters<typeof model>[2]) {
  const network = buildNetwork(model(['batch', 3, 2, 2], nodes, initializers));
  const x = tf.randomNormal([5, 3, 2, 2], 2, 3, 'float32', 11);
  return network.forward({}, { x }, { training: true }).statistics;
}

const direct = () => statistics([normalize('x', 'y', ['s', 'b', 'm', 'v'])], vectors('s', 'b', 'm', 'v'));

describe('running statistics', () => {
  it('move under their own name behind Identity and Cast', () => {
    const nodes = [
      node('Identity', ['m'], ['m2']),
      node('Cast', ['v'], ['v2'], { to: 1 }),
      normalize('x', 'y', ['s', 'b', 'm2', 'v2']),
    ];
    const moved = statistics(nodes, vectors('s', 'b', 'm', 'v'));
    expect(Object.keys(moved).sort()).toEqual(['m', 'v']);
    for (const [name, value] of Object.entries(direct()))
      expect([...moved[name]!.dataSync()]).toEqual([...value.dataSync()]);
  });

  it('keep the shape in which the file has them', () => {
    const nodes = [node('Reshape', ['m', 'shape'], ['m2']), normalize('x', 'y', ['s', 'b', 'm2', 'v'])];
    const stored = { ...weight('m', [3]), dims: [1, 3, 1, 1] };
    const { m } = statistics(nodes, [stored, int64('shape', [3]), ...vectors('s', 'b', 'v')]);
    expect(m!.shape).toEqual([1, 3, 1, 1]);
    expect([...m!.dataSync()]).toEqual([...direct().m!.dataSync()]);
  });

  it('shared by two layers move twice', () => {
    const nodes = [normalize('x', 'a', ['s', 'b', 'm', 'v']), normalize('a', 'y', ['one', 'zero', 'm', 'v'])];
    const ones = [makeTensor('one', 1, [3], [1, 1, 1]), makeTensor('zero', 1, [3], [0, 0, 0])];
    const { m } = statistics(nodes, [...vectors('s', 'b', 'm', 'v'), ...ones]);
    // The first layer's output has the shift b as its mean; the second layer is given that.
    const expected = direct()
      .m!.mul(0.9)
      .add(tf.tensor1d(values('b')).mul(0.1));
    expect(m!.sub(expected).abs().max().dataSync()[0]).toBeLessThan(1e-5);
  });
});

function values(name: string): number[] {
  const network = buildNetwork(model([1, 3], [node('PRelu', ['x', name], ['y'])], vectors(name)));
  return [...network.parameters.get(name)!.values];
}

describe('a statistic that is something else besides', () => {
  const problems = (nodes: Node[], names: string[]) => {
    const found = inspectNetwork(model(['batch', 3, 2, 2], nodes, vectors(...names)));
    expect(found.problems).toEqual([]);
    return found.network.frozenOnly.map(({ what }) => what);
  };

  it('trains frozen only: shift and mean, scale and variance', () => {
    expect(problems([normalize('x', 'y', ['one', 'zero', 'zero', 'one'])], ['one', 'zero'])).toEqual([
      'tensor "one" is both running variance of node #0 (BatchNormalization) -> y and scale of node #0 (BatchNormalization) -> y',
      'tensor "zero" is both running mean of node #0 (BatchNormalization) -> y and shift of node #0 (BatchNormalization) -> y',
    ]);
  });

  it('trains frozen only: mean and variance, an operand of another node, behind Identity', () => {
    expect(problems([normalize('x', 'y', ['s', 'b', 'm', 'm'])], ['s', 'b', 'm'])[0]).toMatch(
      /^tensor "m" is both running mean of .* and running variance of/,
    );
    const nodes = [
      node('Identity', ['m'], ['m2']),
      normalize('x', 'a', ['s', 'b', 'm', 'v']),
      node('Flatten', ['a'], ['f']),
      node('ReduceMean', ['f'], ['r'], { axes: [1] }),
      node('Mul', ['r', 'm2'], ['y']),
    ];
    expect(problems(nodes, ['s', 'b', 'm', 'v'])).toEqual([
      'tensor "m" is both running mean of node #1 (BatchNormalization) -> a and an operand of node #4 (Mul) -> y',
    ]);
  });

  it('is moved by no gradient, whatever else it is', () => {
    const file = model(
      ['batch', 3, 2, 2],
      [normalize('x', 'y', ['one', 'zero', 'zero', 'one'])],
      vectors('one', 'zero'),
    );
    for (const name of ['one', 'zero'])
      expect(buildNetwork(file).parameters.get(name)).toMatchObject({ trainable: false, crossbar: false });
  });

  it('is understood where it is computed, and moves under the name of the result', () => {
    const nodes = [node('Neg', ['m'], ['m2']), normalize('x', 'y', ['s', 'b', 'm2', 'v'])];
    expect(problems(nodes, ['s', 'b', 'm', 'v'])).toEqual([]);
    expect(Object.keys(statistics(nodes, vectors('s', 'b', 'm', 'v'))).sort()).toEqual(['m2', 'v']);
  });
});
