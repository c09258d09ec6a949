import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseRecipe } from '../../src/cli/run/recipe.js';
import { readModel } from '../../src/onnx/file.js';
import { tensorValues } from '../../src/onnx/tensor.js';
import { type Fixture, fixture, temper } from './fixture.js';

let files: Fixture;
let options: string[];
beforeAll(async () => {
  files = await fixture();
  const training = ['--epochs', '3', '--batch-size', '32', '--learning-rate', '0.2', '--seed', '7'];
  options = ['--data', files.data, ...training, '--device', 'gaussian:0.2', '--draws', '4', '--quiet'];
});

/** Without rivals, which are trained too, unless the test is about them. */
const harden = (out: string, ...more: string[]) =>
  temper(
    ...['harden', files.model, ...options, '--out', files.path(out), ...more],
    ...(more.includes('--rivals') ? [] : ['--rivals', 'none']),
  );
const reportOf = (out: string) => JSON.parse(readFileSync(files.path(`${out}/report.json`), 'utf8'));

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
    // Nothing is called hardened before it has been judged.
    const madeAt = (name: string) => statSync(files.path(`run/${name}`), { bigint: true }).mtimeNs;
    expect(madeAt('hardened.onnx')).toBeGreaterThan(madeAt('checkpoint/after.json'));
    const judged = readFileSync(files.path('run/checkpoint/exported.onnx'));
    expect(readFileSync(files.path('run/hardened.onnx')).equals(judged)).toBe(true);
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
    const report = reportOf('run');
    const begun = 'trained: 5 tensors (196 values); a gradient reaches each of them';
    for (const told of [report.notes.join('\n'), err])
      for (const line of [begun, 'augmentation of the examples: none']) expect(told).toContain(line);
    const [start] = readFileSync(files.path('run/metrics.jsonl'), 'utf8').split('\n');
    expect(JSON.parse(start!).scope).toMatchObject({ trained: { values: 196 }, untrained: [] });
    const levels = ['0.1', '0.2', '0.3'];
    expect(
      reportOf('run').runs.map(
        ({ model, device, noiseFrom }: Record<string, string>) => `${model} ${device} ${noiseFrom ?? 'own'}`,
      ),
    ).toEqual([
      ...levels.map((sigma) => `before gaussian:${sigma} own`),
      ...['own', 'before'].flatMap((from) => levels.map((sigma) => `after gaussian:${sigma} ${from}`)),
    ]);
  });

  it('does nothing twice: a finished folder only shows its table again', async () => {
    const first = await harden('twice');
    const written = statSync(files.path('twice/hardened.onnx')).mtimeMs;
    const second = await harden('twice');
    expect(second).toMatchObject({ code: 0, out: first.out });
    expect(statSync(files.path('twice/hardened.onnx')).mtimeMs).toBe(written);
  });

  it('refuses patience where no epoch can be told to be better', async () => {
    const { code, err } = await harden('patience', '--val', '0', '--patience', '2');
    expect(code).toBe(2);
    expect(err).toContain('--patience does nothing without a --val above 0');
  });

  it('rejects what is worse, names the file that is there, and does not judge it again', async () => {
    await harden('good');
    const ruin = () =>
      temper(
        ...['harden', files.path('good/hardened.onnx'), '--data', files.data, '--device', 'gaussian:0.2'],
        ...['--epochs', '1', '--learning-rate', '0.000001', '--clip', '0.02', '--val', '0', '--draws', '4'],
        ...['--rivals', 'none', '--levels', '1', '--quiet', '--out', files.path('ruined')],
      );
    const first = await ruin();
    expect(first.code).toBe(1);
    expect(first.err).toContain('worse than the model that went in');
    expect(readdirSync(files.path('ruined'))).not.toContain('hardened.onnx');
    const report = reportOf('ruined');
    for (const { path } of [report.model, report.models.after]) expect(existsSync(path)).toBe(true);
    const judged = statSync(files.path('ruined/checkpoint/after.json')).mtimeMs;
    const second = await ruin();
    expect(second).toMatchObject({ code: 1, out: first.out });
    expect(readdirSync(files.path('ruined'))).not.toContain('hardened.onnx');
    expect(statSync(files.path('ruined/checkpoint/after.json')).mtimeMs).toBe(judged);
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
      '--rivals',
      'none',
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
    const { code } = await harden('folded', '--fold-batch-norm', '--rivals', 'plain');
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
      '--rivals',
      'clipped',
    );
    expect(code).toBe(0);
    expect(out).toContain('converted.onnx');
    // A rival is converted and coded as the hardened network is: the same nodes, other numbers.
    const [rival, hardened] = await Promise.all(
      ['rivals/clipped.onnx', 'hardened.onnx'].map((name) => readModel(files.path(`spiking/${name}`))),
    );
    const shape = (model: typeof rival) => model!.graph.nodes.map(({ opType, outputs }) => [opType, outputs]);
    expect(shape(rival)).toEqual(shape(hardened));
    expect(reportOf('spiking').runs.map(({ model }: { model: string }) => model)).toContain('clipped');
  });
});

