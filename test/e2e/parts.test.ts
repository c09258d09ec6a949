/** Which examples of somebody's own data are trained on and which are judged, and what is said of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/open.js';
import { tensorInfo } from '../../src/onnx/build.js';
import { makeTensor, withValues } from '../../src/onnx/tensor.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { npy, npz, temporaryFolder } from '../data/layouts.js';
import { brightnessNet, brightPictures } from '../verify/templates.js';
import { temper } from './fixture.js';

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const [shape, count] = [[3, 8, 8], 200];
const file = path('bright.npz');
const model = path('model.onnx');
const verify = ['verify', model, '--draws', '1', '--quiet'];
const { examples, labels } = brightPictures(count, shape);

beforeAll(async () => {
  const y = npy('<i8', [count], BigInt64Array.from(labels, BigInt)); // sorted by class
  writeFileSync(file, npz({ x: npy('|u1', [count, ...shape], examples), y }));
  await writeModel(model, brightnessNet({ mean: [0], std: [1] }, shape));
});

const reportOf = async (...argv: string[]) => JSON.parse((await temper(...argv, '--json', '-')).out);

describe('a file of examples without parts', () => {
  it('is judged whole, said, and can be judged so again', async () => {
    const report = await reportOf(...verify, '--data', `npz:${file}`);
    expect(report.data).toMatchObject({ count, spec: `npz:${file}`, split: 'test' });
    expect(report.notes.join()).toContain('no train and test parts: all 200 examples');
    expect(report.notes.join()).toContain('Nobody said how the input is scaled');
    expect((await reportOf(...verify, '--data', report.data.spec)).data).toEqual(report.data);
  });

  it.each([[`npz:${file}:test`], [`npz:${file}`, '--test-fraction', '0.2']])(
    'is judged in part if that is asked for: %s %s %s',
    async (...given) => {
      const report = await reportOf(...verify, '--data', ...given);
      expect(report.data.count).toBe(40);
      expect(report.notes.join()).toMatch(/40 of 200 examples, a drawn share of 0\.2, are the test part/);
    },
  );

  it('is trained on in part, and the hardened model never judged on that part', async () => {
    const out = path('run');
    const { code, err } = await temper(
      ...['harden', model, '--data', `npz:${file}`, '--epochs', '1', '--learning-rate', '0.0001'],
      ...['--draws', '1', '--split-seed', '3', '--out', out],
    );
    expect(code).toBe(0);
    expect(err).toMatch(/160 of 200 examples, a drawn share of 0\.8, are the train part/);
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
    expect(report.data.count).toBe(40);
    const judged = await reportOf(
      ...['verify', join(out, 'hardened.onnx'), '--data', `npz:${file}`, '--draws', '1'],
    );
    expect(judged.data.count).toBe(40);
    expect(judged.notes.join()).toContain('was trained on a share of these data');
    expect(judged.clean.accuracy).toBe(report.clean.accuracy);
    const parts = await Promise.all(
      (['train', 'test'] as const).map((split) => openDataset(`npz:${file}`, { split, splitSeed: 3 })),
    );
    const [train, test] = parts.map(
      (data) =>
        new Set(
          Array.from({ length: data.count }, (_, i) => data.examples.subarray(i * 192, (i + 1) * 192).join()),
        ),
    );
    expect([...test!].filter((picture) => train!.has(picture))).toEqual([]);
  });
});

describe('a limit on a class-sorted file', () => {
  it('judges every class, said in the report', async () => {
    // A net that only knows the first class: its bias decides.
    const lazy = path('lazy.onnx');
    const net = brightnessNet({ mean: [0], std: [1] }, shape);
    const [weights, bias] = net.graph.initializers;
    await writeModel(lazy, {
      ...net,
      graph: { ...net.graph, initializers: [weights!, withValues(bias!, [1000, 0, 0, 0])] },
    });
    const report = await reportOf(
      ...['verify', lazy, '--data', `npz:${file}`, '--limit', '40', '--draws', '1', '--scaling', 'asis'],
    );
    expect(report.clean.accuracy).toBe(0.25);
    expect(report.data).toMatchObject({ count: 40, sampled: { of: 200, seed: 0 } });
    expect(report.notes.join()).toContain('40 of 200 test examples, class-balanced, seed 0');
  });

  it('trains on every class, said', async () => {
    const { code, err } = await temper(
      ...['finetune', model, '--data', `npz:${file}:train`, '--train-limit', '80', '--epochs', '1'],
      ...['--learning-rate', '0.0001', '--out', path('tuned.onnx')],
    );
    expect(code).toBe(0);
    expect(err).toContain('80 of 160 train examples, class-balanced, seed 0');
    const { labels: taken } = await openDataset(`npz:${file}:train`, { limit: 80 });
    expect(new Set(taken).size).toBe(4);
  });
});

describe('labels as floats', () => {
  const asFloats = (name: string, y: Uint8Array) => {
    writeFileSync(path(name), npz({ x: npy('|u1', [count, ...shape], examples), y }));
    return `npz:${path(name)}`;
  };
  const oneHot = Float32Array.from({ length: count * 4 }, (_, i) =>
    Number(labels[Math.floor(i / 4)] === i % 4),
  );

  it.each([
    ['one-hot', npy('<f4', [count, 4], oneHot)],
    ['whole numbers', npy('<f8', [count], Float64Array.from(labels))],
  ])('are judged as classes, said: %s', async (name, y) => {
    const report = await reportOf(...verify, '--data', asFloats(`${name}.npz`, y));
    expect(report.clean).toMatchObject({ accuracy: 1 });
    expect(report.notes.join()).toMatch(/taken for 4 classes/);
  });

  it('are values if the user says so', async () => {
    const spec = asFloats('values.npz', npy('<f4', [count, 4], oneHot));
    const report = await reportOf(...verify, '--data', spec, '--labels', 'values');
    expect(report.clean).toHaveProperty('mse');
  });

  it('one for each example of a model that puts out one value: what to do', async () => {
    const whole = asFloats('integers.npz', npy('<i8', [count], BigInt64Array.from(labels, BigInt)));
    const net = brightnessNet({ mean: [0], std: [1] }, shape);
    const initializers = [
      makeTensor('w', 1, [192, 1], new Float32Array(192).fill(0.01)),
      makeTensor('b', 1, [1], [0]),
    ];
    const outputs = [tensorInfo('y', 1, ['n', 1])];
    await writeModel(path('one.onnx'), { ...net, graph: { ...net.graph, initializers, outputs } });
    const args = ['verify', path('one.onnx'), '--data', whole, '--draws', '1'];
    const { code, err } = await temper(...args);
    expect(code).toBe(3);
    expect(err).toContain('--labels values');
    expect((await temper(...args, '--labels', 'values')).code).toBe(0);
  });
});
