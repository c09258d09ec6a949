/** What a run ends with: never worse than doing nothing, and no more given away without noise than allowed. */
import { beforeAll, describe, expect, it } from 'vitest';
import { finetune } from '../../src/finetune/finetune.js';
import type { Validation } from '../../src/finetune/run/history.js';
import type { FinetuneOptions, FinetuneResult } from '../../src/finetune/run/run.js';
import { isWithin } from '../../src/finetune/validation/merit.js';
import { buildNetwork } from '../../src/network/network.js';
import { encodeModel } from '../../src/onnx/codec.js';
import type { Model } from '../../src/onnx/model.js';
import { tensorValues } from '../../src/onnx/tensor.js';
import { convolutional, patterns } from './nets.js';

const dataset = patterns(400, { noise: 1.2 });
const optionsFor = (model: Model, options: Partial<FinetuneOptions> = {}): FinetuneOptions => ({
  model,
  network: buildNetwork(model),
  dataset,
  batchSize: 20,
  epochs: 3,
  validation: 0.5,
  validationChips: 20,
  ...options,
});
const bytesOf = (model: Model) => Buffer.from(encodeModel(model)).toString('base64');
const valuesOf = (model: Model, name: string) =>
  tensorValues(model.graph.initializers.find((tensor) => tensor.name === name)!) as Float32Array;

let trained: Model;
beforeAll(async () => {
  const schedule = { learningRate: 0.3 };
  ({ model: trained } = await finetune(
    optionsFor(convolutional(), { method: 'plain', epochs: 12, schedule }),
  ));
});

const harsh = { device: 'gaussian:0.2', clip: 0, epochs: 20, schedule: { learningRate: 0.1 } } as const;

describe('what may be given away', () => {
  const judged = (accuracy: number, loss = 1): Validation => ({ clean: { accuracy, loss } });
  const lost = (loss: number): Validation => ({ clean: { loss } });

  it('is half a point less on validation, at most half of the limit, of accuracy or of a loss', () => {
    expect(isWithin(judged(0.895), judged(0.9), 0.01)).toBe(true);
    expect(isWithin(judged(0.894), judged(0.9), 0.01)).toBe(false);
    expect(isWithin(judged(0.95), judged(0.9), 0)).toBe(true);
    expect(isWithin(judged(0.86), judged(0.9), 0.045)).toBe(true);
    expect(isWithin(judged(0.1), judged(1), 1)).toBe(true);
    expect(isWithin(lost(1.02), lost(1), 0.01)).toBe(true);
    expect(isWithin(lost(1.03), lost(1), 0.01)).toBe(false);
    expect(isWithin(lost(Number.NaN), lost(1), 1)).toBe(false);
  });

  it('is also what the loss says is lost, where as many are right and all of them less surely', () => {
    expect(isWithin(judged(0.92, 0.197), judged(0.92, 0.197), 0.01)).toBe(true);
    expect(isWithin(judged(0.92, 0.297), judged(0.92, 0.197), 0.01)).toBe(false);
    expect(isWithin(judged(0.99, 0.04), judged(0.99, 0.03), 0.01)).toBe(true);
    expect(isWithin(judged(0.9, Number.NaN), judged(0.9, 1), 0.01)).toBe(false);
    expect(isWithin(judged(1, Number.NaN), judged(1, 0), 1)).toBe(false);
    expect(isWithin(judged(1, 0.1), judged(1, 0), 0.01)).toBe(true);
    expect(isWithin(judged(0, 1e9), judged(1), 1)).toBe(true);
  });

  it('holds for whatever is the result, and a larger one allows more accuracy under noise', async () => {
    const under = ({ origin, history }: FinetuneResult) => {
      const { source, clipped, trained: made } = history.decision!.finalists;
      return { source, clipped, epoch: made, interpolated: made }[origin]!;
    };
    const results = await Promise.all(
      [0, 0.02, 1].map((cleanDrop) => finetune(optionsFor(trained, { ...harsh, cleanDrop }))),
    );
    const [none, some, all] = results.map(under);
    const source = results[0]!.history.decision!.finalists.source!;
    expect(none!.clean.accuracy).toBeGreaterThanOrEqual(source.clean.accuracy!);
    expect(some!.clean.accuracy).toBeGreaterThanOrEqual(source.clean.accuracy! - 0.015);
    expect(all!.noisy!.accuracy).toBeGreaterThanOrEqual(some!.noisy!.accuracy!);
    expect(some!.noisy!.accuracy).toBeGreaterThanOrEqual(none!.noisy!.accuracy!);
    expect(none!.noisy!.accuracy).toBeGreaterThanOrEqual(source.noisy!.accuracy!);
    expect(all!.noisy!.accuracy! - source.noisy!.accuracy!).toBeGreaterThan(0.05);
  });
});

it('what a larger allowance would buy is said, and is what it buys', async () => {
  const strict = await finetune(optionsFor(trained, { ...harsh, cleanDrop: 0.001 }));
  const offers = [...strict.notes.join('\n').matchAll(/--clean-drop (\S+): (\S+) % under noise/g)];
  expect(offers.length).toBeGreaterThan(0);
  const [, drop, accuracy] = offers.at(-1)!;
  const { history } = await finetune(optionsFor(trained, { ...harsh, cleanDrop: Number(drop) }));
  expect(100 * history.decision!.trained!.validation.noisy!.accuracy!).toBeCloseTo(Number(accuracy), 2);
});

describe('between the source and the best epoch', () => {
  it('every trained value lies where its share says', async () => {
    const options = { ...harsh, cleanDrop: 1 };
    const epoch = await finetune(optionsFor(trained, { ...options, interpolate: false }));
    expect(epoch.origin).toBe('epoch');
    expect(epoch.history.decision!.interpolations).toHaveLength(1);
    // Of all candidates one that gives little away: some way before the epoch.
    const between = await finetune(optionsFor(trained, { ...options, cleanDrop: 0.05 }));
    const { decision } = between.history;
    expect(decision!.interpolations.length).toBeGreaterThan(5);
    const { share } = decision!.trained!;
    expect(share).toBeLessThan(1);
    expect(between.origin).toBe('interpolated');
    expect(between.notes.join('\n')).toContain(`${Math.round(100 * share)} % of the way`);
    const [from, to, now] = [trained, epoch.model, between.model].map((model) => valuesOf(model, 'conv'));
    for (const [i, value] of now!.entries())
      expect(value).toBeCloseTo(from![i]! + share * (to![i]! - from![i]!), 5);
  });

  it('a given clip holds for every candidate', async () => {
    const { model } = await finetune(optionsFor(trained, { ...harsh, clip: 1.5, cleanDrop: 1 }));
    const before = valuesOf(trained, 'conv');
    const limit = 1.5 * Math.sqrt(before.reduce((sum, value) => sum + value * value, 0) / before.length);
    expect(Math.max(...valuesOf(model, 'conv').map(Math.abs))).toBeLessThanOrEqual(limit * (1 + 1e-6));
  });
});

it('training that is not ahead by more than luck leaves the model as it came', async () => {
  // Steps too small to change what the network says: equal scores are no gain.
  const schedule = { learningRate: 1e-7 };
  const result = await finetune(
    optionsFor(trained, { ...harsh, schedule, batchNorm: 'frozen', optimizerOptions: { weightDecay: 0 } }),
  );
  expect(result.origin).toBe('source');
  expect(bytesOf(result.model)).toBe(bytesOf(trained));
  expect(result.notes.join('\n')).toMatch(/luck would not explain.*the model as it came/);
});
