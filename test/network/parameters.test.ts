/** What counts as a parameter of a network, wherever the file keeps it. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { buildNetwork } from '../../src/network/network.js';
import { tensorInfo } from '../../src/onnx/build.js';
import { DataType } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { int64, model, node, weight } from './onnxModels.js';

function roles(...given: Parameters<typeof model>): Record<string, string> {
  const { parameters } = buildNetwork(model(...given));
  return Object.fromEntries([...parameters.values()].map(({ name, role }) => [name, role]));
}

describe('parameters', () => {
  it('are operands of layers, by their place', () => {
    const nodes = [
      node('Conv', ['x', 'w', 'b'], ['c']),
      node('BatchNormalization', ['c', 'scale', 'shift', 'mean', 'variance'], ['n']),
      node('PRelu', ['n', 'slope'], ['p']),
      node('Mul', ['p', 'constant'], ['y']),
    ];
    const vectors = ['b', 'scale', 'shift', 'mean', 'variance', 'constant'].map((name) => weight(name, [4]));
    const initializers = [weight('w', [4, 2, 1, 4]), ...vectors, weight('slope', [4, 1, 1])];
    expect(roles([1, 2, 3, 7], nodes, initializers)).toEqual({
      w: 'weight',
      b: 'bias',
      scale: 'scale',
      shift: 'shift',
      mean: 'mean',
      variance: 'variance',
      slope: 'slope',
    });
  });

  it('are found behind Identity, Transpose and Reshape, and in Constant nodes', () => {
    const nodes = [
      node('Constant', [], ['k'], { value: { tensor: weight('', [6, 4]) } }),
      node('Identity', ['w'], ['i']),
      node('Transpose', ['i'], ['t']),
      node('Reshape', ['t', 'shape'], ['r']),
      node('MatMul', ['x', 'r'], ['m']),
      node('MatMul', ['m', 'k'], ['n']),
      node('Add', ['b', 'n'], ['y']),
    ];
    const initializers = [weight('w', [6, 1, 3]), int64('shape', [3, 6]), weight('b', [4])];
    expect(roles(['batch', 3], nodes, initializers)).toEqual({ w: 'weight', k: 'weight', b: 'bias' });
  });

  it('may be listed as graph inputs too, as old files do', () => {
    const file = model([1, 3], [node('MatMul', ['x', 'w'], ['y'])], [weight('w', [3, 2])], 7);
    file.graph.inputs.push(tensorInfo('w', DataType.FLOAT, [3, 2]));
    const network = buildNetwork(file);
    expect(network.inputs.map(({ name }) => name)).toEqual(['x']);
    expect([...network.parameters.keys()]).toEqual(['w']);
  });

  it('shared by two layers are one parameter, a weight if it is a weight anywhere', () => {
    const nodes = [node('Gemm', ['x', 'a', 'w'], ['g']), node('MatMul', ['g', 'w'], ['y'])];
    expect(roles([3, 2], nodes, [weight('a', [2, 3]), weight('w', [3, 3])])).toEqual({
      a: 'weight',
      w: 'weight',
    });
  });

  it('replace the file values in forward; left out, the file holds; unknown names throw', async () => {
    await tf.setBackend('cpu');
    const network = buildNetwork(
      model([1, 1], [node('MatMul', ['x', 'w'], ['y'])], [makeTensor('w', DataType.FLOAT, [1, 1], [3])]),
    );
    const y = (parameters: Record<string, tf.Tensor>) =>
      network.forward(parameters, { x: tf.ones([1, 1]) }).outputs.y!.dataSync()[0];
    expect(y({})).toBe(3);
    expect(y({ w: tf.fill([1, 1], 5) })).toBe(5);
    expect(() => y({ v: tf.ones([1]) })).toThrow(/no parameter "v"/);
  });

  it('let values on the way be fetched and nodes be replaced', async () => {
    await tf.setBackend('cpu');
    const nodes = [node('Relu', ['x'], ['r']), node('Neg', ['r'], ['y']), node('Abs', ['x'], ['unused'])];
    const network = buildNetwork(model(['n', 2], nodes));
    const x = tf.tensor2d([[-1, 2]]);
    const replace = ({ opType }: { opType: string }, [a]: tf.Tensor[]) =>
      opType === 'Relu' ? [a!.mul(3)] : undefined;
    expect([...network.forward({}, { x }, { fetch: ['r'] }).fetched.r!.dataSync()]).toEqual([0, 2]);
    expect([...network.forward({}, { x }, { replace }).outputs.y!.dataSync()]).toEqual([3, -6]);
    expect(() => network.forward({}, { x }, { fetch: ['unused'] })).toThrow(/no value "unused"/);
  });
});
