/** The compiled step against the eager reference, step by step: 20 steps of every optimizer with a schedule. */
import { expect, it } from 'vitest';
import { type EngineName, openStep } from '../../src/compile/index.js';
import { unitScale } from '../../src/data/normalize.js';
import { parseDevice } from '../../src/devices/index.js';
import { type Course, feedSteps } from '../../src/finetune/course/feeds.js';
import { createMethod } from '../../src/finetune/methods/index.js';
import { createOptimizer, type OptimizerOptions } from '../../src/finetune/optimizers/index.js';
import { learningRateAt, noiseStrengthAt } from '../../src/finetune/settings/schedules.js';
import { completeSettings } from '../../src/finetune/settings/settings.js';
import type { HostTensors } from '../../src/finetune/step/host.js';
import { makeTrainStep, type TrainStepOptions } from '../../src/finetune/step/trainStep.js';
import { buildNetwork } from '../../src/network/network.js';
import { convolutional, patterns } from './nets.js';

/** The bound on the relative difference between the engines. */
const tolerance = 1e-4;

const cases: {
  optimizer: string;
  options: Partial<OptimizerOptions>;
  rate: number;
  schedule: 'cosine' | 'step';
}[] = [
  { optimizer: 'sgd', options: { weightDecay: 5e-4 }, rate: 0.05, schedule: 'cosine' },
  { optimizer: 'sgd', options: { nesterov: true, decoupled: true }, rate: 0.05, schedule: 'step' },
  { optimizer: 'adam', options: { epsilon: 1e-4 }, rate: 0.005, schedule: 'cosine' },
  { optimizer: 'adam', options: { epsilon: 1e-4, decoupled: false }, rate: 0.005, schedule: 'step' },
];

it.each(cases)(
  'onnxruntime follows tfjs: $optimizer $options, $schedule',
  async ({ optimizer, options, rate, schedule }) => {
    const dataset = patterns(80);
    const settings = completeSettings(
      {
        device: 'gaussian:0.1',
        batchSize: 16,
        epochs: 4,
        schedule: { name: schedule, learningRate: rate, warmUp: 0.2 },
      },
      dataset,
    );
    // So many channels that the onnxruntime engine takes its blocked layout.
    const stepOptions: TrainStepOptions = {
      network: buildNetwork(convolutional({ channels: 32 })),
      objective: { loss: 'cross-entropy', value: 'y', targets: { classes: 4 }, smoothing: 0 },
      optimizer: createOptimizer(optimizer, options),
      method: createMethod('wvat', { gamma: 0.7 }),
      device: parseDevice('gaussian:0.1'),
      batchSize: 16,
      exampleShape: dataset.shape,
      batchNorm: 'trained',
      clips: true,
      axes: new Map(),
      decayOn: 'weights',
      seed: 1,
    };
    const made = makeTrainStep(stepOptions);
    const train = Uint32Array.from({ length: 80 }, (_, i) => i);
    const feeds = {
      settings,
      dataset,
      train,
      normalization: unitScale,
      stepOptions,
      runs: made.runs,
      stepsPerEpoch: 5,
    };
    const open = (engine: EngineName) => openStep(made.step, made.specs, { engine });
    const [fast, reference] = [await open('onnxruntime'), await open('cpu')];
    const course: Course = {
      rateAt: (step) => learningRateAt({ ...settings.schedule, learningRate: rate }, step, 20),
      strengthAt: (step) => noiseStrengthAt(0.3, step, 20),
    };
    const bounded = Object.entries(made.initialState).map(([name, tensor]) => [
      name,
      name.startsWith('bound/') ? { ...tensor, data: Float32Array.of(0.2) } : tensor,
    ]);
    let [a, b]: HostTensors[] = [Object.fromEntries(bounded), Object.fromEntries(bounded)];
    for (let step = 0; step < 20; step++) {
      const feed = feedSteps(feeds, course, step, 1);
      const [x, y] = [await fast.run(a!, feed), await reference.run(b!, feed)];
      expect(Math.abs(x.metrics.loss![0]! / y.metrics.loss![0]! - 1), `loss of step ${step}`).toBeLessThan(
        tolerance,
      );
      for (const [name, { data }] of Object.entries(y.state)) {
        expect(
          difference(x.state[name]!.data as Float32Array, data as Float32Array),
          `${name} after step ${step}`,
        ).toBeLessThan(tolerance);
      }
      [a, b] = [x.state, y.state];
    }
    await fast.release();
  },
);

/** Largest difference, relative to the largest value. */
function difference(a: Float32Array, b: Float32Array): number {
  const largest = b.reduce((max, value) => Math.max(max, Math.abs(value)), 1e-6);
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0) / largest;
}
