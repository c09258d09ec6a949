/** What is chosen before training: clip and learning rate, by validation under the noise of the device. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { finetune } from '../../src/finetune/finetune.js';
import type { FinetuneEvent, FinetuneOptions } from '../../src/finetune/run/run.js';
import { neighboursOf } from '../../src/finetune/step/clips.js';
import { buildNetwork } from '../../src/network/network.js';
import { encodeModel } from '../../src/onnx/codec.js';
import type { Model } from '../../src/onnx/model.js';
import { tensorValues, withValues } from '../../src/onnx/tensor.js';
import { convolutional, patterns } from './nets.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-choice-'));
});
afterEach(() => rm(folder, { recursive: true }));

const dataset = patterns(300, { noise: 0.3 });
const optionsFor = (model: Model, options: Partial<FinetuneOptions> = {}): FinetuneOptions => ({
  model,
  network: buildNetwork(model),
  dataset,
  batchSize: 20,
  epochs: 2,
  validation: 0.3,
  validationChips: 5,
  ...options,
});
const bytesOf = (model: Model) => Buffer.from(encodeModel(model)).toString('base64');

/** A network that has learnt the patterns. */
let trained: Model;
beforeAll(async () => {
  const schedule = { learningRate: 0.3 };
  const options = optionsFor(convolutional(), { method: 'plain', epochs: 8, schedule });
  ({ model: trained } = await finetune(options));
});

function changed(model: Model, name: string, change: (value: number, index: number) => number): Model {
  const initializers = model.graph.initializers.map((tensor) =>
    tensor.name === name ? withValues(tensor, (tensorValues(tensor) as Float32Array).map(change)) : tensor,
  );
  return { ...model, graph: { ...model.graph, initializers } };
}

/** A channel that nothing reads holds a weight many times the largest: noise relative to it drowns the rest. */
const withOutlier = () =>
  changed(
    changed(trained, 'fc', (value, i) => (i % 8 === 0 ? 0 : value)),
    'conv',
    (value, i) => (i === 0 ? 40 : value),
  );

/** The same function, its channels a hundredfold apart, as folded batch normalization leaves them. */
const withSpreadChannels = () => {
  const factor = (channel: number) => (channel < 2 ? 10 : 0.1);
  const spread = changed(trained, 'conv', (value, i) => value * factor(Math.floor(i / 18)));
  return ['mean', 'scale'].reduce(
    (model, name) =>
      changed(model, name, (value, i) => (name === 'mean' ? value * factor(i) : value / factor(i))),
    spread,
  );
};

const still = { epochs: 1, schedule: { learningRate: 0 }, batchNorm: 'frozen' } as const;

describe('the clip', () => {
  it('cuts off an outlier, without training already far better under noise', async () => {
    const { history, origin, model, clipped } = await finetune(
      optionsFor(withOutlier(), { device: 'gaussian:0.1', optimizerOptions: { weightDecay: 0 }, ...still }),
    );
    const { start, choice, clipped: cut } = history;
    expect(choice!.clip.multiple).toBeGreaterThan(0);
    expect(start!.noisy!.accuracy).toBeLessThan(0.7);
    expect(cut!.noisy!.accuracy! - start!.noisy!.accuracy!).toBeGreaterThan(0.2);
    expect(cut!.clean.accuracy).toBe(start!.clean.accuracy);
    expect(origin).toBe('clipped');
    expect(bytesOf(model)).toBe(bytesOf(clipped));
  });

  it('spares channels that are far apart where a fixed clip ruins the network', async () => {
    const options = { device: 'gaussian:0.02:relative', ...still };
    const fixed = await finetune(optionsFor(withSpreadChannels(), { ...options, clip: 0.1 }));
    const chosen = await finetune(optionsFor(withSpreadChannels(), options));
    const { start, clipped } = chosen.history;
    expect(start!.clean.accuracy! - fixed.history.clipped!.clean.accuracy!).toBeGreaterThan(0.1);
    expect((clipped ?? start!).clean.accuracy).toBeGreaterThanOrEqual(start!.clean.accuracy! - 0.01);
    // And a network that no candidate betters comes out as it went in.
    expect(fixed.origin).toBe('source');
    expect(bytesOf(fixed.model)).toBe(bytesOf(withSpreadChannels()));
  });

  it('is looked for beside the best one, to both sides and of the other kind', () => {
    expect(neighboursOf({ multiple: 3, per: 'tensor' })).toEqual([
      { multiple: 4, per: 'tensor' },
      { multiple: 2.5, per: 'tensor' },
      { multiple: 2, per: 'tensor' },
      { multiple: 3, per: 'channel' },
    ]);
    expect(neighboursOf({ multiple: 1.5, per: 'channel' })).toEqual([
      { multiple: 2, per: 'channel' },
      { multiple: 1.5, per: 'tensor' },
    ]);
  });
});

