import { expect, test } from 'vitest';
import { exportModel } from '../../src/export/exportModel.js';
import { digitalKey } from '../../src/mapping/digital.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { metadata } from '../../src/onnx/walk.js';
import { outputsOf } from './feeds.js';
import { convNet, weights } from './nets.js';

const { FLOAT, UINT8 } = DataType;

test('digital layers keep their floats byte for byte, are named, and the file says so', async () => {
  const source = convNet(17);
  const { model, crossbar, notes } = exportModel(source, { bits: 8, digital: ['w2'] });
  const stored = (name: string) => model.graph.initializers.find((tensor) => tensor.name === name);
  expect(stored('w2')).toEqual(source.graph.initializers.find(({ name }) => name === 'w2'));
  expect(stored('w1')).toBeUndefined();
  expect(JSON.parse(metadata(model).get(digitalKey)!)).toEqual(['w2']);
  expect(crossbar!.tensors.map(({ name }) => name)).toEqual(['w1', 'w3']);
  expect(crossbar!.leftOut).toMatchObject([{ tensors: ['w2'], reason: 'digital by choice' }]);
  const counted = crossbar!.tensors.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0);
  expect(crossbar!.weights).toEqual({ codes: counted, all: counted + crossbar!.leftOut[0]!.weights });
  expect(notes.join('\n')).toMatch(/not as codes on a crossbar: "w2" .*digital by choice/);
  await outputsOf(model); // onnxruntime runs it
});

test('the choice alone adds its metadata and nothing else; none takes it away again', () => {
  const source = convNet(17);
  const { model } = exportModel(source, { digital: ['Conv'] });
  expect(model.graph).toBe(source.graph);
  expect(metadata(model).has(digitalKey)).toBe(true);
  const again = exportModel(model, { bits: 8 });
  expect(again.crossbar!.leftOut.map(({ reason }) => reason)).toContain('digital by choice');
  const freed = exportModel(model, { digital: ['none'] }).model;
  expect(encodeModel(freed)).toEqual(encodeModel(source));
});

test('every layer whose weights are no codes is named with its size and the reason', () => {
  const nodes = [
    makeNode('MatMul', ['x', 'first'], ['a']),
    makeNode('LSTM', ['a', 'W', 'R'], ['h'], { hidden_size: 2 }, { name: 'memory' }),
    makeNode('Squeeze', ['h'], ['s']),
    makeNode('Mul', ['v', 'g'], ['normed']),
    makeNode('MatMul', ['s', 'normed'], ['t'], {}, { name: 'normalized' }),
    makeNode('DequantizeLinear', ['bytes', 'scale', 'zero'], ['w']),
    makeNode('MatMul', ['t', 'w'], ['y'], {}, { name: 'head' }),
  ];
  const initializers = [
    weights('first', [3, 4]),
    weights('W', [1, 8, 4]),
    weights('R', [1, 8, 2]),
    weights('v', [2, 5]),
    weights('g', [1, 5]),
    makeTensor(
      'bytes',
      UINT8,
      [5, 2],
      Uint8Array.from({ length: 10 }, (_, i) => 20 * i),
    ),
    makeTensor('scale', FLOAT, [], [0.1]),
    makeTensor('zero', UINT8, [], [90]),
  ];
  const inputs = [tensorInfo('x', FLOAT, [7, 1, 3])];
  const outputs = [tensorInfo('y', FLOAT, [7, 2])];
  const source = makeModel(makeGraph({ nodes, initializers, inputs, outputs }));
  const { crossbar, notes } = exportModel(source, { bits: 8 });
  expect(crossbar!.weights).toEqual({ codes: 12, all: 12 + 48 + 15 + 10 });
  expect(crossbar!.leftOut.map(({ opType, weights: count }) => [opType, count])).toEqual([
    ['LSTM', 48],
    ['MatMul', 15],
    ['MatMul', 10],
  ]);
  const told = notes.join('\n');
  expect(told).toContain('12 of 85 weights as codes');
  expect(told).toMatch(/"W" \(LSTM, 48\): .*recurrent/);
  expect(told).toMatch(/\(MatMul, 15\): .*computed/);
  expect(told).toMatch(/"w" \(MatMul, 10\): codes of type UINT8/);
});