describe('what the gain is made of', () => {
  const draws = ({ runs }: { runs: Found[] }, model: string, device: string, noiseFrom?: string) =>
    runs.find((run) => run.model === model && run.device === device && run.noiseFrom === noiseFrom)!.draws;
  interface Found {
    model: string;
    device: string;
    noiseFrom?: string;
    draws: { chip: number; correct: number; accuracy: number }[];
    accuracy: { mean: number };
  }
  const weights = async (path: string) => {
    const { graph } = await readModel(path);
    return graph.initializers.map((tensor) => [...(tensorValues(tensor) as Float32Array)]);
  };
  let shown: string;
  beforeAll(async () => {
    const { code, out } = await harden('rivals', '--rivals', 'clipped,plain', '--levels', '1', '--clip', '1');
    expect(code).toBe(0);
    shown = out;
  });

  it('has a row for the original, clipped only, plain training and the hardened model, within 80 columns', () => {
    for (const label of ['original', 'clipped only', 'plain + clip', 'hardened', 'equal noise'])
      expect(shown).toContain(label);
    const table = shown.split('\nwrote')[0]!.split('\n');
    expect(Math.max(...table.map((line) => [...line].length))).toBeLessThanOrEqual(80);
    const report = reportOf('rivals');
    expect(Object.values(report.models).map((model) => (model as { label: string }).label)).toEqual([
      'original',
      'clipped only',
      'plain + clip',
      'hardened',
    ]);
    expect(report.runs.map(({ model, noiseFrom }: Found) => `${model} ${noiseFrom ?? 'own'}`)).toEqual([
      'before own',
      ...['clipped', 'plain', 'after'].flatMap((model) => [`${model} own`, `${model} before`]),
    ]);
  });

  it('clips only: every weight is as it was, or smaller, and one is', async () => {
    const [before, after] = [
      await weights(files.model),
      await weights(files.path('rivals/rivals/clipped.onnx')),
    ];
    let smaller = 0;
    before!.forEach((values, tensor) => {
      values.forEach((value, i) => {
        const now = after[tensor]![i]!;
        if (now === value) return;
        smaller++;
        expect(Math.sign(now)).toBe(Math.sign(value));
        expect(Math.abs(now)).toBeLessThan(Math.abs(value));
      });
    });
    expect(smaller).toBeGreaterThan(0);
  });

  it('finds for each model what verify finds, at its own noise and at that of the original', async () => {
    const report = reportOf('rivals');
    for (const [model, name] of [
      ['clipped', 'rivals/clipped.onnx'],
      ['after', 'hardened.onnx'],
    ] as const)
      for (const noiseFrom of [undefined, 'before']) {
        const json = files.path('again.json');
        const { code } = await temper(
          ...[
            'verify',
            files.path(`rivals/${name}`),
            '--data',
            `${files.data}:test`,
            '--device',
            'gaussian:0.2',
          ],
          ...['--draws', '4', '--seed', '7', '--quiet', '--json', json],
          ...(noiseFrom ? ['--noise-from', files.model] : []),
        );
        expect(code).toBe(0);
        const [run] = JSON.parse(readFileSync(json, 'utf8')).runs;
        expect(draws(report, model, 'gaussian:0.2', noiseFrom)).toEqual(run.draws);
      }
  });

  it('takes the whole gain apart, chip by chip', () => {
    const { gains, runs } = reportOf('rivals');
    const gain = (from: string, to: string) =>
      gains.find((each: Record<string, string>) => each.from === from && each.to === to && !each.noiseFrom)
        .mean;
    expect(gain('before', 'clipped') + gain('clipped', 'after')).toBeCloseTo(gain('before', 'after'), 12);
    const mean = (name: string) => runs.find(({ model }: Found) => model === name).accuracy.mean;
    expect(gain('plain', 'after')).toBeCloseTo(mean('after') - mean('plain'), 12);
    const page = readFileSync(files.path('rivals/report.html'), 'utf8');
    for (const heading of ['What the gain is made of', 'Largest weight of each tensor'])
      expect(page).toContain(heading);
    expect(page).toMatch(/Of the (gain|loss|change) of [\d.]+ points, [\s\S]*clipping alone/);
  });

  it('makes a lost rival again, the same, without training the model again', async () => {
    const rival = files.path('rivals/rivals/plain.onnx');
    const [made, hardened] = [readFileSync(rival), statSync(files.path('rivals/finetuned.onnx')).mtimeMs];
    rmSync(rival);
    const { code, out } = await harden('rivals', '--rivals', 'clipped,plain', '--levels', '1', '--clip', '1');
    expect({ code, out }).toEqual({ code: 0, out: shown });
    expect(readFileSync(rival).equals(made)).toBe(true);
    expect(statSync(files.path('rivals/finetuned.onnx')).mtimeMs).toBe(hardened);
  });

  it('holds plain training against no plain training, and refuses rivals it does not know', async () => {
    const { code } = await harden(
      'plainly',
      '--method',
      'plain',
      '--rivals',
      'plain,clipped',
      '--levels',
      '1',
    );
    expect(code).toBe(0);
    expect(Object.keys(reportOf('plainly').models)).toEqual(['before', 'clipped', 'after']);
    const unknown = await harden('unknown', '--rivals', 'clipped,fancy');
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain('--rivals clipped,fancy');
  });
});
