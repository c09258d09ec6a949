/**
 * A trial run that computes nothing: the network is recorded once, with a batch other than the file's, to find what
 * shapes and constant operands forbid, and whether every parameter can be trained.
 */

import type * as tf from '@tensorflow/tfjs';
import { foldLimit, type TensorSpec, TooManyConstants, trace, UnknownValue } from '../compile/index.js';
import type { Problem } from '../errors.js';
import { lookUp } from '../lists/lookUp.js';
import { trialBatch } from './batch/trial.js';
import type { Flow } from './control/flow.js';
import { evaluatePlan } from './evaluate.js';
import type { Network, NetworkInput } from './network.js';
import type { Plan, PlannedNode } from './plan.js';

/** Elements up to which constants are folded. */
export { foldLimit };

export interface Probe {
  problems: Problem[];
  /** What was read differently from how it is written, and what was left unchecked. */
  notes: string[];
  /** What became of constant values and of graphs in graphs; absent if shapes were not checked. */
  traced?: TracedNetwork;
}

/** A node whose result depends on no input and no parameter. */
export interface ConstantNode {
  readonly planned: PlannedNode;
  readonly elements: number;
  /** Whether its value is known when a program is recorded; if not, onnxruntime computes it once, when it opens the program. */
  readonly folded: boolean;
}

export interface TracedNetwork {
  readonly constants: readonly ConstantNode[];
  /** Nodes whose values follow from the shapes of the inputs. */
  readonly shapes: readonly PlannedNode[];
  /** Label of an If, Loop or Scan, and what became of it. */
  readonly resolved: ReadonlyMap<string, string>;
}

/** Elements of constants that operators may make of those in the file: positions of a slice, masks, folded arithmetic. */
const madeConstants = 2 ** 22;

export function probeNetwork(network: Network, plan: Plan): Probe {
  const open = network.inputs.filter(({ shape }) => shape.slice(1).some((extent) => extent === undefined));
  if (open.length > 0) {
    const names = open.map(({ name }) => `"${name}"`).join(', ');
    return {
      problems: untrainable(network, plan),
      notes: [`shapes were not checked: input ${names} is open in more than the batch`],
    };
  }
  const batch = trialBatch(network, plan);
  const { problems, notes, traced } = trial(network, plan, () => batch, batch);
  return {
    problems: [...withReason(problems, network, plan), ...untrainable(network, plan)],
    notes: [...notes],
    traced: traced.found,
  };
}

/** Problems that the batch of the file does not have say so. */
function withReason(problems: readonly Problem[], network: Network, plan: Plan): Problem[] {
  const fixed = network.inputs.find(({ fixedBatch }) => fixedBatch !== undefined)?.fixedBatch;
  if (problems.length === 0 || fixed === undefined) return [...problems];
  const own = trial(network, plan, ({ fixedBatch }) => fixedBatch ?? fixed, fixed);
  if (own.problems.length > 0) return [...problems];
  return problems.map((problem) => ({
    hint: `the model fits only its own batch of ${fixed}: export it with a dynamic batch dimension`,
    ...problem,
  }));
}

/** @param batch what outputs should begin with */
function trial(network: Network, plan: Plan, batchOf: (input: NetworkInput) => number, batch: number) {
  const problems: Problem[] = [];
  const notes = new Set<string>();
  const traced = new Traces();
  const collect = (problem: Problem, cause: unknown) => {
    problems.push(problem);
    // The nodes that remain would ask for as much again.
    if (cause instanceof TooManyConstants) throw cause;
  };
  const record = () =>
    trace(
      (tensors) => {
        const given = (names: Iterable<string>) =>
          Object.fromEntries([...names].map((name) => [name, lookUp(tensors, name, 'tensor')]));
        const { outputs, batchAxes } = evaluatePlan(
          plan,
          network,
          given(network.parameters.keys()),
          given(network.inputs.map(({ name }) => name)),
          {},
          {
            problem: collect,
            note: (note) => notes.add(note),
            resolved: (label, text) => traced.resolved.set(label, text),
            computed: (planned, outputs) => traced.add(planned, outputs),
          },
        );
        for (const [name, { shape }] of Object.entries(outputs)) {
          const axis = batchAxes[name];
          if (axis !== undefined && axis > 0)
            notes.add(`output "${name}" holds the examples along axis ${axis}`);
          else if (axis === undefined && shape[0] !== batch)
            notes.add(`output "${name}" [${shape}] of a batch of ${batch} does not begin with the batch`);
        }
        return {};
      },
      probeInputs(network, batchOf),
      { budget: constantElements(plan) + madeConstants },
    );
  try {
    record();
  } catch (cause) {
    if (!(cause instanceof TooManyConstants)) throw cause;
  }
  return { problems, notes, traced };
}

