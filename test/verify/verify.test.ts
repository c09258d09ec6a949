import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../src/data/dataset.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType } from '../../src/onnx/model.js';
import { renderReport } from '../../src/report/renderReport.js';
import { parseReport } from '../../src/report/report.js';
import { renderTable } from '../../src/report/table.js';
import { verdict } from '../../src/report/verdict.js';
import {
  type VerifyOptions,
  type VerifyProgress,
  type VerifyReport,
  verify,
} from '../../src/verify/verify.js';
import * as net from './models.js';

const model = net.modelOf();
const bytes = encodeModel(model);
const dataset = await net.datasetFor(model);
const base: VerifyOptions = {
  model: bytes,
  dataset,
  devices: ['gaussian:0.1'],
  draws: 4,
  seed: 3,
  threads: 1,
};

/** Standard normal distribution function, to 1e-7 (Abramowitz and Stegun 7.1.26). */
function phi(z: number): number {
  const t = 1 / (1 + 0.3275911 * (Math.abs(z) / Math.SQRT2));
  const polynomial =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = (polynomial * Math.exp((-z * z) / 2)) / 2;
  return z > 0 ? 1 - tail : tail;
}

test('the mean accuracy of a linear classifier is what theory says', async () => {
  // Two outputs x.w0 and x.w1 under noise of std s: their difference is normal with std s sqrt(2) |x|.
  const sigma = 0.7;
  const examples = net.normals('points', 40);
  const weights = [1, -0.5, 0.25, 0.75];
  const labels = Int32Array.from({ length: 20 }, (_, i) => i % 2);
  let theory = 0;
  labels.forEach((label, i) => {
    const [u, v] = [examples[2 * i]!, examples[2 * i + 1]!];
    const difference = u * (weights[0]! - weights[1]!) + v * (weights[2]! - weights[3]!);
    const margin = label === 0 ? difference : -difference;
    theory += phi(margin / (sigma * Math.SQRT2 * Math.hypot(u, v))) / labels.length;
  });
  const graph = makeGraph({
    nodes: [makeNode('MatMul', ['x', 'w'], ['y'])],
    initializers: [net.floatTensor('w', [2, 2], weights)],
    inputs: [tensorInfo('x', DataType.FLOAT, ['N', 2])],
    outputs: [tensorInfo('y', DataType.FLOAT, ['N', 2])],
  });
  const data: Dataset = { ...net.datasetOf(examples, labels), shape: [2], classes: 2 };
  const report = await verify({
    model: encodeModel(makeModel(graph)),
    dataset: data,
    devices: [`gaussian:${sigma}:absolute`],
    draws: 400,
    seed: 1,
    threads: 1,
  });
  const { mean, std } = report.runs[0]!.accuracy!;
  // 5 standard errors: over all seeds one run in 1.7 million would fail.
  expect(Math.abs(mean - theory)).toBeLessThan((5 * std) / Math.sqrt(400));
  expect(std).toBeGreaterThan(0);
});

describe('the same chips, however they are computed', () => {
  let reference: VerifyReport;

  test('a report says what was judged and how', async () => {
    reference = await verify(base);
    expect(reference).toMatchObject({
      schema: 1,
      seed: 3,
      chips: 4,
      numerics: 'exact',
      clean: { accuracy: 1, ties: 0, notNumbers: 0 },
      data: { count: 200, split: 'test' },
      batch: { size: 256, fixed: false, reopened: false },
    });
    const [run] = reference.runs;
    expect(run!.draws.map(({ chip }) => chip)).toEqual([0, 1, 2, 3]);
    expect(run!.accuracy!.clean).toBe(1);
    expect(run!.accuracy!.mean).toBeLessThan(1);
    expect(run!.layers.map(({ tensor, effectiveSigma }) => [tensor, effectiveSigma])).toEqual([
      ['w1', expect.closeTo(0.1, 6)],
      ['w2', expect.closeTo(0.1, 6)],
    ]);
    for (const { std, sampledStd } of run!.layers) expect(sampledStd / std).toBeCloseTo(1, 0);
  });

  test('report.json of it is a valid report', () => {
    expect(parseReport(JSON.stringify(reference), 'report.json').runs).toHaveLength(1);
  });

  test('two worker threads give the same report as none', async () => {
    expect(await verify({ ...base, threads: 2 })).toEqual(reference);
  });

  test('more draws keep the first ones, and other devices change nothing', async () => {
    const more = await verify({ ...base, draws: 6, devices: ['gaussian:0.3', 'gaussian:0.1'] });
    expect(more.runs[1]!.draws.slice(0, 4)).toEqual(reference.runs[0]!.draws);
  });

  test('smaller batches give the same scores', async () => {
    const { runs } = await verify({ ...base, batchSize: 7 });
    expect(runs[0]!.draws).toEqual(reference.runs[0]!.draws);
  });

  test('another seed draws other chips', async () => {
    const { runs } = await verify({ ...base, devices: ['gaussian:0.3'], seed: 4 });
    const again = await verify({ ...base, devices: ['gaussian:0.3'] });
    expect(runs[0]!.draws).not.toEqual(again.runs[0]!.draws);
  });

  test('without noise every chip scores as the model does', async () => {
    const { runs } = await verify({ ...base, devices: ['gaussian:0'], limit: 50 });
    expect(runs[0]!.draws.map(({ correct }) => correct)).toEqual([50, 50, 50, 50]);
    expect(runs[0]!.accuracy).toMatchObject({ clean: 1, mean: 1, std: 0 });
  });
});

