/** What every training method must keep, on a small convolutional network with batch normalization. */
import { describe, expect, it } from 'vitest';
import { type EngineName, openStep } from '../../src/compile/index.js';
import { unitScale } from '../../src/data/normalize.js';
import { parseDevice } from '../../src/devices/index.js';
import { type Course, feedSteps } from '../../src/finetune/course/feeds.js';
import { createMethod, methods } from '../../src/finetune/methods/index.js';
import { createOptimizer } from '../../src/finetune/optimizers/index.js';
import { learningRateAt } from '../../src/finetune/settings/schedules.js';
import { completeSettings, type FinetuneSettings } from '../../src/finetune/settings/settings.js';
import { elements, type HostTensors } from '../../src/finetune/step/host.js';
import { makeTrainStep, type TrainStepOptions } from '../../src/finetune/step/trainStep.js';
import { buildNetwork } from '../../src/network/network.js';
import { convolutional, patterns } from '../finetune/nets.js';

const dataset = patterns(64);
const base: FinetuneSettings = {
  batchSize: 16,
  epochs: 2,
  ramp: 0,
  clip: 0,
  seed: 3,
  schedule: { learningRate: 0.1 },
};

/** Eight steps on the engine: the final state, and every step's metrics. */
async function train(
  given: FinetuneSettings,
  engine: EngineName = 'onnxruntime',
  bounds?: (initial: HostTensors) => HostTensors,
) {
  const settings = completeSettings({ ...base, ...given }, dataset);
  const { gamma, radius } = given;
  const options: TrainStepOptions = {
    network: buildNetwork(convolutional()),
    objective: { loss: 'cross-entropy', value: 'y', targets: { classes: 4 }, smoothing: 0 },
    optimizer: createOptimizer(settings.optimizer, settings.optimizerOptions),
    method: createMethod(settings.method, {
      ...(gamma !== undefined && { gamma }),
      ...(radius !== undefined && { radius }),
    }),
    device: settings.device === undefined ? undefined : parseDevice(settings.device),
    batchSize: 16,
    exampleShape: dataset.shape,
    batchNorm: settings.batchNorm,
    clips: settings.clip !== 'auto' && settings.clip.multiple > 0,
    axes: new Map([['conv', 0]]),
    decayOn: settings.decayOn,
    seed: settings.seed,
  };
  const made = makeTrainStep(options);
  const program = await openStep(made.step, made.specs, { engine });
  const train = Uint32Array.from({ length: 64 }, (_, i) => i);
  const common = {
    settings,
    dataset,
    train,
    normalization: unitScale,
    stepOptions: options,
    runs: made.runs,
    stepsPerEpoch: 4,
  };
  const rate = Number(settings.schedule.learningRate);
  const course: Course = {
    rateAt: (step) => learningRateAt({ ...settings.schedule, learningRate: rate }, step, 8),
    strengthAt: () => 1,
  };
  const initial = { ...made.initialState, ...bounds?.(made.initialState) };
  const first = await program.run(initial, feedSteps(common, course, 0, 4));
  const second = await program.run(first.state, feedSteps(common, course, 4, 4));
  await program.release();
  const losses = [...first.metrics.loss!, ...second.metrics.loss!];
  return { initial, state: second.state, losses };
}

const values = (state: Record<string, { data: unknown }>, prefix: string) =>
  Object.fromEntries(
    Object.entries(state).flatMap(([name, { data }]) =>
      name.startsWith(prefix) ? [[name, data as Float32Array]] : [],
    ),
  );

/** Every form of every method, at noise 0.2. */
const forms = methods.flatMap(({ name }) =>
  name === 'plain'
    ? [{ method: name }]
    : [1, 0.5, 0].map((gamma) => ({ method: name, gamma, device: 'gaussian:0.2' })),
);

describe.each(forms)('$method, gamma $gamma', (form) => {
  it('leaves every parameter as it is at rate 0', async () => {
    const { initial, state } = await train({
      ...form,
      schedule: { learningRate: 0 },
      optimizerOptions: { weightDecay: 0 },
    });
    expect(values(state, 'parameter/')).toEqual(values(initial, 'parameter/'));
  });

  it('moves every parameter otherwise, and follows the statistics of the batches', async () => {
    const { initial, state, losses } = await train(form);
    for (const [name, before] of Object.entries({
      ...values(initial, 'parameter/'),
      ...values(initial, 'statistic/'),
    })) {
      expect(state[name]!.data, name).not.toEqual(before);
    }
    expect(losses.every(Number.isFinite)).toBe(true);
  });

  it('gives the same bits when it is run again', async () => {
    const [a, b] = [await train(form), await train(form)];
    expect(b.state).toEqual(a.state);
  });

  it('does the same on the reference engine', async () => {
    const [fast, reference] = [await train(form), await train(form, 'cpu')];
    for (const [step, loss] of fast.losses.entries()) {
      expect(loss / reference.losses[step]!, `step ${step}`).toBeCloseTo(1, 4);
    }
  });
});

describe('methods against each other', () => {
  it('are plain training, bit for bit, without noise', async () => {
    const plain = await train({ method: 'plain' });
    const silent = await train({ method: 'wvat', gamma: 1, device: 'gaussian:0' });
    const flat = await train({ method: 'wvat', gamma: 0, radius: 0 });
    expect(silent.state).toEqual(plain.state);
    expect(flat.state).toEqual(plain.state);
  });

  it('differ from plain training, and from each other, with it', async () => {
    const runs = await Promise.all(forms.map(async (form) => (await train(form)).losses.join()));
    expect(new Set(runs).size).toBe(forms.length);
  });

  it('follow their seed', async () => {
    const form = { method: 'wvat', gamma: 1, device: 'gaussian:0.2' };
    expect((await train({ ...form, seed: 4 })).losses).not.toEqual((await train(form)).losses);
  });

  it('never move a weight beyond its bound, of a tensor or of a channel, and reach it', async () => {
    const limits = { conv: 0.05, fc: 0.1 };
    const bounds = (initial: HostTensors): HostTensors =>
      Object.fromEntries(
        Object.entries(limits).map(([name, limit]) => {
          const { dims, data } = initial[`bound/${name}`]!;
          // Channels of the convolution get bounds of their own.
          const each = (data as Float32Array).map((_, channel) => limit * (1 + channel));
          return [`bound/${name}`, { type: 'float32', dims, data: each }];
        }),
      );
    const { state } = await train({ method: 'wvat', device: 'gaussian:0.1', clip: 1 }, 'onnxruntime', bounds);
    for (const [name, limit] of Object.entries(limits)) {
      const weights = state[`parameter/${name}`]!.data as Float32Array;
      const channels = elements(state[`bound/${name}`]!.dims);
      expect(channels > 1).toBe(name === 'conv');
      const size = weights.length / channels;
      for (let channel = 0; channel < channels; channel++) {
        const largest = weights
          .subarray(channel * size, (channel + 1) * size)
          .reduce((max, w) => Math.max(max, Math.abs(w)), 0);
        expect(largest).toBeLessThanOrEqual(Math.fround(limit * (1 + channel)));
        if (channel === 0) expect(largest).toBe(Math.fround(limit));
      }
    }
  });
});
