/**
 * Equal noise in absolute units: the deviations of a chip are those of another model's weights. Oracles: the written files of
 * the chips, subtracted; a model of half the weights, whose noise is twice as large; the same scores however they are computed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeNode } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { readModel } from '../../src/onnx/file.js';
import type { Model } from '../../src/onnx/model.js';
import { tensorValues } from '../../src/onnx/tensor.js';
import { metadata } from '../../src/onnx/walk.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { type VerifyOptions, verify } from '../../src/verify/verify.js';
import * as net from './models.js';

const changed = (change: (value: number) => number) =>
  net.modelOf({
    initializers: [net.w1, net.b1, net.w2].map((tensor) =>
      tensor === net.b1
        ? tensor
        : net.floatTensor(tensor.name, [...tensor.dims], Float32Array.from(valuesOf(tensor), change)),
    ),
  });
const valuesOf = (tensor: Parameters<typeof tensorValues>[0]) => tensorValues(tensor) as Float32Array;

const original = net.modelOf();
const halved = changed((value) => value / 2);
const clipped = changed((value) => Math.max(-0.7, Math.min(0.7, value)));
const dataset = await net.datasetFor(original);
const base: VerifyOptions = {
  model: encodeModel(clipped),
  dataset,
  devices: ['gaussian:0.2'],
  draws: 4,
  seed: 3,
  threads: 1,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-noise-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function writtenChip(model: Model, device: string, options: Partial<VerifyOptions>): Promise<Model> {
  const file = join(folder, `${device.replaceAll(':', '-')}-${Object.keys(options)}.onnx`);
  const writeChip = { chip: 2, file };
  await verify({ ...base, model: encodeModel(model), devices: [device], draws: 1, writeChip, ...options });
  return readModel(file);
}

const weightsOf = (model: Model) =>
  ['w1', 'w2'].map((name) => valuesOf(model.graph.initializers.find((tensor) => tensor.name === name)!));

test.each(['gaussian:0.2', 'gaussian:0.2:channel', 'gaussian:0.2:relative', 'gaussian:0.2:absolute'])(
  'a chip of %s deviates from its model as the same chip of the original does from the original',
  async (device) => {
    const own = await writtenChip(original, device, {});
    const carried = await writtenChip(clipped, device, { noiseFrom: encodeModel(original) });
    const [from, to] = [weightsOf(original), weightsOf(clipped)];
    const [drawn, moved] = [weightsOf(own), weightsOf(carried)];
    let differing = 0;
    drawn.forEach((values, tensor) => {
      values.forEach((value, i) => {
        const deviation = value - from[tensor]![i]!;
        expect(moved[tensor]![i]! - to[tensor]![i]!).toBeCloseTo(deviation, 5);
        if (from[tensor]![i] !== to[tensor]![i]) differing++;
      });
    });
    expect(differing).toBeGreaterThan(20); // of 144 weights are clipped
    expect(metadata(carried).get('temper.chip')).toMatch(
      /chip 2, drawn on the weights of sha256 [0-9a-f]{64}$/,
    );
  },
);

test('half the weights at the noise of the whole ones: as at twice their own noise', async () => {
  const model = encodeModel(halved);
  const carried = await verify({ ...base, model, noiseFrom: encodeModel(original) });
  const own = await verify({ ...base, model, devices: ['gaussian:0.4'] });
  expect(carried.runs[0]!.draws).toEqual(own.runs[0]!.draws);
  expect(carried.runs[0]!.accuracy!.mean).toBeLessThan(0.99);
  const layers = carried.runs[0]!.layers;
  for (const [i, layer] of own.runs[0]!.layers.entries()) {
    expect(layers[i]!.absoluteMaximum).toBe(layer.absoluteMaximum);
    for (const key of ['std', 'effectiveSigma', 'sampledStd'] as const)
      expect(layers[i]![key] / layer[key]).toBeCloseTo(1, 5);
  }
});

test('a model at its own noise: the scores of the plain command', async () => {
  const file = join(folder, 'original.onnx');
  await writeModel(file, original);
  const plain = await verify({ ...base, model: file });
  const { noiseFrom, notes, runs, ...carried } = await verify({ ...base, model: file, noiseFrom: file });
  const { notes: ownNotes, runs: ownRuns, ...own } = plain;
  expect(carried).toEqual(own);
  expect(runs).toEqual(ownRuns.map((run) => ({ ...run, noiseFrom: file })));
  expect(noiseFrom).toEqual({ path: file, sha256: plain.model.sha256 });
  expect(notes.join()).toContain(`drawn on the weights of ${file}`);
});

test('worker threads and the model compared with meet the same deviations', async () => {
  const noiseFrom = encodeModel(original);
  const alone = await verify({ ...base, noiseFrom });
  expect(alone.runs[0]!.draws).not.toEqual((await verify(base)).runs[0]!.draws);
  expect(await verify({ ...base, noiseFrom, threads: 2 })).toEqual(alone);
  const { against } = await verify({ ...base, model: encodeModel(halved), against: base.model, noiseFrom });
  expect(against!.runs[0]!.draws).toEqual(alone.runs[0]!.draws);
});

test('a written chip scores as that draw in plain onnxruntime', async () => {
  const file = join(folder, 'chip.onnx');
  const noiseFrom = encodeModel(original);
  const { runs } = await verify({ ...base, noiseFrom, writeChip: { chip: 1, file } });
  const winners = net.highest(await net.outputsOf(file, dataset.examples as Float32Array));
  expect([...winners].filter((winner, i) => winner === dataset.labels[i]).length).toBe(
    runs[0]!.draws[1]!.correct,
  );
});

test('a model in another form is refused, with what differs', async () => {
  const other = net.modelOf({
    nodes: [...net.mlpNodes.slice(0, 2), makeNode('MatMul', ['a', 'other'], ['y'])],
    initializers: [net.w1, net.b1, { ...net.w2, name: 'other' }],
  });
  const running = verify({ ...base, noiseFrom: encodeModel(other) });
  await expect(running).rejects.toMatchObject({ kind: 'model' });
  await expect(running).rejects.toThrow(
    /"w2" \[16,3\] is only in the model[^]*noise drawn on the model[^]*export both with the same options/,
  );
});
