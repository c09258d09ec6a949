/** A net that needs its scaling, used without it: refused, doubted, or scaled as its file says. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { setMetadata } from '../../src/onnx/walk.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { npy, npz, temporaryFolder } from '../data/layouts.js';
import { brightnessNet, brightPictures } from '../verify/templates.js';
import { temper } from './fixture.js';

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const [shape, count] = [[3, 8, 8], 400];
const trained = { mean: [0.5], std: [0.5] };
const options = ['--mean', trained.mean.join(), '--std', trained.std.join()];
const data = ['--data', `npz:${path('bright.npz')}`];
const short = ['--draws', '1', '--quiet'];
const silent = path('silent.onnx');
const stating = path('stating.onnx');

beforeAll(async () => {
  const { examples, labels } = brightPictures(count, shape);
  const y = npy('<i8', [count], BigInt64Array.from(labels, BigInt));
  writeFileSync(path('bright.npz'), npz({ x: npy('|u1', [count, ...shape], examples), y }));
  const model = brightnessNet(trained, shape);
  await writeModel(silent, model);
  await writeModel(
    stating,
    setMetadata(model, 'temper.input', JSON.stringify({ scale: '0..1', ...trained })),
  );
});

const clean = (out: string) => JSON.parse(out).clean.accuracy;

describe('a scaling that nobody gave', () => {
  it.each([
    ['verify', ...short],
    ['harden', '--out', path('never'), '--epochs', '1', ...short],
    ['finetune', '--out', path('never.onnx'), '--epochs', '1'],
  ])(
    'is refused by %s if another is clearly better, with the results and what to write',
    async (command, ...more) => {
      const { code, out, err } = await temper(command, silent, ...data, ...more);
      expect(code).toBe(2);
      expect(err).toMatch(/asis +\d+\.\d % +256 .*\n[^]*-1\.\.1 +100\.0 % +256 +--mean 0\.5 --std 0\.5/);
      expect(err).toContain('run the same command with --scaling -1..1');
      expect(err).toContain('insist with --scaling asis');
      expect([out, existsSync(path('never')), existsSync(path('never.onnx'))]).toEqual(['', false, false]);
    },
  );

  it('is refused together with everything else that is wrong', async () => {
    const { code, err } = await temper('verify', silent, ...data, '--device', 'laser:3', '--json', folder);
    expect(code).toBe(4);
    for (const words of ['laser', 'is a folder', '--scaling -1..1']) expect(err).toContain(words);
  });

  it('is what the file states, said', async () => {
    const { code, out, err } = await temper('verify', stating, ...data, ...short, '--json', '-');
    expect([code, clean(out)]).toEqual([0, 1]);
    expect(err).toContain('as the file states it');
    const report = JSON.parse(out);
    expect(report.data).toMatchObject(trained);
    expect(report.notes.join()).toContain('scaled as the file states it (metadata temper.input)');
  });

  it('is refused even if the file states it, where the data say otherwise: pixels that are scaled already', async () => {
    const { examples, labels } = brightPictures(count, shape);
    const scaled = Float32Array.from(examples, (p) => (p / 255 - 0.5) / 0.5);
    const y = npy('<i8', [count], BigInt64Array.from(labels, BigInt));
    writeFileSync(path('scaled.npz'), npz({ x: npy('<f4', [count, ...shape], scaled), y }));
    const args = ['verify', stating, '--data', `npz:${path('scaled.npz')}`, ...short];
    const { code, err } = await temper(...args);
    expect(code).toBe(2);
    expect(err).toMatch(/run the same command with --scaling asis/);
    const insisting = await temper(...args, '--scaling', 'asis', '--json', '-');
    expect([insisting.code, clean(insisting.out)]).toEqual([0, 1]);
  });
});

describe('a scaling that was given', () => {
  it.each([
    ['by values', ...options],
    ['by name', '--scaling=-1..1'],
  ])('is used: %s', async (_, ...given) => {
    const { code, out } = await temper('verify', silent, ...data, ...short, ...given, '--json', '-');
    expect([code, clean(out)]).toEqual([0, 1]);
    expect(JSON.parse(out).notes.join()).not.toMatch(/WARNING|other scaling/);
  });

  it.each([
    ['asis', '--scaling', 'asis'],
    ['values', '--mean', '0', '--std', '1'],
  ])('is used and doubted aloud if another is clearly better: %s', async (_, ...given) => {
    const { code, err } = await temper('verify', silent, ...data, ...short, ...given);
    expect(code).toBe(0);
    expect(err).toMatch(/WARNING: on 256 examples the model fits the scaling -1\.\.1/);
  });

  it('is doubted by what the file states', async () => {
    const { err } = await temper('verify', stating, ...data, ...short, '--scaling', 'imagenet');
    expect(err).toMatch(/says it was trained with --mean 0\.5 .*used here: --mean 0\.485,/);
  });

  it('twice, by value and by name, is refused', async () => {
    const { code, err } = await temper('verify', silent, ...data, '--mean', '0.5', '--scaling', 'cifar10');
    expect(code).toBe(2);
    expect(err).toContain('--mean and --scaling are both given');
  });

  it('as stated by a file that states nothing is refused', async () => {
    const { code, err } = await temper('verify', silent, ...data, '--scaling', 'stated');
    expect(code).toBe(2);
    expect(err).toContain('does not state');
  });
});

describe('a run', () => {
  const run = path('run');
  const args = ['harden', stating, ...data, '--epochs', '1', '--learning-rate', '0.0001', ...short];
  const recipe = (of: string) => JSON.parse(readFileSync(join(of, 'recipe.json'), 'utf8')).options;

  it('keeps the scaling as it came out, and goes on with it', async () => {
    expect((await temper(...args, '--out', run)).code).toBe(0);
    expect(recipe(run)).toMatchObject(trained);
    expect(recipe(run)).not.toHaveProperty('scaling');
    const report = readFileSync(join(run, 'report.json'), 'utf8');
    expect(JSON.parse(report).data).toMatchObject(trained);
    expect((await temper(...args, '--out', run)).code).toBe(0);
    expect(readFileSync(join(run, 'report.json'), 'utf8')).toBe(report);
  });

  it('is repeated with it, or with another that is given in other words', async () => {
    const again = (out: string, ...more: string[]) =>
      temper('harden', '--recipe', join(run, 'recipe.json'), '--out', path(out), ...more);
    expect((await again('again')).code).toBe(0);
    expect(recipe(path('again'))).toEqual(recipe(run));
    const other = await again('other', '--scaling', 'asis');
    expect(other.err).toContain('WARNING');
    expect(recipe(path('other'))).toMatchObject({ mean: [0], std: [1] });
  });
});
