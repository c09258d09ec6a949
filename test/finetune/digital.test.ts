/** Layers on digital hardware are trained as any parameter, but never perturbed and never clipped. */
import { expect, test } from 'vitest';
import { float32 } from '../../src/compile/index.js';
import { unitScale } from '../../src/data/normalize.js';
import { parseDevice } from '../../src/devices/index.js';
import { finetune } from '../../src/finetune/finetune.js';
import { openChips } from '../../src/finetune/validation/chips.js';
import { importModel } from '../../src/import/importModel.js';
import { digitalKey } from '../../src/mapping/digital.js';
import type { Model } from '../../src/onnx/model.js';
import { tensorValues } from '../../src/onnx/tensor.js';
import { setMetadata } from '../../src/onnx/walk.js';
import { convolutional, patterns } from './nets.js';

const stored = (model: Model, name: string) =>
  tensorValues(model.graph.initializers.find((tensor) => tensor.name === name)!) as Float32Array;
const dataset = patterns(60);
const spec = 'gaussian:0.3:channel';
const train = (imported: ReturnType<typeof importModel>, learningRate: number) =>
  finetune({
    ...imported,
    dataset,
    normalization: unitScale,
    device: spec,
    clip: 1,
    validation: 0,
    epochs: 1,
    batchSize: 16,
    schedule: { learningRate },
  });

test('with a rate of zero what is digital keeps its bytes, and what is not is clipped', async () => {
  const model = convolutional();
  const imported = importModel(model, { digital: ['fc'] });
  expect(imported.notes.join('\n')).toMatch(/32 of 176 weights \(18 %\) digital/);
  const tuned = await train(imported, 0);
  expect(stored(tuned.model, 'fc')).toEqual(stored(model, 'fc'));
  expect(stored(tuned.model, 'conv')).not.toEqual(stored(model, 'conv'));
});

test('what is digital is trained all the same, and not told as forgotten', async () => {
  const model = convolutional();
  const tuned = await train(importModel(model, { digital: ['fc'] }), 0.05);
  expect(stored(tuned.model, 'fc')).not.toEqual(stored(model, 'fc'));
  expect(tuned.notes.join('\n')).not.toContain('neither trained nor perturbed');
});

test('validation chips disturb what is on the crossbar only', async () => {
  const { network } = importModel(convolutional(), { digital: ['Gemm'] });
  const parameters = Object.fromEntries(
    [...network.parameters.values()].map(({ name, shape, values }) => [name, float32(shape, values)]),
  );
  const chips = await openChips(network, parseDevice('gaussian:0.3'), 1, { engine: 'onnxruntime' });
  const chip = await chips.program(parameters, 0);
  await chips.release();
  const moved = Object.keys(parameters).filter((name) =>
    (parameters[name]!.data as Float32Array).some((value, i) => value !== chip[name]!.data[i]),
  );
  expect(moved).toEqual(['conv']);
});

test('a file that says what is digital is trained so', () => {
  const model = setMetadata(convolutional(), digitalKey, '["fc"]');
  const crossbar = ({ network }: ReturnType<typeof importModel>) =>
    [...network.parameters.values()].flatMap(({ name, crossbar: on }) => (on ? [name] : []));
  expect(crossbar(importModel(model))).toEqual(['conv']);
  expect(crossbar(importModel(model, { digital: ['none'] }))).toEqual(['conv', 'fc']);
});
