/** One pass through a network: who listens to it, and what bodies share with the graph around them. */
import type * as tf from '@tensorflow/tfjs';
import { type Problem, TemperError } from '../errors.js';
import { type Batch, isMixed, type Mixed } from './batch/apart.js';
import { type ConstantValue, tensorOf } from './constants.js';
import { UnrollBudget } from './control/budget.js';
import type { Flow } from './control/flow.js';
import type { ForwardMode, Network } from './network.js';
import type { PlannedNode } from './plan.js';

/** Who listens to a run. By default a failing node throws; a check collects, and goes on with what does not depend on it. */
export interface PassListener {
  problem(problem: Problem, cause: unknown): void;
  note(text: string): void;
  /** How an If, a Loop or a Scan was resolved. */
  resolved?(label: string, text: string): void;
  /** What a node of the graph or of a body gave. */
  computed?(planned: PlannedNode, outputs: readonly Flow[]): void;
}

export const thrower: PassListener = {
  problem(problem, cause) {
    throw new TemperError('model', problem, { cause });
  },
  note() {},
};

function mixedProblem({ mixed, where }: Mixed): Problem {
  const hint = 'export the model with a dynamic batch dimension';
  return { what: mixed, ...(where !== undefined && { where }), hint };
}

export class ForwardPass {
  /** Without a prototype: a parameter may have the name of one of its methods. */
  readonly statistics: Record<string, tf.Tensor> = Object.create(null);
  readonly budget = new UnrollBudget();
  /** Whether an input holds another number of examples than the file fixes. */
  readonly rebatched: boolean;
  readonly #told = new Set<Mixed>();
  readonly #constants = new Map<ConstantValue, tf.Tensor>();

  constructor(
    network: Network,
    inputs: Record<string, tf.Tensor>,
    readonly mode: ForwardMode,
    readonly listener: PassListener,
  ) {
    this.rebatched = network.inputs.some(
      ({ name, fixedBatch }) =>
        fixedBatch !== undefined && Object.hasOwn(inputs, name) && inputs[name]?.shape[0] !== fixedBatch,
    );
  }

  /** Tells, once, that examples met on the way to a value, if the file did not mean so many. */
  meeting(batch: Batch | undefined): boolean {
    if (!this.rebatched || !isMixed(batch)) return false;
    if (!this.#told.has(batch)) this.listener.problem(mixedProblem(batch), undefined);
    this.#told.add(batch);
    return true;
  }

  /** Iterations share what their body stores. */
  constant(stored: ConstantValue): tf.Tensor {
    const tensor = this.#constants.get(stored) ?? tensorOf(stored);
    this.#constants.set(stored, tensor);
    return tensor;
  }
}