class Traces {
  readonly resolved = new Map<string, string>();
  readonly #constants = new Map<PlannedNode, ConstantNode>();
  readonly #shapes = new Set<PlannedNode>();

  /** Nodes of bodies come as often as these run; the first time counts. */
  add(planned: PlannedNode, outputs: readonly Flow[]): void {
    if (planned.operator.flow || this.#constants.has(planned) || outputs.length === 0) return;
    const constant = outputs.every(({ fromInput, fromParameter }) => !fromInput && !fromParameter);
    const folded = outputs.every(({ tensor }) => isKnown(tensor));
    const elements = outputs.reduce((sum, { tensor }) => sum + tensor.size, 0);
    if (constant) this.#constants.set(planned, { planned, elements, folded });
    else if (folded && planned.node.inputs.length > 0) this.#shapes.add(planned);
  }

  get found(): TracedNetwork {
    return { constants: [...this.#constants.values()], shapes: [...this.#shapes], resolved: this.resolved };
  }
}

/** Whether the value is at hand while nothing is computed. */
function isKnown(tensor: tf.Tensor): boolean {
  if (tensor.size > foldLimit) return false;
  try {
    tensor.dataSync();
    return true;
  } catch (cause) {
    if (cause instanceof UnknownValue) return false;
    throw cause;
  }
}

function constantElements({ constants, nodes }: Plan): number {
  const own = [...constants.values()].reduce((sum, { values }) => sum + values.length, 0);
  const bodies = nodes.flatMap((planned) => Object.values(planned.bodies));
  return bodies.reduce((sum, body) => sum + constantElements(body), own);
}

function probeInputs(
  { inputs, parameters }: Network,
  batchOf: (input: NetworkInput) => number,
): TensorSpec[] {
  return [
    ...inputs.map((input) => ({
      name: input.name,
      dtype: input.dtype,
      shape: input.shape.map((extent) => extent ?? batchOf(input)),
    })),
    ...[...parameters.values()].map(({ name, shape }) => ({ name, dtype: 'float32' as const, shape })),
  ];
}

/** Trainable parameters from which every way to an output passes an operator without a gradient. */
function untrainable({ outputs, parameters }: Network, plan: Plan): Problem[] {
  const reached = new Set(outputs);
  reachBack(plan, reached);
  return [...parameters.values()]
    .filter(({ name, trainable }) => trainable && !reached.has(name))
    .map(({ name }) => ({
      what: 'no gradient reaches this parameter: an operator on every way to the outputs has none',
      where: `parameter "${name}"`,
      hint: 'cut the model before that operator, e.g. at its logits',
    }));
}

/** Adds to the values that gradients reach those that the nodes before them are made of. */
function reachBack({ nodes }: Plan, reached: Set<string>): void {
  for (const { node, operator, bodies, captured } of [...nodes].reverse()) {
    if (operator.gradient === 'no' || !node.outputs.some((name) => reached.has(name))) continue;
    for (const name of node.inputs) reached.add(name);
    for (const body of Object.values(bodies)) {
      const inside = new Set(body.outputs);
      reachBack(body, inside);
      for (const name of captured) if (inside.has(name)) reached.add(name);
    }
  }
}
