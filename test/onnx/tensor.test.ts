import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { TemperError } from '../../src/errors.js';
import { makeGraph, makeModel } from '../../src/onnx/build.js';
import { decodeModel, encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Tensor } from '../../src/onnx/model.js';
import { elementCount, makeTensor, tensorValues, withValues } from '../../src/onnx/tensor.js';

test('every numeric type keeps its values', () => {
  const cases: [number, number[]][] = [
    [DataType.FLOAT, [1.5, -0, 2 ** 127]],
    [DataType.DOUBLE, [Math.PI, -1e300, 5e-324]],
    [DataType.INT8, [-128, 0, 127]],
    [DataType.UINT8, [0, 1, 255]],
    [DataType.INT16, [-32768, 0, 32767]],
    [DataType.UINT16, [0, 1, 65535]],
    [DataType.INT32, [-(2 ** 31), 0, 2 ** 31 - 1]],
    [DataType.UINT32, [0, 1, 2 ** 32 - 1]],
    [DataType.BOOL, [0, 1, 1]],
    [DataType.INT4, [-8, 0, 7]],
    [DataType.UINT4, [0, 1, 15]],
    [DataType.INT2, [-2, -1, 1]],
    [DataType.UINT2, [0, 2, 3]],
    [DataType.FLOAT16, [1, -65504, 2 ** -24]],
    [DataType.BFLOAT16, [1, -(2 ** 127), 2 ** -133]],
  ];
  for (const [type, values] of cases) {
    expect(Array.from(tensorValues(makeTensor('t', type, [3], values)) as ArrayLike<number>)).toEqual(values);
  }
  const wide = [-(2n ** 63n), 0n, 2n ** 63n - 1n];
  expect(tensorValues(makeTensor('t', DataType.INT64, [3], wide))).toEqual(BigInt64Array.from(wide));
  expect(tensorValues(makeTensor('t', DataType.UINT64, [1], [2n ** 64n - 1n]))).toEqual(
    BigUint64Array.of(2n ** 64n - 1n),
  );
  expect(tensorValues(makeTensor('t', DataType.INT64, [2], [3, -4]))).toEqual(BigInt64Array.of(3n, -4n));
});

test('four-bit values take half a byte each', () => {
  expect(makeTensor('t', DataType.INT4, [3], [1, -1, -8]).rawData).toEqual(Uint8Array.of(0xf1, 0x08));
});

test('values are found in the typed fields too', () => {
  const stored: Tensor[] = [
    { name: 't', dataType: DataType.FLOAT, dims: [2], floatData: [1, 2] },
    { name: 't', dataType: DataType.DOUBLE, dims: [2], doubleData: [1, 2] },
    { name: 't', dataType: DataType.INT8, dims: [2], int32Data: [1, 2] },
    { name: 't', dataType: DataType.INT4, dims: [2], int32Data: [0x21] },
    { name: 't', dataType: DataType.FLOAT16, dims: [2], int32Data: [0x3c00, 0x4000] },
    { name: 't', dataType: DataType.UINT32, dims: [2], uint64Data: [1n, 2n] },
    { name: 't', dataType: DataType.INT64, dims: [2], int64Data: [1n, 2n] },
  ];
  for (const tensor of stored) {
    expect(Array.from(tensorValues(tensor) as ArrayLike<number>, Number)).toEqual([1, 2]);
    const changed = withValues(tensor, [3, 4]);
    expect(Object.keys(changed)).toEqual(Object.keys(tensor)); // still in the same field
    expect(Array.from(tensorValues(changed) as ArrayLike<number>, Number)).toEqual([3, 4]);
  }
});

test('float16 rounds to nearest, ties to even, like the reference conversion', () => {
  // Oracle: the closest of all finite float16 values, by search.
  const codes = Array.from({ length: 0x7c00 }, (_, code) => code);
  const grid = tensorValues({ name: '', dataType: DataType.FLOAT16, dims: [codes.length], int32Data: codes });
  const ascending = Array.from(grid as Float32Array);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 65503, noNaN: true }), (raw) => {
      const value = Math.fround(raw);
      const [rounded] = tensorValues(makeTensor('t', DataType.FLOAT16, [], [value])) as Float32Array;
      const best = Math.min(...ascending.map((candidate) => Math.abs(candidate - value)));
      expect(Math.abs(rounded! - value)).toBe(best);
    }),
    { numRuns: 50 },
  );
  const bits = (value: number) =>
    new Uint16Array(makeTensor('t', DataType.FLOAT16, [], [value]).rawData!.slice().buffer)[0];
  expect([2049, 2051, 65519, 65520, 1e9, 2 ** -25, 2 ** -25 * 1.01, -0].map(bits)).toEqual([
    0x6800, 0x6802, 0x7bff, 0x7c00, 0x7c00, 0, 1, 0x8000,
  ]);
});

test('8-bit floats widen by their bit layout', () => {
  const value = (dataType: number, code: number) =>
    (tensorValues({ name: '', dataType, dims: [], rawData: Uint8Array.of(code) }) as Float32Array)[0];
  expect(value(DataType.FLOAT8E4M3FN, 0x7e)).toBe(448);
  expect(value(DataType.FLOAT8E4M3FN, 0x7f)).toBeNaN();
  expect(value(DataType.FLOAT8E4M3FNUZ, 0x7f)).toBe(240);
  expect(value(DataType.FLOAT8E4M3FNUZ, 0x80)).toBeNaN();
  expect(value(DataType.FLOAT8E5M2, 0x7b)).toBe(57344);
  expect(value(DataType.FLOAT8E5M2, 0xfc)).toBe(Number.NEGATIVE_INFINITY);
  expect(value(DataType.FLOAT8E5M2FNUZ, 0x01)).toBe(2 ** -17);
});

test('the values read are a copy, whatever the alignment in the file', () => {
  for (const name of ['w', 'we', 'wei', 'weig']) {
    const weights = makeTensor(name, DataType.FLOAT, [2], [1, 2]);
    const graph = makeGraph({ nodes: [], initializers: [weights], inputs: [], outputs: [] });
    const [tensor] = decodeModel(encodeModel(makeModel(graph))).graph.initializers;
    const values = tensorValues(tensor!);
    values[0] = 9;
    expect(Array.from(tensorValues(tensor!) as Float32Array)).toEqual([1, 2]);
  }
});

it('refuses what cannot be right', () => {
  const broken: Tensor[] = [
    { name: 't', dataType: DataType.FLOAT, dims: [3], rawData: new Uint8Array(8) },
    { name: 't', dataType: DataType.FLOAT, dims: [3], floatData: [1] },
    { name: 't', dataType: DataType.FLOAT, dims: [1e9, 1e9], rawData: new Uint8Array() },
    { name: 't', dataType: DataType.FLOAT, dims: [-1], rawData: new Uint8Array() },
    { name: 't', dataType: DataType.STRING, dims: [1], stringData: [new Uint8Array()] },
    { name: 't', dataType: 99, dims: [], rawData: new Uint8Array() },
    { name: 't', dataType: DataType.FLOAT, dims: [1], dataLocation: 1, externalData: [] },
  ];
  for (const tensor of broken) expect(() => tensorValues(tensor)).toThrow(TemperError);
  expect(() => makeTensor('t', DataType.FLOAT, [2], [1])).toThrow(TemperError);
  expect(() => makeTensor('t', DataType.STRING, [1], [1])).toThrow(TemperError);
});

test('element counts', () => {
  expect([elementCount([]), elementCount([2, 3]), elementCount([4, 0])]).toEqual([1, 6, 0]);
});
