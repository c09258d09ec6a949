import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseRecipe } from '../../src/cli/recipe.js';
import { type Fixture, fixture, temper } from './fixture.js';

let files: Fixture;
let options: string[];
beforeAll(async () => {
  files = await fixture();
  const training = ['--epochs', '3', '--batch-size', '32', '--learning-rate', '0.2', '--seed', '7'];
  options = ['--data', files.data, ...training, '--device', 'gaussian:0.2', '--draws', '4', '--quiet'];
});

const harden = (out: string, ...more: string[]) =>
  temper('harden', files.model, ...options, '--out', files.path(out), ...more);

describe('temper harden', () => {
  it('asks for model, data and folder at once', async () => {
    const { code, err } = await temper('harden');
    expect(code).toBe(2);
    for (const word of ['MODEL', '--data', '--out']) expect(err).toContain(word);
  });

  it('leaves a complete folder and a table of before and after', async () => {
    const { code, out, err } = await harden('run', '--bits', '8');
    expect(code).toBe(0);
    const names = [
      'crossbar.json',
      'finetuned.onnx',
      'hardened.onnx',
      'metrics.jsonl',
      'recipe.json',
      'report.html',
      'report.json',
    ];
    expect(readdirSync(files.path('run'))).toEqual(expect.arrayContaining(names));
    expect(existsSync(files.path('run/lock'))).toBe(false);
    for (const word of [
      'original',
      'hardened',
      'gaussian:0.1',
      'gaussian:0.2',
      'gaussian:0.3',
      'hardened.onnx',
      'report.html',
    ])
      expect(out).toContain(word);
    const recipe = parseRecipe(readFileSync(files.path('run/recipe.json'), 'utf8'), 'recipe.json');
    expect(recipe.options).toMatchObject({ seed: 7, epochs: 3, bits: '8', levels: [0.5, 1, 1.5] });
    const report = JSON.parse(readFileSync(files.path('run/report.json'), 'utf8'));
    const begun = 'trained: 5 tensors (196 values); a gradient reaches each of them';
    for (const told of [report.notes.join('\n'), err])
      for (const line of [begun, 'augmentation of the examples: none']) expect(told).toContain(line);
    const [start] = readFileSync(files.path('run/metrics.jsonl'), 'utf8').split('\n');
    expect(JSON.parse(start!).scope).toMatchObject({ trained: { values: 196 }, untrained: [] });
    expect(report.runs.map(({ model, device }: Record<string, string>) => `${model} ${device}`)).toEqual(
      ['before', 'after'].flatMap((model) =>
        ['0.1', '0.2', '0.3'].map((sigma) => `${model} gaussian:${sigma}`),
      ),
    );
  });

  it('does nothing twice: a finished folder only shows its table again', async () => {
    const first = await harden('twice');
    const written = statSync(files.path('twice/hardened.onnx')).mtimeMs;
    const second = await harden('twice');
    expect(second).toMatchObject({ code: 0, out: first.out });
    expect(statSync(files.path('twice/hardened.onnx')).mtimeMs).toBe(written);
  });

  it('refuses the folder of another recipe, and repeats a recipe bit for bit', async () => {
    await harden('one');
    const other = await harden('one', '--epochs', '4');
    expect(other.code).toBe(2); // --epochs twice
    const changed = await temper(
      'harden',
      files.model,
      ...options.slice(0, -1),
      '--val',
      '0.2',
      '--out',
      files.path('one'),
    );
    expect(changed.code).toBe(2);
    expect(changed.err).toContain('--val: 0.1 then, 0.2 now');
    const again = await temper(
      'harden',
      '--recipe',
      files.path('one/recipe.json'),
      '--out',
      files.path('two'),
      '--quiet',
    );
    expect(again.code).toBe(0);
    for (const name of ['hardened.onnx', 'metrics.jsonl'])
      expect(readFileSync(files.path(`two/${name}`)).equals(readFileSync(files.path(`one/${name}`)))).toBe(
        true,
      );
  });

  it('compares folded models with folded originals', async () => {
    const { code } = await harden('folded', '--fold-batch-norm');
    expect(code).toBe(0);
    const report = JSON.parse(readFileSync(files.path('folded/report.json'), 'utf8'));
    expect(report.models.before.path).toContain('original.onnx');
    const [before, after] = [report.runs[0], report.runs[3]].map((run) =>
      run.layers.map((layer: { tensor: string }) => layer.tensor),
    );
    expect(after).toEqual(before);
  });

  it('goes all the way to a spiking network', async () => {
    const { code, out } = await harden(
      'spiking',
      '--snn',
      '--timesteps',
      '8',
      '--calibration',
      '64',
      '--bits',
      '8',
    );
    expect(code).toBe(0);
    expect(out).toContain('converted.onnx');
  });
});