test('progress counts every trial once', async () => {
  const events: VerifyProgress[] = [];
  await verify({ ...base, draws: 2, onProgress: (event) => events.push(event) });
  expect(events.map(({ done, total, chip }) => [done, total, chip])).toEqual([
    [1, 3, undefined],
    [2, 3, 0],
    [3, 3, 1],
  ]);
});

test.each([1, 2])('an abort ends it as interrupted, with %i threads', async (threads) => {
  const controller = new AbortController();
  const running = verify({
    ...base,
    threads,
    draws: 100_000,
    signal: controller.signal,
    onProgress: ({ done }) => done === 3 && controller.abort(),
  });
  await expect(running).rejects.toMatchObject({ name: 'TemperError', kind: 'interrupted' });
});

describe('against another model', () => {
  const [w1] = [net.floatTensor('w1', net.w1.dims, net.normals('w1', 96))];
  const shifted = net.floatTensor('w2', net.w2.dims, net.normals('w2 of the other', 48));

  test('the same chips are drawn, and differences are taken chip by chip', async () => {
    const other = encodeModel(net.modelOf({ initializers: [w1, net.b1, shifted] }));
    const { runs, against } = await verify({ ...base, against: other });
    const alone = await verify({ ...base, model: other });
    expect(against!.clean).toEqual(alone.clean);
    expect(against!.runs[0]!.draws).toEqual(alone.runs[0]!.draws);
    expect(against!.runs[0]!.difference!.mean).toBeCloseTo(
      runs[0]!.accuracy!.mean - alone.runs[0]!.accuracy!.mean,
      12,
    );
    const same = await verify({ ...base, against: bytes });
    expect(same.against!.runs[0]!.difference).toMatchObject({ mean: 0, std: 0, standardError: 0 });
  });

  test('a model in another form is refused', async () => {
    const renamed = net.modelOf({
      nodes: [...net.mlpNodes.slice(0, 2), makeNode('MatMul', ['a', 'other'], ['y'])],
      initializers: [net.w1, net.b1, { ...net.w2, name: 'other' }],
    });
    await expect(verify({ ...base, against: encodeModel(renamed) })).rejects.toThrow(
      /"w2" \[16,3\] is only in the model[^]*"other" \[16,3\] is only in the other/,
    );
  });

  test('a model whose batch normalization was folded is refused: sigma means something else in it', async () => {
    const vector = (name: string, value: number) => net.floatTensor(name, [16], Array(16).fill(value));
    const normalized = net.modelOf({
      nodes: [
        net.mlpNodes[0]!,
        makeNode('BatchNormalization', ['h', 'g', 's', 'm', 'v'], ['n']),
        makeNode('Relu', ['n'], ['a']),
        net.mlpNodes[2]!,
      ],
      initializers: [
        ...[net.w1, net.b1, net.w2],
        ...[vector('g', 2), vector('s', 0), vector('m', 0), vector('v', 1)],
      ],
    });
    await expect(verify({ ...base, model: encodeModel(normalized), against: bytes })).rejects.toThrow(
      /1 batch normalization in the model, 0 in the other/,
    );
  });
});

test('data with targets are scored by mean squared error', async () => {
  const targets = await net.outputsOf(model, dataset.examples as Float32Array);
  const regression: Dataset = {
    ...dataset,
    classes: 0,
    labels: new Int32Array(0),
    targets,
    targetShape: [net.classes],
  };
  const report = await verify({ ...base, dataset: regression });
  expect(report.clean.mse).toBeCloseTo(0, 10);
  expect(report.clean.accuracy).toBeUndefined();
  expect(report.runs[0]!.mse!.mean).toBeGreaterThan(0.01);
  expect(parseReport(JSON.stringify(report), 'report.json').runs).toHaveLength(1);
});

