import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNetwork } from '../../src/network/network.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType } from '../../src/onnx/model.js';

beforeAll(() => tf.setBackend('cpu'));

function einsum(equation: string, ...operands: tf.Tensor[]): tf.Tensor {
  const names = operands.map((_, i) => `x${i}`);
  const type = operands[0]!.dtype === 'int32' ? DataType.INT32 : DataType.FLOAT;
  const graph = makeGraph({
    nodes: [makeNode('Einsum', names, ['y'], { equation })],
    inputs: operands.map(({ shape }, i) => tensorInfo(names[i]!, type, shape)),
    outputs: [{ name: 'y' }],
  });
  const feeds = Object.fromEntries(operands.map((x, i) => [names[i]!, x]));
  return buildNetwork(makeModel(graph, { opset: 17 })).forward({}, feeds).outputs.y!;
}

const numbered = (...shape: number[]) =>
  tf
    .range(
      0,
      shape.reduce((a, b) => a * b, 1),
    )
    .reshape(shape);

describe('Einsum', () => {
  it('orders the axes of a result that is not named as ASCII does, capitals first', () => {
    const [a, b] = [numbered(2, 3, 4), numbered(4, 5)];
    const [open, named] = [einsum('iBa,aC', a, b), einsum('iBa,aC->BCi', a, b)];
    expect(open.shape).toEqual([3, 5, 2]);
    expect([...open.dataSync()]).toEqual([...named.dataSync()]);
  });

  it('keeps integers', () => {
    const y = einsum('ij,jk->ik', numbered(2, 3).cast('int32'), numbered(3, 2).cast('int32'));
    expect(y.dtype).toBe('int32');
    expect([...y.dataSync()]).toEqual([10, 13, 28, 40]);
  });

  it.each([
    ['i->i->i', /two arrows/],
    ['i1->i', /only letters/],
    ['...i...->i', /only letters/],
    ['ij->ii', /an index repeats in the result/],
    ['ij->k', /no operand has the index "k"/],
    ['...j->j', /the result has no ellipsis/],
    ['ijk->i', /an operand of rank 2 with 3 indices/],
    ['ij,jk', /1 operands for 2 terms/],
    ['ii->i', /index "i" of 2 and 3/],
  ])('refuses %s of a matrix', (equation, message) => {
    expect(() => einsum(equation, numbered(2, 3))).toThrow(message);
  });
});
