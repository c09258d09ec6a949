import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TemperError } from '../../src/errors.js';
import { finetune } from '../../src/finetune/finetune.js';
import type { EpochRecord } from '../../src/finetune/history/history.js';
import type { FinetuneEvent, FinetuneOptions } from '../../src/finetune/run/run.js';
import { buildNetwork } from '../../src/network/network.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor, tensorValues } from '../../src/onnx/tensor.js';
import { convolutional, linear, patterns } from './nets.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temper-finetune-'));
});
afterEach(() => rm(folder, { recursive: true }));

const dataset = patterns(200);

function optionsFor(model: Model, options: Partial<FinetuneOptions> = {}): FinetuneOptions {
  return {
    model,
    network: buildNetwork(model),
    dataset,
    batchSize: 20,
    epochs: 3,
    validation: 0.2,
    validationChips: 4,
    optimizer: 'sgd',
    schedule: { learningRate: 0.1 },
    ...options,
  };
}

const bytesOf = (model: Model) => Buffer.from(encodeModel(model)).toString('base64');

describe('fine-tuning', () => {
  it('learns, under noise too, and reports how it goes', async () => {
    const events: FinetuneEvent[] = [];
    const onProgress = (event: FinetuneEvent) => events.push(event);
    const { history } = await finetune(
      optionsFor(convolutional(), {
        dataset: patterns(200, { noise: 0.3 }),
        device: 'gaussian:0.1',
        epochs: 6,
        schedule: { learningRate: 0.3 },
        onProgress,
      }),
    );
    expect(history.records.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    const [first, best] = [history.start!, history.records[history.best!]!];
    expect(first.noisy!.accuracy).toBeLessThan(0.5);
    expect(best.validation!.clean.accuracy).toBeGreaterThan(0.9);
    expect(best.validation!.noisy!.accuracy).toBeGreaterThan(0.85);
    expect(events[0]).toMatchObject({ kind: 'start', step: 0, steps: 48, epochs: 6, examples: 160 });
    expect(events.filter(({ kind }) => kind === 'epoch')).toHaveLength(6);
    const last = events.filter((event) => event.kind === 'steps').at(-1)!;
    expect(last).toMatchObject({ step: 48, epoch: 6 });
  });

  it('loses nothing: without a learning rate the model that went in comes out', async () => {
    const model = convolutional();
    const { model: out } = await finetune(
      optionsFor(model, {
        device: 'gaussian:0.1',
        gamma: 1,
        clip: 0,
        batchNorm: 'frozen',
        schedule: { learningRate: 0 },
        optimizerOptions: { weightDecay: 0 },
      }),
    );
    expect(bytesOf(out)).toBe(bytesOf(model));
  });

  it('changes values only: names, order, operator set and metadata stay', async () => {
    const model = convolutional();
    const { model: out } = await finetune(optionsFor(model, { method: 'plain', epochs: 1 }));
    const skeleton = ({ graph, ...rest }: Model) => ({
      ...rest,
      nodes: graph.nodes,
      initializers: graph.initializers.map(({ name, dims, dataType }) => ({ name, dims, dataType })),
    });
    expect(skeleton(out)).toEqual(skeleton(model));
    for (const [i, tensor] of out.graph.initializers.entries()) {
      expect(tensorValues(tensor), tensor.name).not.toEqual(tensorValues(model.graph.initializers[i]!));
    }
  });

  it('trains weights in Constant nodes and of type float16, and writes them back as they were stored', async () => {
    const flat = patterns(200, { shape: [12] });
    const model = linear(12, 4, DataType.FLOAT16);
    const { model: out, history } = await finetune(optionsFor(model, { dataset: flat, method: 'plain' }));
    expect(history.records.at(-1)!.validation!.clean.accuracy).toBeGreaterThan(0.8);
    expect(out.graph.initializers[0]!.dataType).toBe(DataType.FLOAT16);
    const constant = out.graph.nodes.find(({ opType }) => opType === 'Constant')!;
    expect(tensorValues(constant.attributes[0]!.t!)).not.toEqual(new Float32Array(4));
  });

  it('looks through a final Softmax to the logits', async () => {
    const plain = await finetune(optionsFor(convolutional(), { method: 'plain' }));
    const softmax = await finetune(optionsFor(convolutional({ last: 'Softmax' }), { method: 'plain' }));
    expect(softmax.history).toEqual(plain.history);
  });

  it('trains against a device a network that has no weight on a crossbar, and says so', async () => {
    const layer = makeNode('BatchNormalization', ['x', 'scale', 'shift', 'mean', 'variance'], ['y']);
    const values = (name: string) => makeTensor(name, DataType.FLOAT, [4], Float32Array.of(1, 2, 1, 2));
    const info = (name: string) => tensorInfo(name, DataType.FLOAT, ['N', 4]);
    const model = makeModel(
      makeGraph({
        nodes: [layer],
        initializers: ['scale', 'shift', 'mean', 'variance'].map(values),
        inputs: [info('x')],
        outputs: [info('y')],
      }),
    );
    const { history, notes } = await finetune(
      optionsFor(model, { dataset: patterns(200, { shape: [4] }), device: 'gaussian:0.1', epochs: 1 }),
    );
    expect(notes.join()).toContain('nothing to perturb');
    const { clean, noisy } = history.records[0]!.validation!;
    expect(noisy!.accuracy).toBeCloseTo(clean.accuracy!);
    expect(noisy!.loss).toBeCloseTo(clean.loss);
  });

  it('trains towards targets by the squared error', async () => {
    const flat = patterns(200, { shape: [6] });
    const targets = Float32Array.from({ length: 400 }, (_, i) => {
      const row = (flat.examples as Float32Array).subarray(Math.floor(i / 2) * 6, Math.floor(i / 2) * 6 + 6);
      return i % 2 === 0 ? row[0]! - row[1]! : 0.5 * row[2]!;
    });
    const regression = { ...flat, classes: 0, labels: new Int32Array(0), targets, targetShape: [2] };
    const { history } = await finetune(
      optionsFor(linear(6, 2), {
        dataset: regression,
        method: 'plain',
        loss: 'mean-squared-error',
        epochs: 10,
      }),
    );
    expect(history.records.at(-1)!.validation!.clean.loss).toBeLessThan(0.01 * history.start!.clean.loss);
    expect(history.records[0]!.train.accuracy).toBeUndefined();
  });

  it('stops early when patience runs out, with the best epoch so far', async () => {
    const still = { batchNorm: 'frozen', schedule: { learningRate: 0 } } as const;
    const options = { method: 'plain', epochs: 30, patience: 2, ...still };
    const { history } = await finetune(optionsFor(convolutional(), options));
    expect(history.best).toBe(0);
    expect(history.records).toHaveLength(3);
  });
});

describe('a run that does harm', () => {
  it('says so when every epoch is worse than the model that went in', async () => {
    const plain = { method: 'plain', epochs: 4 };
    const good = await finetune(optionsFor(convolutional(), plain));
    expect(good.notes).toEqual([expect.stringContaining('40 validation examples: luck decides')]);
    const reckless = { ...plain, epochs: 1, schedule: { learningRate: 100, name: 'constant' } } as const;
    const worse = await finetune(optionsFor(good.model, reckless));
    expect(worse.history.best).toBe(0);
    expect(worse.notes.join()).toMatch(
      /No epoch is better than the model that went in, by validation: 55 % as it came.*learning rate/,
    );
    expect(worse.origin).toBe('source');
    expect(bytesOf(worse.model)).toBe(bytesOf(good.model));
  });

  it('tells how many weights clipping changes, and gives the clipped model beside the trained one', async () => {
    const noisy = { device: 'gaussian:0.1', clip: 1.5, epochs: 1 };
    const source = convolutional();
    const { notes, clipped } = await finetune(optionsFor(source, noisy));
    expect(notes.join()).toMatch(/clip at 1.5 RMS of each tensor.* [\d.]+ % of the crossbar weights/);
    for (const [i, { name }] of source.graph.initializers.entries()) {
      const before = tensorValues(source.graph.initializers[i]!) as Float32Array;
      const after = tensorValues(clipped.graph.initializers[i]!) as Float32Array;
      const rms = Math.sqrt(before.reduce((sum, w) => sum + w * w, 0) / before.length);
      const limit = ['conv', 'fc'].includes(name) ? Math.fround(1.5 * rms) : Number.POSITIVE_INFINITY;
      expect(after, name).toEqual(before.map((w) => Math.max(-limit, Math.min(limit, w))));
    }
    const loose = await finetune(optionsFor(source, { ...noisy, clip: 100 }));
    expect(loose.notes.join()).not.toMatch(/clip/);
    expect(bytesOf(loose.clipped)).toBe(bytesOf(source));
  });
});

describe('stopping and resuming', () => {
  const noisy = { device: 'gaussian:0.1', gamma: 0.8 };

  it('ends bit for bit where a run left alone ends, wherever it was stopped', async () => {
    const alone = await finetune(optionsFor(convolutional(), noisy));
    for (const stopAt of [1, 5]) {
      const run = join(folder, String(stopAt));
      const checkpoint = { folder: run, recipe: 'r' };
      const stop = new AbortController();
      let seen = 0;
      const onProgress = (event: FinetuneEvent) => {
        if (event.kind === 'steps' && ++seen === stopAt) stop.abort();
      };
      // Three steps at a time: the run stops in the middle of an epoch.
      const options = { ...noisy, chunkSteps: 3, checkpoint };
      const stopped = finetune(optionsFor(convolutional(), { ...options, onProgress, signal: stop.signal }));
      await expect(stopped).rejects.toMatchObject({ kind: 'interrupted' });
      expect((await readdir(run)).filter((name) => name !== 'previous.safetensors')).toEqual([
        'checkpoint.safetensors',
      ]);
      const resumed = await finetune(optionsFor(convolutional(), { ...noisy, checkpoint }));
      expect(resumed.history).toEqual(alone.history);
      expect(bytesOf(resumed.model)).toBe(bytesOf(alone.model));
    }
  });

  it('has nothing left to do when started again after the end', async () => {
    const checkpoint = { folder, recipe: 'r' };
    const first = await finetune(optionsFor(convolutional(), { ...noisy, checkpoint }));
    const events: FinetuneEvent[] = [];
    const onProgress = (event: FinetuneEvent) => events.push(event);
    const again = await finetune(optionsFor(convolutional(), { ...noisy, checkpoint, onProgress }));
    expect(events.map(({ kind }) => kind)).toEqual(['start', 'choice', 'decision']);
    expect(bytesOf(again.model)).toBe(bytesOf(first.model));
  });
});

describe('refusals', () => {
  const failure = (options: Partial<FinetuneOptions>, model = convolutional()) =>
    finetune(optionsFor(model, options)).then(
      () => expect.unreachable(),
      (error: TemperError) => error,
    );

  it('tells a diverging run what to try', async () => {
    const error = await failure({ method: 'plain', schedule: { learningRate: 1e20, name: 'constant' } });
    expect(error).toBeInstanceOf(TemperError);
    expect(error.kind).toBe('model');
    expect(error.message).toMatch(/diverged: the loss of step \d+ of 24 is [\s\S]*lower learning rate/);
  });

  it('hands out the best epoch before it diverged: as the same run ends that stops there', async () => {
    const rising = { name: 'step', learningRate: 0.05, milestones: [0.5], factor: 1e30 } as const;
    const kept: [Model, number][] = [];
    const onDivergence = async (model: Model, { epoch }: EpochRecord) => {
      kept.push([model, epoch]);
      return 'kept.onnx';
    };
    const run = { method: 'plain', epochs: 4, optimizer: 'sgd', schedule: rising } as const;
    const error = await failure({ ...run, onDivergence });
    const [[model, epoch]] = kept as [[Model, number]];
    expect(epoch).toBeLessThanOrEqual(2);
    expect(error.message).toMatch(
      new RegExp(`diverged[^]*the best epoch before that, ${epoch}.*is kept in kept.onnx`),
    );
    const steady = { name: 'constant', learningRate: 0.05 } as const;
    const alone = await finetune(optionsFor(convolutional(), { ...run, epochs: 2, schedule: steady }));
    expect(alone.history.best).toBe(epoch - 1);
    expect(bytesOf(model)).toBe(bytesOf(alone.model));
  });

  it('says that no epoch had ended, or why the best one could not be kept', async () => {
    const none = await failure({ method: 'plain', schedule: { learningRate: 1e20, name: 'constant' } });
    expect(none.message).toContain('no epoch had ended');
    const rising = { name: 'step', learningRate: 0.05, milestones: [0.5], factor: 1e30 } as const;
    const onDivergence = () => Promise.reject(new Error('the disk is full'));
    const full = await failure({
      ...{ method: 'plain', epochs: 4, optimizer: 'sgd' },
      schedule: rising,
      onDivergence,
    });
    expect(full.message).toMatch(/diverged[^]*could not be kept: the disk is full/);
  });

  it('gives no model away whose last step overflowed', async () => {
    const only = { epochs: 1, schedule: { learningRate: 1e40, name: 'constant' } } as const;
    for (const validation of [0, 0.2]) {
      const checkpoint = { folder, recipe: 'r' };
      const error = await failure({ method: 'plain', batchSize: 160, validation, ...only, checkpoint });
      expect(error.kind).toBe('model');
      expect(error.message).toMatch(/diverged: after step 1 of 1 [\s\S]*lower learning rate/);
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it('refuses cross-entropy on probabilities, however the graph makes them', async () => {
    const clipped = convolutional({ last: 'Softmax' });
    const limit = (name: string, value: number) =>
      makeTensor(name, DataType.FLOAT, [], Float32Array.of(value));
    const { graph } = clipped;
    const probabilities: Model = {
      ...clipped,
      graph: {
        ...graph,
        nodes: graph.nodes
          .map((node) => (node.opType === 'Softmax' ? { ...node, outputs: ['probabilities'] } : node))
          .concat(makeNode('Clip', ['probabilities', 'low', 'high'], ['y'])),
        initializers: [...graph.initializers, limit('low', 1e-7), limit('high', 1)],
      },
    };
    for (const validation of [0, 0.2]) {
      const error = await failure({ method: 'plain', validation }, probabilities);
      expect(error.kind).toBe('usage');
      expect(error.message).toMatch(/"y" looks like probabilities[\s\S]*cut the model at its logits/);
    }
    const squared = { method: 'plain', loss: 'mean-squared-error', epochs: 1 } as const;
    expect((await finetune(optionsFor(probabilities, squared))).history.records).toHaveLength(1);
  });

  it('lists everything that is wrong with the options', async () => {
    const error = await failure({ epochs: 0, clip: -1, method: 'wvat', optimizerOptions: { momentum: 2 } });
    expect(error.kind).toBe('usage');
    expect(error.problems.map(({ what }) => what).join('\n')).toMatch(
      /clip -1[\s\S]*0 epochs[\s\S]*needs the device[\s\S]*momentum 2/,
    );
  });

  it('refuses data that do not fit the model', async () => {
    expect((await failure({ dataset: patterns(50, { shape: [3, 6, 6] }) })).kind).toBe('model');
    expect((await failure({ dataset: patterns(50, { classes: 7 }) })).kind).toBe('model');
  });

  it('refuses cross-entropy on a Sigmoid', async () => {
    expect((await failure({}, convolutional({ last: 'Sigmoid' }))).message).toMatch(
      /Sigmoid[\s\S]*mean-squared-error/,
    );
  });
});
