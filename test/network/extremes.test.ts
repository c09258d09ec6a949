/** Infinities, empty products and integers where an operator is mostly given ordinary floats: as onnxruntime, or the specification where it has no kernel. */
import type * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { compileFunction } from '../../src/compile/index.js';
import { checkModel } from '../../src/import/check.js';
import { buildNetwork } from '../../src/network/network.js';
import { type AttributeValue, makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { float32, type HostTensor } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';
import { runOnCpu } from '../compile/reference.js';

const { POSITIVE_INFINITY: inf } = Number;
type Feeds = Record<string, HostTensor>;

function fileOf(opType: string, feeds: Feeds, type: number, attributes: Record<string, AttributeValue> = {}) {
  const inputs = Object.entries(feeds).map(([name, { dims }]) => tensorInfo(name, type, [...dims]));
  const nodes = [makeNode(opType, Object.keys(feeds), ['y'], attributes)];
  const graph = makeGraph({ nodes, inputs, outputs: [tensorInfo('y', type)] });
  return makeModel(graph, { opset: 21, irVersion: 10 });
}

/** What the compiled network and that on tfjs's cpu backend give, and the ONNX type. */
async function resultsOf(model: Model, feeds: Feeds) {
  const network = buildNetwork(model);
  let type: number | undefined;
  const fn = (inputs: Record<string, tf.Tensor>) => {
    const { outputs, elementTypes } = network.forward({}, inputs);
    type = elementTypes.y;
    return outputs;
  };
  const specs = Object.entries(feeds).map(([name, { dims, type: dtype }]) => ({
    name,
    shape: dims,
    dtype: dtype as 'float32',
  }));
  const program = await compileFunction(fn, specs, { threads: 1 });
  const compiled = await program.run(feeds);
  await program.release();
  return { type, results: [compiled.y!, runOnCpu(fn, feeds).y!] };
}

async function runtimeOf(model: Model, feeds: Feeds): Promise<HostTensor> {
  const session = await openSession(encodeModel(model), { threads: 1 });
  const { y } = await session.run(feeds);
  await session.release();
  return y!;
}

describe('infinities', () => {
  it.each<[string, number[], Record<string, AttributeValue>?]>([
    ['ThresholdedRelu', [-inf, -1e30, 0, 1, 1.5, inf]],
    ['Shrink', [-inf, -2, -0.5, 0, 0.5, 2, inf], { bias: { float: 0.3 }, lambd: { float: 0.5 } }],
    ['ReduceLogSumExp', [-inf, -inf]],
    ['ReduceLogSumExp', [-inf, 2]],
    ['ReduceLogSumExp', [inf, 2]],
  ])('pass %s of [%s] as in onnxruntime', async (opType, values, attributes) => {
    const feeds = { x: float32([values.length], Float32Array.from(values)) };
    const model = fileOf(opType, feeds, DataType.FLOAT, attributes);
    const expected = await runtimeOf(model, feeds);
    for (const { dims, data } of (await resultsOf(model, feeds)).results) {
      expect(dims).toEqual(expected.dims);
      for (const [i, value] of Array.from(expected.data, Number).entries()) {
        if (Number.isFinite(value)) expect(Number(data[i])).toBeCloseTo(value, 5);
        else expect(Number(data[i])).toBe(value);
      }
    }
  });
});

describe('integers', () => {
  const int32 = (dims: number[], values: number[]): HostTensor => ({
    type: 'int32',
    dims,
    data: Int32Array.from(values),
  });

  it.each<[string, Feeds, Record<string, AttributeValue>, number[]]>([
    // alpha A B
    ['Gemm', { a: int32([1, 2], [3, -1]), b: int32([2, 1], [5, 2]) }, { alpha: { float: 2 } }, [26]],
    ['PRelu', { x: int32([3], [-4, 0, 4]), slope: int32([1], [2]) }, {}, [-8, 0, 4]],
  ])('stay integers in %s', async (opType, feeds, attributes, expected) => {
    const model = fileOf(opType, feeds, DataType.INT32, attributes);
    const { type, results } = await resultsOf(model, feeds);
    expect(type).toBe(DataType.INT32);
    for (const result of results) {
      expect(result.type).toBe('int32');
      expect(Array.from(result.data, Number)).toEqual(expected);
    }
  });

  it('of 32 bits without a sign are not inverted: int32 does not hold the result', () => {
    const feeds: Feeds = { x: int32([3], [0, 1, 5]) };
    const [problem] = checkModel(fileOf('BitwiseNot', feeds, DataType.UINT32));
    expect(problem).toMatchObject({ what: expect.stringContaining('UINT32'), hint: expect.any(String) });
  });
});

describe('a product over nothing', () => {
  it.each<[number[], number[]]>([
    [
      [2, 0],
      [0, 3],
    ],
    [
      [4, 2, 0],
      [0, 3],
    ],
  ])('of [%s] and [%s] is zeros', async (left, right) => {
    const feeds = { a: float32(left, new Float32Array()), b: float32(right, new Float32Array()) };
    const model = fileOf('MatMul', feeds, DataType.FLOAT);
    const expected = await runtimeOf(model, feeds);
    for (const { dims, data } of (await resultsOf(model, feeds)).results) {
      expect(dims).toEqual(expected.dims);
      expect(Array.from(data, Number)).toEqual(Array.from(expected.data, Number));
    }
  });
});
