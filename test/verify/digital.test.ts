import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { exportModel } from '../../src/export/exportModel.js';
import { makeNode } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { readModel } from '../../src/onnx/file.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor, tensorValues } from '../../src/onnx/tensor.js';
import { verify } from '../../src/verify/verify.js';
import { b1, classes, datasetFor, hidden, inputs, mlpNodes, modelOf, normals, w1, w2 } from './models.js';

const folder = mkdtempSync(join(tmpdir(), 'temper-digital-'));
afterAll(() => rmSync(folder, { recursive: true }));

const model = modelOf();
const dataset = await datasetFor(model);
const judge = (
  source: Model,
  options: { digital?: string[]; against?: Model; device?: string; file?: string },
) =>
  verify({
    model: encodeModel(source),
    dataset,
    devices: [options.device ?? 'gaussian:0.3'],
    draws: 4,
    ...(options.digital && { digital: options.digital }),
    ...(options.against && { against: encodeModel(options.against) }),
    ...(options.file && { writeChip: { chip: 2, file: join(folder, options.file) } }),
  });
const stored = (from: Model, name: string) =>
  tensorValues(from.graph.initializers.find((tensor) => tensor.name === name)!);

test('digital weights are those of the file on every chip; the others are those of the same chip without the choice', async () => {
  const report = await judge(model, { digital: ['second'], file: 'chosen.onnx' });
  await judge(model, { file: 'whole.onnx' });
  const [chosen, whole] = [
    await readModel(join(folder, 'chosen.onnx')),
    await readModel(join(folder, 'whole.onnx')),
  ];
  expect(stored(chosen, 'w2')).toEqual(stored(model, 'w2'));
  expect(stored(whole, 'w2')).not.toEqual(stored(model, 'w2'));
  expect(stored(chosen, 'w1')).toEqual(stored(whole, 'w1'));
  expect(report.runs[0]!.layers.map(({ tensor }) => tensor)).toEqual(['w1']);
  expect(report.model.weights).toMatchObject({ crossbar: 96, digital: 48, layers: [{ tensors: ['w2'] }] });
  expect(report.notes.join('\n')).toMatch(/48 of 144 weights \(33 %\) digital: .*"w2" \(MatMul, 48\)/);
});

test('a file exported with the choice is judged by it, and so is the one it is compared with', async () => {
  const exported = exportModel(model, { digital: ['w2'], bits: 8 }).model;
  const report = await judge(exported, { against: model });
  expect(report.model.weights).toMatchObject({ crossbar: 96, digital: 48, chosenBy: 'file' });
  expect(report.against!.model.weights).toMatchObject({ crossbar: 96, digital: 48 });
  expect(report.notes.join('\n')).toContain('digital, as the file says');
  const whole = await judge(exported, { digital: ['none'] });
  expect(whole.runs[0]!.layers).toHaveLength(2);
  const overruled = judge(exported, { digital: ['w3'] });
  await expect(overruled).rejects.toMatchObject({ kind: 'usage', problems: [{ where: 'the model' }] });
});

test('reports say which noise they are of', async () => {
  const { runs, notes } = await judge(model, {});
  expect(runs[0]!.noiseOn).toBe('effective weights, relative to the largest weight of each stored tensor');
  expect(notes.join('\n')).toContain('not on the conductances that crossbar.json describes');
  const channel = await judge(model, { device: 'gaussian:0.3:channel' });
  expect(channel.runs[0]!.noiseOn).toContain('output channel');
});

/** The first unit of the hidden layer ten times as large, which the second layer takes back: the same function. */
function scaled(): Model {
  const scaledFirst = (values: Float32Array, columns: number) =>
    values.map((value, i) => (i % columns === 0 ? 10 * value : value));
  const first = scaledFirst(tensorValues(w1) as Float32Array, hidden);
  const bias = scaledFirst(tensorValues(b1) as Float32Array, hidden);
  const second = (tensorValues(w2) as Float32Array).map((value, i) => (i < classes ? value / 10 : value));
  const { FLOAT } = DataType;
  return modelOf({
    initializers: [
      makeTensor('w1', FLOAT, [inputs, hidden], first),
      makeTensor('b1', FLOAT, [hidden], bias),
      makeTensor('w2', FLOAT, [hidden, classes], second),
    ],
  });
}

test('one channel scaled and undone behind it: judged alike by channel, unlike by tensor', async () => {
  const digital = ['w2'];
  const [by, tensor] = [
    { digital, device: 'gaussian:0.1:channel' },
    { digital, device: 'gaussian:0.1' },
  ];
  const accuracies = async (source: Model, options: object) =>
    (await judge(source, options)).runs[0]!.draws.map(({ accuracy }) => accuracy!);
  const [plain, large] = [await accuracies(model, by), await accuracies(scaled(), by)];
  // The noise of a channel is scaled like its weights: but for rounding, the same outputs on the same chip.
  for (const [chip, accuracy] of plain.entries())
    expect(Math.abs(accuracy - large[chip]!)).toBeLessThanOrEqual(1 / 200);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(await accuracies(model, tensor)) - mean(await accuracies(scaled(), tensor))).toBeGreaterThan(
    0.2,
  );
});

test('exported codes are judged by their own scales: the noise of each column is sigma x scale x 127', async () => {
  const { model: exported, crossbar } = exportModel(model, { bits: 8 });
  const report = await judge(exported, { device: 'gaussian:0.1:channel' });
  for (const { tensor, std } of report.runs[0]!.layers) {
    const { scales, largestCode } = crossbar!.tensors.find(({ name }) => name === tensor)!;
    const squares = scales.map((scale) => (0.1 * scale * largestCode) ** 2);
    const expected = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / scales.length);
    expect(std / expected).toBeCloseTo(1, 5);
  }
});

test('two DequantizeLinear of one tensor are one array: both see the same chip', async () => {
  const codes = Int8Array.from(normals('codes', inputs * hidden, 40), Math.round);
  const nodes = [
    makeNode('DequantizeLinear', ['codes', 'scale'], ['one']),
    makeNode('DequantizeLinear', ['codes', 'again'], ['two']),
    makeNode('MatMul', ['x', 'one'], ['h1'], {}, { name: 'first' }),
    makeNode('MatMul', ['x', 'two'], ['h2'], {}, { name: 'again' }),
    makeNode('Sub', ['h1', 'h2'], ['difference']),
    makeNode('Add', ['h1', 'difference'], ['h']),
    ...mlpNodes.slice(1),
  ];
  const scale = (name: string) => makeTensor(name, DataType.FLOAT, [], [0.02]);
  const initializers = [
    makeTensor('codes', DataType.INT8, [inputs, hidden], codes),
    scale('scale'),
    scale('again'),
    w2,
  ];
  const source = modelOf({ nodes, initializers });
  const report = await judge(source, { file: 'twice.onnx' });
  expect(report.runs[0]!.layers.map(({ tensor, nodes: readers }) => [tensor, readers.length])).toEqual([
    ['one', 2],
    ['w2', 1],
  ]);
  const chip = await readModel(join(folder, 'twice.onnx'));
  expect(stored(chip, 'two')).toEqual(stored(chip, 'one'));
  const { crossbar } = exportModel(source, { bits: 8 });
  expect(crossbar!.tensors.map(({ name, copies }) => [name, copies])).toEqual([
    ['one', ['two']],
    ['w2', []],
  ]);
  expect(crossbar!.weights).toEqual({ codes: 96 + 48, all: 96 + 48 });
});
