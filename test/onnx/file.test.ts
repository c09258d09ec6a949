import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TemperError } from '../../src/errors.js';
import { makeGraph, makeModel, makeNode } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { readModel, readModelFile } from '../../src/onnx/file.js';
import { DataType, type Tensor } from '../../src/onnx/model.js';
import { makeTensor, tensorValues } from '../../src/onnx/tensor.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { sharedModels } from './shared.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'temper-file-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const values = makeTensor('w', DataType.FLOAT, [2], [1, 2]);

function external(entries: Record<string, string>, name = 'w', dims = [2]): Tensor {
  const { rawData: _, ...tensor } = values;
  const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
  return { ...tensor, name, dims, dataLocation: 1, externalData };
}

function write(...initializers: Tensor[]): string {
  const nested = makeGraph({ nodes: [], initializers, inputs: [], outputs: [] });
  const nodes = [makeNode('If', ['c'], ['y'], { then_branch: { graph: nested } })];
  const path = join(folder, 'model.onnx');
  writeFileSync(path, encodeModel(makeModel(makeGraph({ nodes, initializers, inputs: [], outputs: [] }))));
  return path;
}

test('external data is read in, by offset and length, also in subgraphs', async () => {
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'sub/w.bin'), Buffer.concat([Buffer.alloc(3), values.rawData!]));
  const path = write(
    external({ location: 'sub/w.bin', offset: '3', length: '8' }),
    external({ location: 'sub/w.bin', offset: '3' }, 'v'),
  );
  const { graph } = await readModel(path);
  for (const tensor of [...graph.initializers, ...graph.nodes[0]!.attributes[0]!.g!.initializers]) {
    expect(tensor).toEqual({ ...values, name: tensor.name });
  }
});

test('the hash of a model covers its external data', async () => {
  const path = write(external({ location: 'w.bin' }));
  const hashes = [];
  for (const first of [1, 2, 1]) {
    writeFileSync(join(folder, 'w.bin'), new Uint8Array(Float32Array.of(first, 0).buffer));
    hashes.push((await readModelFile(path)).sha256);
  }
  expect(hashes[1]).not.toBe(hashes[0]);
  expect(hashes[2]).toBe(hashes[0]);
});

test('external data outside the folder of the model is refused, every tensor named', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'temper-secret-'));
  writeFileSync(join(outside, 'w.bin'), values.rawData!);
  symlinkSync(join(outside, 'w.bin'), join(folder, 'link.bin'));
  symlinkSync(outside, join(folder, 'linked'));
  const locations = [
    join(outside, 'w.bin'),
    '../w.bin',
    'sub/../../w.bin',
    'link.bin',
    'linked/w.bin',
    'C:\\w.bin',
    '..\\w.bin',
    '',
    '.',
  ];
  const path = write(...locations.map((location, index) => external({ location }, `w${index}`)));
  const error: TemperError = await readModel(path).then(
    () => expect.fail('read'),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(TemperError);
  expect(error.kind).toBe('model');
  for (const index of locations.keys()) {
    expect(error.problems.filter(({ where }) => where?.includes(`"w${index}"`))).toHaveLength(2); // graph and subgraph
  }
  rmSync(outside, { recursive: true });
});

test('a link that stays inside is followed', async () => {
  writeFileSync(join(folder, 'w.bin'), values.rawData!);
  symlinkSync('w.bin', join(folder, 'link.bin'));
  const { graph } = await readModel(write(external({ location: 'link.bin' })));
  expect(Array.from(tensorValues(graph.initializers[0]!) as Float32Array)).toEqual([1, 2]);
});

test('external data that is missing, too short or numbered nonsensically is refused', async () => {
  writeFileSync(join(folder, 'w.bin'), values.rawData!);
  for (const entries of [
    { location: 'absent.bin' },
    { location: 'w.bin', offset: '4', length: '8' },
    { location: 'w.bin', length: '99999999999' },
    { location: 'w.bin', offset: '-1' },
    { location: 'w.bin', length: '1e3' },
  ]) {
    await expect(readModel(write(external(entries)))).rejects.toMatchObject({ kind: 'model' });
  }
});

test('what cannot be read or written is an io error; what is not ONNX a model error', async () => {
  await expect(readModel(join(folder, 'absent.onnx'))).rejects.toMatchObject({ kind: 'io' });
  writeFileSync(join(folder, 'text.onnx'), 'version https://git-lfs.github.com/spec/v1');
  await expect(readModel(join(folder, 'text.onnx'))).rejects.toMatchObject({ kind: 'model' });
  await expect(
    writeModel(join(folder, 'no/such/m.onnx'), makeModel(makeGraph({ nodes: [], inputs: [], outputs: [] }))),
  ).rejects.toMatchObject({ kind: 'io' });
});

