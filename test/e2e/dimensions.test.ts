/** --dim on the command line: in every command that imports, in the recipe, and not in the exported file. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { tensorInfo } from '../../src/onnx/build.js';
import { readModel } from '../../src/onnx/file.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { type Fixture, fixture, temper } from './fixture.js';

const shape = ['N', 2, 'H', undefined];
const fixed = ['--dim', 'H=6', '--dim', 'x:3=6'];
const short = ['--epochs', '1', '--batch-size', '64', '--draws', '2', '--threads', '1', '--seed', '1'];

let files: Fixture;
beforeAll(async () => {
  files = await fixture(256);
  const model = await readModel(files.model);
  const [input, ...others] = model.graph.inputs;
  const open = { ...input!, ...tensorInfo(input!.name, DataType.FLOAT, shape) };
  await writeModel(files.path('open.onnx'), {
    ...model,
    graph: { ...model.graph, inputs: [open, ...others] },
  });
});

const inputShape = ({ graph }: Model) => graph.inputs[0]!.tensorType!.shape;

it('inspect names the open extents, and looks further when they are fixed', async () => {
  const { out } = await temper('inspect', files.path('open.onnx'));
  expect(out).toMatch(/batch +N \(axis 0 of x\)/);
  expect(out).toMatch(/open +H \(axis 2 of x\)/);
  expect(out).toMatch(/open +x:3 \(axis 3 of x\)/);
  expect(out).toContain('no trial run, as an input is open');
  const { out: further } = await temper('inspect', files.path('open.onnx'), ...fixed);
  expect(further).not.toContain('no trial run');
});

it('harden keeps the values in its recipe, and the symbols in the file', async () => {
  const out = files.path('run');
  const { code, err } = await temper(
    ...['harden', files.path('open.onnx'), '--data', files.data, ...fixed, ...short, '--out', out],
  );
  expect(err).not.toContain('shapes were not checked');
  expect(code).toBe(0);
  const recipe = JSON.parse(readFileSync(files.path('run/recipe.json'), 'utf8'));
  expect(recipe.options.dim).toEqual(['H=6', 'x:3=6']);
  expect(inputShape(await readModel(files.path('run/hardened.onnx')))).toEqual(shape);
  const again = files.path('again');
  const repeated = await temper('harden', '--recipe', files.path('run/recipe.json'), '--out', again);
  expect(repeated.code).toBe(0);
  const read = (name: string) => readFileSync(files.path(name));
  expect(read('again/hardened.onnx').equals(read('run/hardened.onnx'))).toBe(true);
});

it.each(['finetune', 'convert'])('%s takes it, and refuses names that are not there', async (command) => {
  const words = [
    command,
    files.path('open.onnx'),
    '--data',
    files.data,
    '--out',
    files.path(`${command}.onnx`),
  ];
  const rest = command === 'finetune' ? ['--epochs', '1', '--method', 'plain'] : ['--timesteps', '2'];
  const { code, err } = await temper(...words, ...rest, ...fixed);
  expect(`${code} ${err}`).toMatch(/^0 /);
  expect(inputShape(await readModel(files.path(`${command}.onnx`)))).toEqual(shape);
  const wrong = await temper(...words, ...rest, '--dim', 'W=6', '--dim', 'H');
  expect(wrong.code).toBe(2);
  expect(wrong.err).toContain('--dim H: not NAME=N');
  const unknown = await temper(...words, ...rest, '--dim', 'W=6');
  expect(unknown.code).toBe(2);
  expect(unknown.err).toContain('it leaves open: N, H, x:3');
});
