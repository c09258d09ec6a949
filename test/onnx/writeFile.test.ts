import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { readModel, readModelFile } from '../../src/onnx/file.js';
import { DataType } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { float32 } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'temper-write-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const values = (count: number, from: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.cos(i + from));

/** Three layers, of which the last is small enough to stay in the file. */
const model = makeModel(
  makeGraph({
    nodes: [
      makeNode('MatMul', ['x', 'a'], ['h']),
      makeNode('MatMul', ['h', 'b'], ['i']),
      makeNode('Add', ['i', 'c'], ['y']),
    ],
    initializers: [
      makeTensor('a', DataType.FLOAT, [20, 30], values(600, 0)),
      makeTensor('b', DataType.FLOAT, [30, 20], values(600, 1)),
      makeTensor('c', DataType.FLOAT, [20], values(20, 2)),
    ],
    inputs: [tensorInfo('x', DataType.FLOAT, ['n', 20])],
    outputs: [tensorInfo('y', DataType.FLOAT, ['n', 20])],
  }),
  { opset: 17, irVersion: 8 },
);
const largest = 1000;

async function outputOf(path: string): Promise<ArrayLike<number>> {
  const session = await openSession(path, { threads: 1 });
  const { y } = await session.run({ x: float32([1, 20], values(20, 3)) });
  await session.release();
  return y!.data as ArrayLike<number>;
}

it('a model beyond the limit of a file gets its tensors beside it, as onnxruntime and Temper read them', async () => {
  const [whole, split] = [join(folder, 'whole.onnx'), join(folder, 'split.onnx')];
  const inOne = await writeModel(whole, model);
  const inTwo = await writeModel(split, model, { largest });
  expect(inOne.data).toBeUndefined();
  expect(inTwo.data).toEqual({ path: `${split}.data`, bytes: statSync(`${split}.data`).size });
  expect(statSync(split).size).toBeLessThan(largest);
  expect(await readModel(split)).toEqual(await readModel(whole));
  expect(Array.from(await outputOf(split))).toEqual(Array.from(await outputOf(whole)));
  for (const [path, written] of [[whole, inOne] as const, [split, inTwo] as const])
    expect((await readModelFile(path)).sha256).toBe(written.sha256);
  expect(readdirSync(folder).sort()).toEqual(['split.onnx', 'split.onnx.data', 'whole.onnx']);
});

it.each([undefined, largest])('what is not proved is not written (largest: %s)', async (limit) => {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, 'old');
  const seen: string[] = [];
  const prove = async (file: string) => {
    seen.push(file);
    expect(await readModel(file)).toEqual(model);
    throw new Error('not this one');
  };
  const options = { prove, ...(limit !== undefined && { largest: limit }) };
  await expect(writeModel(path, model, options)).rejects.toThrow('not this one');
  expect(seen).toHaveLength(1);
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['model.onnx']);
});

it('data of another file are not overwritten, those of a former model of the name are', async () => {
  const path = join(folder, 'model.onnx');
  writeFileSync(`${path}.data`, 'somebody else');
  await expect(writeModel(path, model, { largest })).rejects.toMatchObject({ kind: 'io' });
  expect(readFileSync(`${path}.data`, 'utf8')).toBe('somebody else');
  expect(existsSync(path)).toBe(false);
  // Neither does a file of the name make it ours, unless it says that its data are there.
  writeFileSync(path, 'something');
  await expect(writeModel(path, model, { largest })).rejects.toMatchObject({ kind: 'io' });
  await writeModel(path, model);
  await expect(writeModel(path, model, { largest })).rejects.toMatchObject({ kind: 'io' });
  expect(readFileSync(`${path}.data`, 'utf8')).toBe('somebody else');
  rmSync(`${path}.data`);
  for (let time = 0; time < 2; time++) await writeModel(path, model, { largest });
  expect(await readModel(path)).toEqual(model);
});