describe('the learning rate', () => {
  it.each(['sgd', 'adam', 'scaled-adam'])('of %s does no harm to a trained network', async (optimizer) => {
    const events: FinetuneEvent[] = [];
    const { history, origin } = await finetune(
      optionsFor(withOutlier(), {
        device: 'gaussian:0.1',
        optimizer,
        onProgress: (event) => events.push(event),
      }),
    );
    const { choice, decision } = history;
    const rates = new Set(choice!.tried.flatMap(({ learningRate }) => learningRate ?? []));
    expect(rates.size).toBe(5);
    expect(rates).toContain(choice!.learningRate);
    expect(choice!.steps).toBeGreaterThan(0);
    expect(events.filter(({ kind }) => kind === 'tried')).toHaveLength(choice!.tried.length);
    const { finalists } = decision!;
    const { source } = finalists;
    const result = { ...finalists, epoch: finalists.trained, interpolated: finalists.trained }[origin]!;
    expect(result.noisy!.accuracy).toBeGreaterThanOrEqual(finalists.clipped!.noisy!.accuracy!);
    expect(result.clean.accuracy).toBeGreaterThanOrEqual(source!.clean.accuracy! - 0.005);
  });

  it('is chosen alike for plain training with a device, which then differs in nothing but the noise', async () => {
    const device = 'gaussian:0.1';
    const plain = await finetune(optionsFor(withOutlier(), { method: 'plain', device }));
    const wvat = await finetune(optionsFor(withOutlier(), { device }));
    expect(plain.history.start).toEqual(wvat.history.start);
    const clips = ({ tried }: NonNullable<typeof plain.history.choice>) =>
      tried.filter(({ learningRate }) => learningRate === undefined);
    expect(clips(plain.history.choice!)).toEqual(clips(wvat.history.choice!));
  });

  it('is told as it is in the result, and what it was chosen on', async () => {
    const clipNotes = ({ notes }: { notes: readonly string[] }) =>
      notes.filter((note) => note.startsWith('Weights:'));
    const cut = await finetune(optionsFor(withOutlier(), { device: 'gaussian:0.1', ...still }));
    expect(cut.origin).toBe('clipped');
    expect(clipNotes(cut)).toEqual([expect.stringContaining('chosen on 90 validation examples')]);
    const blind = await finetune(
      optionsFor(withOutlier(), { device: 'gaussian:0.1', ...still, validation: 0 }),
    );
    expect(clipNotes(blind)).toEqual([expect.stringContaining('chosen on 300 training examples')]);
    // A given clip that ruins the network: the result is the network as it came, and nothing is clipped in it.
    const ruined = await finetune(optionsFor(trained, { device: 'gaussian:0.01', ...still, clip: 0.05 }));
    expect(ruined.origin).toBe('source');
    expect(clipNotes(ruined)).toEqual([]);
  });

  it('needs no trial where it is given', async () => {
    const { history } = await finetune(
      optionsFor(trained, { device: 'gaussian:0.1', clip: 2.5, schedule: { learningRate: 0.05 } }),
    );
    expect(history.choice).toMatchObject({
      clip: { multiple: 2.5, per: 'tensor' },
      learningRate: 0.05,
      tried: [],
    });
  });
});

it('a run that is stopped while choosing, or after, ends as one left alone', async () => {
  const options = { device: 'gaussian:0.1' };
  const alone = await finetune(optionsFor(withOutlier(), options));
  for (const [kind, count] of [
    ['tried', 4],
    ['tried', 10],
    ['choice', 1],
    ['steps', 1],
  ] as const) {
    const checkpoint = { folder: join(folder, `${kind}-${count}`), recipe: 'r' };
    const stop = new AbortController();
    let seen = 0;
    const onProgress = (event: FinetuneEvent) => {
      if (event.kind === kind && ++seen === count) stop.abort();
    };
    const stopped = finetune(
      optionsFor(withOutlier(), { ...options, checkpoint, onProgress, signal: stop.signal }),
    );
    await expect(stopped).rejects.toMatchObject({ kind: 'interrupted' });
    const resumed = await finetune(optionsFor(withOutlier(), { ...options, checkpoint }));
    expect(resumed.history).toEqual(alone.history);
    expect(bytesOf(resumed.model)).toBe(bytesOf(alone.model));
  }
}, 60_000);
