/** One pass through a network: who listens to it, and what bodies share with the graph around them. */
import type * as tf from '@tensorflow/tfjs';
import { type Problem, TemperError } from '../errors.js';
import { type ConstantValue, tensorOf } from './constants.js';
import { UnrollBudget } from './control/budget.js';
import type { Flow } from './control/flow.js';
import type { ForwardMode, Network } from './network.js';
import type { PlannedNode } from './plan.js';

/** Who listens to a run. By default a failing node throws; a check collects, and goes on with what does not depend on it. */
export interface Listener {
  problem(problem: Problem, cause: unknown): void;
  note(text: string): void;
  /** How an If, a Loop or a Scan was resolved. */
  resolved?(label: string, text: string): void;
  /** What a node of the graph or of a body gave. */
  computed?(planned: PlannedNode, outputs: readonly Flow[]): void;
}

export const thrower: Listener = {
  problem(problem, cause) {
    throw new TemperError('model', problem, { cause });
  },
  note() {},
};

export class Pass {
  /** Without a prototype: a parameter may have the name of one of its methods. */
  readonly statistics: Record<string, tf.Tensor> = Object.create(null);
  readonly budget = new UnrollBudget();
  readonly batch: { fixed?: number | undefined; actual?: number | undefined } = {};
  readonly #constants = new Map<ConstantValue, tf.Tensor>();

  constructor(
    network: Network,
    inputs: Record<string, tf.Tensor>,
    readonly mode: ForwardMode,
    readonly listener: Listener,
  ) {
    for (const { name, shape, fixedBatch } of network.inputs) {
      this.batch.fixed ??= fixedBatch;
      if (shape.length > 0 && Object.hasOwn(inputs, name)) this.batch.actual ??= inputs[name]!.shape[0];
    }
  }

  /** Iterations share what their body stores. */
  constant(stored: ConstantValue): tf.Tensor {
    const tensor = this.#constants.get(stored) ?? tensorOf(stored);
    this.#constants.set(stored, tensor);
    return tensor;
  }
}
