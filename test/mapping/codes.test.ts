import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TemperError } from '../../src/errors.js';
import { dequantize, largestCode, quantize } from '../../src/mapping/codes.js';
import { checkRange, defaultRange, fromPair, toPair } from '../../src/mapping/conductance.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { openSession } from '../../src/runtime/session.js';

const weights = fc.array(fc.float({ noNaN: true, min: -8, max: 8 }), { minLength: 12, maxLength: 12 });

test('codes are symmetric, use their whole range, and stand for the nearest weights', () => {
  fc.assert(
    fc.property(weights, fc.constantFrom(8, 4), fc.constantFrom(undefined, 0, 1), (list, bits, axis) => {
      const values = Float32Array.from(list);
      const coded = quantize(values, [3, 4], bits, axis);
      const back = dequantize(coded, [3, 4]);
      expect(coded.scales).toHaveLength(axis === undefined ? 1 : [3, 4][axis]!);
      values.forEach((value, i) => {
        const scale = coded.scales[axis === undefined ? 0 : axis === 0 ? Math.floor(i / 4) : i % 4]!;
        expect(Math.abs(coded.codes[i]!)).toBeLessThanOrEqual(largestCode(bits));
        expect(Math.abs(back[i]! - value)).toBeLessThanOrEqual(scale / 2 + 1e-6);
      });
      const largest = Math.max(...values.map(Math.abs));
      if (largest > 1e-30) expect(Math.max(...coded.codes.map(Math.abs))).toBe(largestCode(bits));
    }),
  );
});

test('codes are those of onnxruntime QuantizeLinear', async () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 3);
  const { codes, scales } = quantize(values, [1000], 8);
  const graph = makeGraph({
    nodes: [makeNode('QuantizeLinear', ['w', 's', 'z'], ['q'])],
    initializers: [
      makeTensor('w', DataType.FLOAT, [1000], values),
      makeTensor('s', DataType.FLOAT, [], scales),
      makeTensor('z', DataType.INT8, [], [0]),
    ],
    inputs: [],
    outputs: [tensorInfo('q', DataType.INT8, [1000])],
  });
  const session = await openSession(encodeModel(makeModel(graph)));
  expect((await session.run({})).q!.data).toEqual(codes);
});

test('zero weights have code 0 and a harmless scale; weights that are not numbers are refused', () => {
  expect(quantize(new Float32Array(4), [2, 2], 8, 0)).toEqual({
    codes: new Int8Array(4),
    scales: Float32Array.of(1, 1),
    bits: 8,
    axis: 0,
  });
  expect(() => quantize(Float32Array.of(Number.NaN), [1], 8)).toThrow(TemperError);
  expect(() => quantize(Float32Array.of(Number.POSITIVE_INFINITY), [1], 8)).toThrow(TemperError);
});

test('codes survive the way through conductances', () => {
  const codes = Int8Array.from({ length: 255 }, (_, i) => i - 127);
  for (const range of [defaultRange, { gMin: 0.1, gMax: 20 }]) {
    const pair = toPair(codes, 127, range);
    expect(Math.min(...pair.positive, ...pair.negative)).toBeCloseTo(range.gMin, 5);
    expect(Math.max(...pair.positive)).toBeCloseTo(range.gMax, 4);
    expect(Math.max(...pair.negative)).toBeCloseTo(range.gMax, 4);
    expect(fromPair(pair, 127, range).map(Math.round)).toEqual(Float32Array.from(codes));
  }
});

test('a positive weight raises one device, a negative one the other, zero none', () => {
  const pair = toPair([0.5, -1, 0], 1, { gMin: 1, gMax: 5 });
  expect([...pair.positive]).toEqual([3, 1, 1]);
  expect([...pair.negative]).toEqual([1, 5, 1]);
  expect([...fromPair(toPair([0, 0], 0, defaultRange), 0, defaultRange)]).toEqual([0, 0]);
});

test('impossible ranges are refused', () => {
  for (const range of [
    { gMin: 5, gMax: 5 },
    { gMin: -1, gMax: 5 },
    { gMin: 0, gMax: Number.NaN },
    { gMin: 0, gMax: Number.POSITIVE_INFINITY },
  ]) {
    expect(() => checkRange(range)).toThrow(TemperError);
  }
});
