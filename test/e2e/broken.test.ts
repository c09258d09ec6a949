/** A model with a value that is no number: every command names it first, with the same words, and does nothing else. */
import { existsSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { readModel } from '../../src/onnx/file.js';
import { DataType, type Tensor } from '../../src/onnx/model.js';
import { makeTensor, tensorValues } from '../../src/onnx/tensor.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { type Fixture, fixture, temper } from './fixture.js';

let files: Fixture;
let broken: string;
beforeAll(async () => {
  files = await fixture(32);
  broken = files.path('broken.onnx');
  const model = await readModel(files.model);
  const initializers = model.graph.initializers.map((tensor): Tensor => {
    if (tensor.name !== 'fc') return tensor;
    const values = Float32Array.from(tensorValues(tensor) as Float32Array);
    values[1] = Number.NaN;
    return makeTensor('fc', DataType.FLOAT, [...tensor.dims], values);
  });
  await writeModel(broken, { ...model, graph: { ...model.graph, initializers } });
});

const out = () => files.path('out');
const data = () => ['--data', files.data];
const judged = () => [...data(), '--draws', '2'];

it.each<[string, () => string[]]>([
  ['inspect', () => ['inspect', broken]],
  ['verify', () => ['verify', broken, ...judged()]],
  ['verify --against', () => ['verify', files.model, '--against', broken, ...judged()]],
  ['verify --noise-from', () => ['verify', files.model, '--noise-from', broken, ...judged()]],
  ['finetune', () => ['finetune', broken, ...data(), '--out', out()]],
  ['harden', () => ['harden', broken, ...data(), '--out', out()]],
  ['convert', () => ['convert', broken, ...data(), '--out', out()]],
  ['export', () => ['export', broken, '--out', out()]],
  ['export --bits 8', () => ['export', broken, '--bits', '8', '--fold-batch-norm', '--out', out()]],
])('%s', async (command, line) => {
  const { code, out: printed, err } = await temper(...line());
  const told = (
    command === 'inspect' ? printed.replace(/^.*\n {2}/, '').replaceAll('\n  ', '\n') : err
  ).split('\n');
  expect(told[0]).toBe('"fc"[0,1] is NaN');
  expect(told[1]).toBe(`  at node #5 (Gemm) -> y${command === 'inspect' ? '' : ` in ${broken}`}`);
  expect(told[2]).toBe('  hint: the file is damaged, or its training diverged: export the model anew');
  if (command === 'inspect') return;
  expect({ code, printed, lines: told.filter((text) => text !== '').length }).toEqual({
    code: 3,
    printed: '',
    lines: 3,
  });
  expect(existsSync(out())).toBe(false);
});
