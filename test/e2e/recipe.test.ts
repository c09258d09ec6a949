/** `--recipe`: the same run again, or a refusal that says what is not the same. */
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.js';
import { processTerminal } from '../../src/cli/terminal/terminal.js';
import { readModel } from '../../src/onnx/file.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { type Fixture, fixture, temper } from './fixture.js';

let files: Fixture;
let recipe: Record<string, any>;
const short = [
  '--epochs',
  '1',
  '--batch-size',
  '32',
  '--learning-rate',
  '0.1',
  '--levels',
  '1',
  '--draws',
  '2',
];
const more = ['--clip', '2', '--rivals', 'none', '--device', 'gaussian:0.2', '--quiet'];

beforeAll(async () => {
  files = await fixture(320);
  copyFileSync(files.model, files.path('first.onnx'));
  const args = ['harden', files.path('first.onnx'), '--data', files.data, ...short, ...more];
  expect(await temper(...args, '--out', files.path('first'))).toMatchObject({ code: 0 });
  recipe = JSON.parse(readFileSync(files.path('first/recipe.json'), 'utf8'));
});

/** A recipe with changes, its own digest taken away as an editor would. */
function edited(name: string, change: (content: Record<string, any>) => void): string {
  const { sha256: _, ...content } = structuredClone(recipe);
  change(content);
  writeFileSync(files.path(name), JSON.stringify(content));
  return files.path(name);
}
const repeat = (from: string, out: string, ...rest: string[]) =>
  temper('harden', '--recipe', from, '--out', files.path(out), '--quiet', ...rest);

it.each<[string, RegExp, (content: Record<string, any>) => void]>([
  [
    'model',
    /model: .*another file/,
    ({ model }) => {
      model.sha256 = 'f'.repeat(64);
    },
  ],
  [
    'data',
    /data: the files differ \(.*data.npz\)/,
    ({ data }) => {
      data[0].sha256 = 'f'.repeat(64);
    },
  ],
  [
    'training',
    /training, schedule.learningRate: 0.7 then, 0.1 now/,
    ({ training }) => {
      training.schedule.learningRate = 0.7;
    },
  ],
  [
    'threads',
    /training, threads: not given then, 4 now/,
    ({ training }) => {
      delete training.threads;
    },
  ],
])('is refused before any work if the recipe tells of another %s', async (name, told, change) => {
  const { code, err } = await repeat(edited(`${name}.json`, change), `refused ${name}`);
  expect(code).toBe(2);
  expect(err).toMatch(told);
  expect(err).toContain('--allow-changed');
  expect(existsSync(files.path(`refused ${name}`))).toBe(false);
});

it('is refused if the recipe was edited and not sealed again', async () => {
  const text = readFileSync(files.path('first/recipe.json'), 'utf8');
  writeFileSync(files.path('damaged.json'), text.replace('"epochs": 1', '"epochs": 2'));
  const { code, err } = await repeat(files.path('damaged.json'), 'damaged');
  expect(code).toBe(2);
  expect(err).toContain('edited or damaged');
});

it('goes on with --allow-changed and with options of the command line, and the report tells of both', async () => {
  const from = edited('allowed.json', (content) => {
    content.model.sha256 = 'f'.repeat(64);
    content.training.epochs = 3;
  });
  expect(await repeat(from, 'allowed', '--allow-changed', '--draws', '3')).toMatchObject({ code: 0 });
  const { notes, chips } = JSON.parse(readFileSync(files.path('allowed/report.json'), 'utf8'));
  expect(chips).toBe(3);
  const told = (begin: string) => notes.find((note: string) => note.startsWith(begin));
  expect(told('Not the run of')).toMatch(/model: .*another file.*training, epochs: 3 then, 1 now/);
  expect(told('Options of')).toContain('--draws: 2 then, 3 now');
  // Nothing that decides training has changed.
  const [model, first] = ['allowed', 'first'].map((run) => readFileSync(files.path(`${run}/finetuned.onnx`)));
  expect(model!.equals(first!)).toBe(true);
  // The lines are tied to their run by a hash.
  const lines = (run: string) =>
    readFileSync(files.path(`${run}/metrics.jsonl`), 'utf8').replaceAll(/,"check":"\w+"/g, '');
  expect(lines('allowed')).toBe(lines('first'));
});

