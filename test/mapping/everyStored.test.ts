/** The rule from the other side: nothing that is stored escapes the classification, and none of it is called what it is not. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { classify } from '../../src/mapping/classify.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { densified } from '../../src/onnx/densify.js';
import { readModel } from '../../src/onnx/file.js';
import type { Model } from '../../src/onnx/model.js';
import { walkNodes } from '../../src/onnx/walk.js';
import { randomStream } from '../../src/random/stream.js';
import { float32 } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';
import { bakeWeights } from '../../src/verify/chips/bakeWeights.js';
import { cleanWeights } from '../../src/verify/chips/draws.js';
import { drawKinds, kinds, type Wired, width, wire } from './wiring.js';

/** Names of everything stored outside of functions, found without the code under test. */
function storedNames({ graph }: Model): string[] {
  const names: string[] = [];
  const graphs = new Set([graph]);
  for (const { node, graph: around } of walkNodes(graph)) {
    graphs.add(around);
    for (const { name, t, tensors, floats, sparseTensor } of node.attributes) {
      if (!t && !tensors && !floats && !sparseTensor) continue;
      const maker = node.name || node.outputs.find(Boolean);
      names.push(node.opType === 'Constant' ? node.outputs[0]! : `${maker}.${name}`);
    }
  }
  for (const { initializers, sparseInitializers = [] } of graphs) {
    names.push(
      ...initializers.map(({ name }) => name),
      ...sparseInitializers.map(({ values }) => values!.name),
    );
  }
  return names;
}

const classified = new WeakMap<Model, ReturnType<typeof classify>>();

function classificationOf(model: Model) {
  const found = classified.get(model) ?? classify(model);
  classified.set(model, found);
  return found;
}

function listedNames(model: Model) {
  const { mapped, harmless, refused } = classificationOf(model);
  const onCrossbar = mapped.flatMap(({ name, stored, copies }) => [
    name,
    ...copies,
    ...(stored ? [stored] : []),
  ]);
  return { onCrossbar: new Set(onCrossbar), harmless: new Set(harmless.map(({ name }) => name)), refused };
}

function expectComplete(model: Model): void {
  const { onCrossbar, harmless, refused } = listedNames(model);
  const named = new Set(refused.flatMap(({ tensors }) => tensors));
  const escaped = storedNames(model).filter(
    (name) => !onCrossbar.has(name) && !harmless.has(name) && !named.has(name),
  );
  expect(escaped).toEqual([]);
}

const shared = process.env.TEMPER_SHARED ?? resolve(import.meta.dirname, '../../../shared');
const folders = [join(shared, 'models'), resolve(import.meta.dirname, '../../models')];

describe('every stored value of real models is mapped, harmless or refused by name', () => {
  for (const folder of folders) {
    if (!existsSync(folder)) console.log(`skipped: no models in ${folder} (set TEMPER_SHARED)`);
    const files = existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
    test.each(files.filter((file) => file.endsWith('.onnx')))('%s', async (file) => {
      expectComplete(await readModel(join(folder, file)));
    });
  }
});

/** What the classification says against what the wiring knows. */
function differences({ model, truths }: Wired): string[] {
  const { onCrossbar, harmless, refused } = listedNames(model);
  const hasFree =
    [...truths.values()].includes('free') || model.functions.some(({ name }) => name === 'storing');
  const wrong = [...truths].flatMap(([name, truth]) => {
    if (truth === 'weight') return onCrossbar.has(name) ? [] : [`${name} is a weight, and not mapped`];
    if (truth === 'free') return harmless.has(name) ? [`${name} is a weight, and called harmless`] : [];
    return onCrossbar.has(name) ? [`${name} is no weight, and mapped`] : [];
  });
  if (hasFree && refused.length === 0) wrong.push('accepted');
  if (!hasFree) wrong.push(...refused.map(({ problem }) => `refused: ${problem.where} ${problem.what}`));
  return wrong;
}

test.each(Object.keys(kinds))('%s: alone, and between others', (kind) => {
  for (const [seed, chosen] of [
    [kind],
    ['bias', kind],
    ['matMul', 'activation', kind, 'scale', 'matMul'],
  ].entries()) {
    const wired = wire(seed, chosen);
    expect(differences(wired), chosen.join(' > ')).toEqual([]);
    expectComplete(wired.model);
  }
});

const count = 500;
const drawn = Array.from({ length: count }, (_, seed) => wire(seed, drawKinds(seed)));

test(`${count} random networks: the classification knows what the wiring knows`, () => {
  for (const [seed, wired] of drawn.entries()) {
    expect(differences(wired), `${seed}: ${wired.kinds.join(' > ')}`).toEqual([]);
    expectComplete(wired.model);
  }
  // The draw tries both sides.
  const accepted = drawn.filter(({ model }) => classificationOf(model).refused.length === 0).length;
  expect(accepted).toBeGreaterThan(count / 10);
  expect(accepted).toBeLessThan((9 * count) / 10);
});

test('a list of nodes in another order gives the same answer', () => {
  for (const { model } of drawn.slice(0, 100)) {
    const { graph } = model;
    const turned = classify({ ...model, graph: { ...graph, nodes: [...graph.nodes].reverse() } });
    const names = (found: ReturnType<typeof classify>) => [
      found.mapped.map(({ name, copies }) => [name, ...copies].sort().join()).sort(),
      found.harmless.map(({ name }) => name).sort(),
      found.refused.map(({ node }) => node).sort(),
    ];
    expect(names(turned)).toEqual(names(classificationOf(model)));
  }
});

const x = float32([4, width], randomStream('test/everyStored').normals(4 * width));

async function outputOf(model: Model): Promise<Float32Array> {
  const session = await openSession(encodeModel(model));
  try {
    return (await session.run({ x })).y!.data as Float32Array;
  } finally {
    await session.release();
  }
}

test('onnxruntime runs the networks, and each mapped tensor moves the outputs of those that are accepted', async () => {
  for (const { model, kinds: chosen } of drawn.slice(0, 60)) {
    const clean = await outputOf(model);
    const { mapped, refused } = classificationOf(model);
    if (refused.length > 0 || !clean.every(Number.isFinite)) continue;
    for (const weight of cleanWeights(mapped)) {
      const noise = randomStream('test/everyStored', weight.name).normals(weight.values.length);
      const values = weight.values.map((value, i) => 1.5 * value + noise[i]!);
      const moved = await outputOf(bakeWeights(densified(model), [{ ...weight, values }]));
      expect(moved, `${weight.name} of ${chosen.join(' > ')}`).not.toEqual(clean);
    }
  }
});