describe('chips whose outputs are no numbers', () => {
  // y = sqrt(w x + 1): no number where noise turns w x below -1.
  const graph = makeGraph({
    nodes: [
      makeNode('MatMul', ['x', 'w'], ['h']),
      makeNode('Add', ['h', 'one'], ['s']),
      makeNode('Sqrt', ['s'], ['y']),
    ],
    initializers: [net.floatTensor('w', [2, 2], [0.5, 0.1, 0.2, 0.4]), net.floatTensor('one', [1], [1])],
    inputs: [tensorInfo('x', DataType.FLOAT, ['N', 2])],
    outputs: [tensorInfo('y', DataType.FLOAT, ['N', 2])],
  });
  const rooted = encodeModel(makeModel(graph));
  const examples = Float32Array.from({ length: 80 }, (_, i) => 0.5 + (i % 7) / 7);
  const labels = Int32Array.from({ length: 40 }, (_, i) => i % 2);
  const classified: Dataset = { ...net.datasetOf(examples, labels), shape: [2], classes: 2 };
  const targets = new Float32Array(80).fill(1.2);
  const regression: Dataset = {
    ...{ ...classified, classes: 0, labels: new Int32Array(0) },
    ...{ targets, targetShape: [2] },
  };
  const options = { model: rooted, devices: ['gaussian:1.5'], draws: 40, seed: 1, threads: 1 };

  test('an error: counted and named, left out of the statistics, worst in the tolerance', async () => {
    const report = await verify({ ...options, dataset: regression });
    const { draws, mse } = report.runs[0]!;
    const silent = draws.filter(({ mse }) => mse === undefined).map(({ chip }) => chip);
    expect(silent.length).toBeGreaterThan(2);
    expect(silent.length).toBeLessThan(30);
    for (const chip of silent) expect(draws[chip]!.notNumbers).toBeGreaterThan(0);
    const numbers = draws.flatMap((draw) => draw.mse ?? []);
    expect(numbers).toHaveLength(40 - silent.length);
    expect(mse).toMatchObject({ min: Math.min(...numbers), max: Math.max(...numbers) });
    expect(mse!.tolerance).toBeUndefined(); // the worst of 40 has no number
    expect(report.notes.join()).toContain(`${silent.length} of 40 chips put out values that are no numbers`);
    expect(report.notes.join()).toContain(`chips ${silent.join(', ')}`);
    const read = parseReport(JSON.stringify(report), 'report.json');
    expect(renderTable(read)).toMatch(/no number[^]*put out values that are no numbers: chips /);
    expect(verdict(read)).toContain(`chips ${silent.join(', ')} put out`);
    expect(renderReport(read)).not.toMatch(/NaN|undefined/);
  });

  test('classes: their examples are wrong, the chips are named', async () => {
    const report = await verify({ ...options, dataset: classified });
    const named = report.runs[0]!.draws.filter(({ notNumbers }) => notNumbers);
    expect(named.length).toBeGreaterThan(2);
    for (const { notNumbers, correct } of named) expect(correct! + notNumbers!).toBeLessThanOrEqual(40);
    expect(report.notes.join()).toContain(`chips ${named.map(({ chip }) => chip).join(', ')}`);
    expect(report.runs[0]!.accuracy!.mean).toBeGreaterThan(0);
    const late = examples.map((value, i) => (i < 64 ? value : -50)); // beyond the examples of the sanity check
    const { notes } = await verify({ ...options, dataset: { ...classified, examples: late } });
    expect(notes.join()).toContain('Without noise, 8 of 40 examples give outputs that are no numbers');
  });

  test('every chip: the report is valid and says so', async () => {
    const report = await verify({
      ...options,
      dataset: regression,
      devices: ['gaussian:1000'],
      seed: 2,
      draws: 1,
    });
    expect(report.runs[0]!.mse).toBeUndefined();
    const read = parseReport(JSON.stringify(report), 'report.json');
    expect(verdict(read)).toBe('No chip put out numbers, at gaussian:1000.');
    expect(renderTable(read)).toContain('1 of 1 chips of this model at gaussian:1000 put out values');
    expect(renderReport(read)).toContain('No chip put out numbers');
  });

  test('the model without noise: refused', async () => {
    const late = examples.map((value, i) => (i < 64 ? value : -50)); // beyond the examples of the sanity check
    const running = verify({ ...options, dataset: { ...regression, examples: late } });
    await expect(running).rejects.toThrow(
      /without any noise the mean squared error is no number, because of 8 of 40/,
    );
  });
});

test('examples are counted: the interval of few is wider', async () => {
  const widthOn = async (limit: number) => {
    const { runs } = await verify({ ...base, draws: 20, devices: ['gaussian:0.3'], limit });
    const { ci95, examples, standardError } = runs[0]!.accuracy!;
    expect(examples).toMatchObject({ count: limit, mean: expect.closeTo(runs[0]!.accuracy!.mean, 12) });
    expect(standardError).toBeGreaterThan(0);
    return ci95![1] - ci95![0];
  };
  expect(await widthOn(10)).toBeGreaterThan(1.3 * (await widthOn(200)));
});

test('a model that only guesses is told, once there are enough examples to say so', async () => {
  const data = await net.datasetFor(net.modelOf(), 60);
  const guessed = { ...data, labels: data.labels.map((_, i) => (i * 7 + (i >> 2)) % net.classes) };
  const base = { model: encodeModel(net.modelOf()), devices: ['gaussian:0.1'], draws: 1, threads: 1 };
  const notesOf = async (dataset: typeof data, limit?: number) =>
    (await verify({ ...base, dataset, ...(limit && { limit }) })).notes.join();
  expect(await notesOf(guessed)).toMatch(/no better than guessing among 3 classes/);
  expect(await notesOf(guessed, 10)).not.toMatch(/guessing/);
  expect(await notesOf(data)).not.toMatch(/guessing/);
});
