/** A large model is imported in little more memory than its file: stored floats are viewed where they lie, not copied. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { importModel } from '../../src/import/importModel.js';
import { makeNode } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { readModel } from '../../src/onnx/file.js';
import type { Model } from '../../src/onnx/model.js';
import { tensorValues } from '../../src/onnx/tensor.js';
import { model, weight } from '../network/onnxModels.js';

const folder = mkdtempSync(join(tmpdir(), 'temper-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

const w = weight('w', [64, 64]);
const layer = [makeNode('MatMul', ['x', 'w'], ['y'])];

async function read(name: string, source: Model): Promise<Model> {
  const path = join(folder, name);
  writeFileSync(path, encodeModel(source));
  return readModel(path);
}

it('external data are the parameters themselves', async () => {
  writeFileSync(join(folder, 'w.bin'), w.rawData!);
  const { rawData: _, ...unread } = w;
  const externalData = [{ key: 'location', value: 'w.bin' }];
  const found = await read(
    'external.onnx',
    model(['n', 64], layer, [{ ...unread, dataLocation: 1, externalData }]),
  );
  const { values } = importModel(found).network.parameters.get('w')!;
  expect(values.buffer).toBe(found.graph.initializers[0]!.rawData!.buffer);
});

it('weights in the file are viewed if they lie on a multiple of four, and copied otherwise; never wrong', async () => {
  const views: boolean[] = [];
  // A name longer by one moves what follows by one.
  for (const name of ['w', 'ww', 'www', 'wwww']) {
    const renamed = [makeNode('MatMul', ['x', name], ['y'])];
    const found = await read('inline.onnx', model(['n', 64], renamed, [{ ...w, name }]));
    const { rawData } = found.graph.initializers[0]!;
    const { values } = importModel(found).network.parameters.get(name)!;
    expect(values).toEqual(tensorValues(w));
    expect(values.buffer === rawData!.buffer).toBe(rawData!.byteOffset % 4 === 0);
    views.push(values.buffer === rawData!.buffer);
  }
  expect(views).toContain(true);
});
