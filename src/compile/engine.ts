/** The engines that can run a training step: onnxruntime on the traced program, or tfjs itself, step by step. */
import * as tf from '@tensorflow/tfjs';
import { TemperError } from '../errors.js';
import { type HostTensor, int64 } from '../runtime/host.js';
import { blockSize } from './blocked/probe.js';
import { EagerProgram } from './eager.js';
import { loopModel, names } from './loop.js';
import { openProgram } from './openProgram.js';
import { required, type Step, type StepProgram, type StepSpecs, stepsIn } from './step.js';

export const engines = ['onnxruntime', 'cpu', 'tfjs-node'] as const;
export type EngineName = (typeof engines)[number];

export interface StepOptions {
  engine?: EngineName;
  /** Threads of onnxruntime; default: as `openSession`. */
  threads?: number;
  /** Prefix of onnxruntime's profile files. */
  profile?: string;
  /** `plain`: standard ONNX operators only. Default: the blocked layout (blocked/layout.ts) where this processor has it. */
  layout?: 'blocked' | 'plain';
}

/** A mini-batch with its gradients, on a few chips, in times of what its examples take alone: no more, generously. */
const trainingCost = 10;

export async function openStep(
  step: Step,
  specs: StepSpecs,
  { engine = 'onnxruntime', layout = 'blocked', ...options }: StepOptions = {},
): Promise<StepProgram> {
  if (engine === 'cpu') return new EagerProgram(step, specs, 'cpu');
  if (engine === 'tfjs-node') return new EagerProgram(step, specs, await loadTfjsNode());
  const block = layout === 'blocked' ? await blockSize() : undefined;
  const session = await openProgram(loopModel(step, specs, block), options);
  return {
    async run(state, batches, what = 'trained') {
      const steps = stepsIn(batches, specs);
      const feeds: Record<string, HostTensor> = { [names.steps]: int64([], [steps]) };
      for (const { name } of specs.state) feeds[names.state(name)] = required(state, name);
      for (const { name } of specs.batch) feeds[names.batch(name)] = required(batches, name);
      const out = await session.run(feeds, undefined, {
        what: `${what} (${steps} mini-batches)`,
        batches: trainingCost * steps,
      });
      const metrics = Object.entries(out)
        .filter(([name]) => name.startsWith(names.metrics))
        .map(([name, value]) => [name.slice(names.metrics.length), value.data as Float32Array]);
      const next = specs.state.map(({ name, shape }) => [
        name,
        { ...required(out, names.final(name)), dims: shape },
      ]);
      return { state: Object.fromEntries(next), metrics: Object.fromEntries(metrics) };
    },
    release: () => session.release(),
  };
}

/** @tensorflow/tfjs-node is an optional peer: it downloads a native library when it is installed. */
async function loadTfjsNode(): Promise<string> {
  const peer = '@tensorflow/tfjs-node';
  try {
    await import(peer);
  } catch (cause) {
    throw new TemperError(
      'usage',
      {
        what: `engine tfjs-node: ${peer} could not be loaded (${(cause as Error).message.split('\n')[0]})`,
        hint: `npm install ${peer} (Node 20 or 22 only), or leave --engine away`,
      },
      { cause },
    );
  }
  if (!tf.engine().findBackend('tensorflow')) throw new Error(`${peer} registered no backend`);
  return 'tensorflow';
}
