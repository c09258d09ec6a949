/**
 * Models of more bytes than one buffer holds go to onnxruntime through files. Oracle: the same verification through buffers, of
 * models that are small; only the number of bytes from which files are used is another one.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ownProcess } from '../../src/files/owner.js';
import { makeGraph, makeNode } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { Shelf } from '../../src/onnx/mapped.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { allOf } from '../../src/verify/chips/draws.js';
import { ModelHolder, openHeld } from '../../src/verify/chips/held.js';
import { type VerifyOptions, verify } from '../../src/verify/verify.js';
import * as net from './models.js';

const width = 256;
const w1 = net.floatTensor('w1', [net.inputs, width], net.normals('wide', net.inputs * width));
const b1 = net.floatTensor('b1', [width], net.normals('b1', width, 0.1));
const w2 = net.floatTensor('w2', [width, net.classes], net.normals('back', width * net.classes, 0.1));

const plain = net.modelOf({ initializers: [w1, b1, w2] });
const fixedBatch = net.modelOf({ initializers: [w1, b1, w2], batch: 1 });
const ancient = net.modelOf({ initializers: [w1, b1, w2], irVersion: 3, opset: 8 });

function ofCodes(): Model {
  const codes = makeTensor(
    'c1',
    DataType.INT8,
    [net.inputs, width],
    net.normals('codes', net.inputs * width, 40).map(Math.round),
  );
  return net.modelOf({
    nodes: [
      makeNode('DequantizeLinear', ['c1', 's'], ['w1']),
      makeNode('DequantizeLinear', ['c1', 's'], ['again']),
      makeNode('Gemm', ['x', 'w1', 'b1'], ['g']),
      makeNode('Gemm', ['x', 'again', 'b1'], ['f']),
      makeNode('Add', ['g', 'f'], ['h']),
      makeNode('Relu', ['h'], ['a']),
      makeNode('MatMul', ['a', 'w2'], ['y']),
    ],
    initializers: [codes, net.floatTensor('s', [], [0.02]), b1, w2],
  });
}

/** The first weights in the bodies of an If, and a constant node. */
function inBodies(): Model {
  const body = (name: string, weights = w1) =>
    makeGraph({
      name,
      nodes: [makeNode('Gemm', ['x', `${name} w`, 'b1'], [`${name} h`])],
      initializers: [{ ...weights, name: `${name} w` }],
      inputs: [],
      outputs: [{ name: `${name} h` }],
    });
  return net.modelOf({
    nodes: [
      makeNode('If', ['yes'], ['h'], {
        then_branch: { graph: body('then') },
        else_branch: { graph: body('else') },
      }),
      makeNode('Constant', [], ['w2'], { value: { tensor: { ...w2, name: '' } } }),
      makeNode('Relu', ['h'], ['a']),
      makeNode('MatMul', ['a', 'w2'], ['y']),
    ],
    initializers: [b1, makeTensor('yes', DataType.BOOL, [], [1])],
  });
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-giant-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function bothWays(model: Model, options: Partial<VerifyOptions> = {}) {
  const base: VerifyOptions = {
    model: encodeModel(model),
    dataset: await net.datasetFor(model, 60),
    devices: ['gaussian:0.3', 'gaussian:0.1:channel'],
    draws: 3,
    seed: 3,
    threads: 2,
    ...options,
  };
  const notes: string[] = [];
  const expected = await verify({ ...base, threads: 1 });
  const found = await verify({ ...base, largest: 1000, onNote: (text) => notes.push(text) });
  return { expected, found, notes };
}

test.each([
  ['weights as they are', plain, {}],
  ['codes, two values of them', ofCodes(), {}],
  ['bodies and constants', inBodies(), {}],
  ['a fixed batch, which is reopened', fixedBatch, {}],
  ['a file of an early version', ancient, {}],
  [
    'another model, and noise of a third',
    plain,
    { against: encodeModel(plain), noiseFrom: encodeModel(plain) },
  ],
] as const)('%s: through files every draw is the one through buffers', async (_, model, options) => {
  const { expected, found, notes } = await bothWays(model, options);
  expect(found.runs[0]!.accuracy!.mean).toBeLessThan(1); // the noise was there
  const isNew = (note: string) => !expected.notes.includes(note);
  expect(found.notes.filter(isNew)).toEqual([expect.stringContaining('through files')]);
  expect({ ...found, notes: [] }).toEqual({ ...expected, notes: [] });
  expect(notes).toEqual([expect.stringContaining('one chip at once, not 2')]);
  expect(await readdir(folder)).toEqual([]);
});

test('a chip written is the chip judged: its bytes are the same, and so is its score', async () => {
  const file = join(folder, 'chip.onnx');
  const chip = { writeChip: { chip: 2, file }, devices: ['gaussian:0.3'] };
  const { found } = await bothWays(plain, chip);
  const alone = await verify({
    model: file,
    dataset: await net.datasetFor(plain, 60),
    devices: ['gaussian:0'],
    draws: 1,
  });
  expect(alone.clean.accuracy).toBe(found.runs[0]!.draws[2]!.accuracy);
});

test('what a model shares with its chips lies there while it is judged, nothing else, and nothing of a killed process', async () => {
  const left = join(folder, `.temper-${'0'.repeat(32)}`);
  await mkdir(left);
  const owner = { ...ownProcess(), pid: 2 ** 22 + 1 };
  await writeFile(
    join(left, 'owner.json'),
    JSON.stringify({ owner, files: ['model.onnx', 'own.data', 'shared.data'] }),
  );
  await writeFile(join(left, 'shared.data'), 'weights');
  const holder = new ModelHolder(1000);
  const session = await openHeld(holder.hold(plain, []));
  expect(existsSync(left)).toBe(false);
  const [shelf] = await readdir(folder);
  expect(await readdir(join(folder, shelf!))).toEqual(['owner.json', 'shared.data']);
  await holder.release();
  expect(await readdir(folder)).toEqual([]);
  expect(session.inputNames).toEqual(['x']);
  await session.release();
});

test('a disk without room is told before anything is written, with what to do', async () => {
  const make = vi.fn();
  const bytes = Number.MAX_SAFE_INTEGER;
  await expect(new Shelf(bytes).open(make, make)).rejects.toMatchObject({
    kind: 'io',
    problems: [
      {
        what: expect.stringMatching(`${bytes} bytes, and ${folder} has room for \\d+`),
        hint: expect.stringContaining('TMPDIR'),
      },
    ],
  });
  expect(make).not.toHaveBeenCalled();
  expect(await readdir(folder)).toEqual([]);
});

test('what fails while the files are made leaves none of them', async () => {
  const broken = async function* () {
    yield 1;
    throw new Error('no draw');
  };
  const shelf = new Shelf(1);
  const opening = shelf.open(
    async () => {
      await allOf(broken());
      return plain;
    },
    async () => {},
  );
  await expect(opening).rejects.toThrow('no draw');
  await shelf.close();
  expect(await readdir(folder)).toEqual([]);
});