it('--allow-changed means nothing without a recipe', async () => {
  const { code, err } = await temper(
    ...['harden', files.model, '--data', files.data, '--out', files.path('none'), '--allow-changed'],
  );
  expect(code).toBe(2);
  expect(err).toContain('--allow-changed does nothing without --recipe');
});

it('holds the number of threads, the same on every machine; a run goes on with no other', async () => {
  expect(recipe.training.threads).toBe(4);
  const args = ['harden', files.path('first.onnx'), '--data', files.data, ...short, ...more];
  const { code, err } = await temper(...args, '--threads', '2', '--out', files.path('first'));
  expect(code).toBe(2);
  expect(err).toContain('--threads: not given then, 2 now');
});

it('a model that is replaced while a run goes on is noticed, and the run goes on with the right one', async () => {
  const path = files.path('replaced.onnx');
  copyFileSync(files.model, path);
  const model = await readModel(path);
  const [first, ...others] = model.graph.initializers;
  const other = { ...first!, rawData: Uint8Array.from(first!.rawData!, (byte) => byte ^ 1) };
  await writeModel(files.path('other.onnx'), {
    ...model,
    graph: { ...model.graph, initializers: [other, ...others] },
  });
  const args = ['harden', path, '--data', files.data, ...short, ...more.filter((word) => word !== '--quiet')];
  const terminal = processTerminal(new AbortController().signal);
  const noted: string[] = [];
  const replacing = {
    ...terminal,
    print() {},
    note(text: string) {
      noted.push(text);
      if (text.includes('epoch 1/1')) {
        renameSync(path, files.path('kept.onnx'));
        copyFileSync(files.path('other.onnx'), path);
      }
    },
  };
  expect(await runProgram([...args, '--out', files.path('replaced')], replacing)).toBe(4);
  expect(noted.join('\n')).toContain('was replaced while the run went on');
  renameSync(files.path('kept.onnx'), path);
  expect(await temper(...args, '--out', files.path('replaced'))).toMatchObject({ code: 0 });
  expect(
    readFileSync(files.path('replaced/hardened.onnx')).equals(
      readFileSync(files.path('first/hardened.onnx')),
    ),
  ).toBe(true);
});

it('a model or data that were moved: where to say their place, and that it helps', async () => {
  const elsewhere = (name: string) => files.path(`elsewhere ${name}`);
  const first = files.path('first.onnx');
  renameSync(first, elsewhere('first.onnx'));
  const gone = await repeat(files.path('first/recipe.json'), 'moved');
  expect(gone.code).toBe(4);
  expect(gone.err).toMatch(
    /ENOENT[^]*hint: .*first\/recipe\.json says where it lay: .*temper harden MODEL --recipe .*first\/recipe\.json/,
  );
  // The folder of the run went too.
  renameSync(files.path('first'), elsewhere('first'));
  const same = ['--data', files.data, ...short, ...more, '--out', elsewhere('first')];
  const lost = await temper('harden', first, ...same);
  expect(lost.code).toBe(4);
  expect(lost.err).toMatch(
    /hint: the run goes on with the same content, wherever it lies: .*temper harden MODEL --out/,
  );
  expect(await temper('harden', elsewhere('first.onnx'), ...same)).toMatchObject({ code: 0 });

  const [reader, place] = files.data.split(':') as [string, string];
  renameSync(place, elsewhere('data.npz'));
  const repeated = ['harden', elsewhere('first.onnx'), '--recipe', elsewhere('first/recipe.json')];
  const without = await temper(...repeated, '--out', files.path('moved'), '--quiet');
  expect(without.code).toBe(4);
  expect(without.err).toMatch(/says where it lay: .*--data READER:PLACE --recipe/);
  const given = ['--data', `${reader}:${elsewhere('data.npz')}`, '--out', files.path('moved'), '--quiet'];
  expect(await temper(...repeated, ...given)).toMatchObject({ code: 0 });
});
