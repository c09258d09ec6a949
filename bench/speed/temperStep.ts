/** Temper's own training step of a subject, ready to run, with made-up examples. */

import { initialModel } from '../../models/nets/index.js';
import type { StepOptions } from '../../src/compile/engine.js';
import { openStep, type StepProgram } from '../../src/compile/index.js';
import { parseDevice } from '../../src/devices/index.js';
import { chunkSteps } from '../../src/finetune/course/chunk.js';
import { createMethod } from '../../src/finetune/methods/index.js';
import { createOptimizer } from '../../src/finetune/optimizers/index.js';
import { makeTrainStep, type TrainStep } from '../../src/finetune/step/trainStep.js';
import { buildNetwork } from '../../src/network/network.js';
import { randomStream } from '../../src/random/stream.js';
import { float32, type HostTensor } from '../../src/runtime/host.js';
import type { Timing } from './rival.js';
import type { Subject } from './subjects.js';

export type Feeds = Record<string, HostTensor>;

/** SGD with momentum 0.9 and weight decay 5e-4 on weights, batch statistics; `wvat` with gamma 1 draws a chip in each step. */
export function trainStepOf({ name, net, batch }: Subject, method: 'plain' | 'wvat' = 'plain'): TrainStep {
  return makeTrainStep({
    network: buildNetwork(initialModel(name, net, 1)),
    objective: { loss: 'cross-entropy', value: 'logits', targets: { classes: 10 }, smoothing: 0 },
    optimizer: createOptimizer('sgd', { weightDecay: 5e-4 }),
    method: createMethod(method, method === 'wvat' ? { gamma: 1 } : {}),
    device: method === 'wvat' ? parseDevice('gaussian:0.1') : undefined,
    batchSize: batch,
    exampleShape: net.input,
    batchNorm: 'trained',
    clips: false,
    axes: new Map(),
    decayOn: 'weights',
    seed: 1,
  });
}

/** K batches of normal numbers with labels in turn; learning rate 0.01. */
export function feedsOf({ specs }: TrainStep, steps: number): Feeds {
  const optimizer = createOptimizer('sgd', { weightDecay: 5e-4 });
  const scalars: Record<string, number> = { ...optimizer.scalars(0.01, 0), strength: 1 };
  const feeds: Feeds = {};
  for (const { name, dtype, shape } of specs.batch) {
    const dims = [steps, ...shape];
    const size = dims.reduce((product, extent) => product * extent, 1);
    const scalar = scalars[name.replace('scalar/', '')];
    if (name === 'examples') feeds[name] = float32(dims, randomStream('bench', name).normals(size));
    else if (dtype === 'float32') feeds[name] = float32(dims, new Float32Array(size).fill(scalar!));
    else feeds[name] = { type: 'int32', dims, data: Int32Array.from({ length: size }, (_, i) => i % 10) };
  }
  return feeds;
}

export interface Runner {
  /** Steps in one run. */
  readonly steps: number;
  /** One run. */
  time(): Promise<Timing>;
  release(): Promise<void>;
}

export async function openRunner(
  subject: Subject,
  method: 'plain' | 'wvat',
  options: StepOptions,
): Promise<Runner> {
  const step = trainStepOf(subject, method);
  const program: StepProgram = await openStep(step.step, step.specs, options);
  const steps = subject.steps ?? chunkSteps(step.specs);
  const feeds = feedsOf(step, steps);
  return {
    steps,
    async time() {
      const [start, used] = [performance.now(), process.cpuUsage()];
      const { metrics } = await program.run(step.initialState, feeds);
      const [elapsed, { user, system }] = [performance.now() - start, process.cpuUsage(used)];
      if (!metrics.loss!.every(Number.isFinite)) throw new Error(`${subject.name}: the loss is not finite`);
      return { milliseconds: elapsed / steps, cpu: (user + system) / 1000 / steps };
    },
    release: () => program.release(),
  };
}