test('a written file replaces the old one whole, and leaves nothing beside it', async () => {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, 'old');
  const model = makeModel(makeGraph({ nodes: [], initializers: [values], inputs: [], outputs: [] }));
  await writeModel(path, model);
  expect(await readModel(path)).toEqual(model);
  expect(readdirSync(folder)).toEqual(['model.onnx']);
});

const shared = sharedModels('models/external-data').filter((path) => existsSync(`${path}.data`));
test.skipIf(shared.length === 0).for(shared)('external data of %s', async (path) => {
  const { graph } = await readModel(path);
  for (const tensor of graph.initializers) expect(() => tensorValues(tensor)).not.toThrow();
});

test('a file that is no model, and external data that cannot be read, are told with the file', async () => {
  const path = join(folder, 'noise.onnx');
  writeFileSync(path, 'this is no protobuf at all');
  await expect(readModel(path)).rejects.toThrow(path);
  const model = write(external({ location: 'absent.bin' }));
  await expect(readModel(model)).rejects.toThrow(`tensor "w" in ${model}`);
});

test('tensors of one range share its bytes; overlapping ranges do not multiply a file', async () => {
  writeFileSync(join(folder, 'w.bin'), new Uint8Array(4096));
  linkSync(join(folder, 'w.bin'), join(folder, 'v.bin'));
  const tied = { location: 'w.bin', offset: '0', length: '4096' };
  const many = Array.from({ length: 100 }, (_, i) => external(tied, `w${i}`, [1024]));
  const { graph } = await readModel(write(...many));
  const buffers = graph.initializers.map(({ rawData }) => rawData!.buffer);
  expect(new Set(buffers).size).toBe(1);
  const shifted = Array.from({ length: 100 }, (_, i) =>
    external({ location: i % 2 ? 'w.bin' : './v.bin', offset: String(i), length: '3000' }, `w${i}`, [750]),
  );
  await expect(readModel(write(...shifted))).rejects.toThrow(
    /more bytes than .* has, in ranges that overlap/,
  );
});

test('nothing is allocated for a range that is not that of the tensor, or for the holes of a file', async () => {
  const large = 40 * 2 ** 30;
  writeFileSync(join(folder, 'w.bin'), '');
  truncateSync(join(folder, 'w.bin'), large);
  const before = process.memoryUsage().arrayBuffers;
  const location = 'w.bin';
  for (const [tensor, reason] of [
    [external({ location, length: String(large) }), /42949672960 bytes of "w.bin" where 8 belong/],
    [external({ location }), /claims 42949672960 bytes and holds \d+, the rest are holes/],
    [
      external({ location }, 'w', [2 ** 20, 2 ** 20]),
      /4398046511104 bytes: this version of Node holds at most|and memory has|which has/,
    ],
    [external({ location }, 'w', [-1, 2]), /impossible tensor dimensions/],
  ] as const)
    await expect(readModel(write(tensor))).rejects.toThrow(reason);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
});

test('holes are refused in files of any size that matters', async () => {
  const length = 80 * 2 ** 20;
  writeFileSync(join(folder, 'w.bin'), 'not empty');
  truncateSync(join(folder, 'w.bin'), length);
  const tensor = external({ location: 'w.bin' }, 'w', [length / 4]);
  await expect(readModel(write(tensor))).rejects.toThrow(/the rest are holes/);
});

test('pipes, devices and folders are no models and no data', async () => {
  mkdirSync(join(folder, 'sub'));
  const pipe = join(folder, 'pipe');
  if (spawnSync('mkfifo', [pipe]).status !== 0) symlinkSync('/dev/zero', pipe);
  symlinkSync('/dev/zero', join(folder, 'zero'));
  for (const name of ['sub', 'pipe', 'zero']) {
    await expect(readModel(join(folder, name))).rejects.toMatchObject({ kind: 'io' });
    await expect(readModel(write(external({ location: name })))).rejects.toThrow(/refused: "/);
  }
});

test('values of a file that a model still holds are not held twice; what was written to it since is read', async () => {
  const count = 2 ** 18;
  const content = new Float32Array(count).fill(1);
  const file = join(folder, 'w.bin');
  writeFileSync(file, content);
  const path = write(external({ location: 'w.bin' }, 'w', [count]));
  const first = (await readModelFile(path)).model.graph.nodes[0]!;
  const bytesOf = ({ attributes }: typeof first) => attributes[0]!.g!.initializers[0]!.rawData!;
  const again = (await readModelFile(path)).model.graph.nodes[0]!;
  expect(bytesOf(again)).toBe(bytesOf(first));
  content[5] = 7;
  writeFileSync(file, content);
  const changed = bytesOf((await readModelFile(path)).model.graph.nodes[0]!);
  expect(new Float32Array(changed.buffer, changed.byteOffset, count)[5]).toBe(7);
  expect(new Float32Array(bytesOf(first).buffer)[5]).toBe(1);
});
