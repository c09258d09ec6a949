/**
 * A trial run that computes nothing: the network is recorded once, with a batch other than the file's, to find what
 * shapes and constant operands forbid, and whether every parameter can be trained.
 */
import { type TensorSpec, trace } from '../compile/index.js';
import type { Problem } from '../errors.js';
import { evaluatePlan } from './evaluate.js';
import type { Network } from './network.js';
import type { Plan } from './plan.js';

export interface Probe {
  problems: Problem[];
  /** What was read differently from how it is written, and what was left unchecked. */
  notes: string[];
}

/** Two batches, so that one of them is not the batch that the file fixes. */
const batches = [3, 5] as const;

/** Elements of constants that operators may make of those in the file: positions of a slice, masks, folded arithmetic. */
const madeConstants = 2 ** 24;

export function probeNetwork(network: Network, plan: Plan): Probe {
  const open = network.inputs.filter(({ shape }) => shape.slice(1).some((extent) => extent === undefined));
  if (open.length > 0) {
    const names = open.map(({ name }) => `"${name}"`).join(', ');
    return {
      problems: untrainable(network, plan),
      notes: [`shapes were not checked: input ${names} is open in more than the batch`],
    };
  }
  const batch = batches.find((size) => network.inputs.every(({ fixedBatch }) => fixedBatch !== size))!;
  const problems: Problem[] = [];
  const notes = new Set<string>();
  trace(
    (tensors) => {
      const given = (names: Iterable<string>) =>
        Object.fromEntries([...names].map((name) => [name, tensors[name]!]));
      const { outputs } = evaluatePlan(
        plan,
        network,
        given(network.parameters.keys()),
        given(network.inputs.map(({ name }) => name)),
        {},
        { problem: (problem) => problems.push(problem), note: (note) => notes.add(note) },
      );
      for (const [name, { shape }] of Object.entries(outputs))
        if (shape[0] !== batch)
          notes.add(`output "${name}" [${shape}] of a batch of ${batch} does not begin with the batch`);
      return {};
    },
    probeInputs(network, batch),
    { budget: constantElements(plan) + madeConstants },
  );
  return { problems: [...problems, ...untrainable(network, plan)], notes: [...notes] };
}

function constantElements({ constants, nodes }: Plan): number {
  const own = [...constants.values()].reduce((sum, { values }) => sum + values.length, 0);
  const bodies = nodes.flatMap((planned) => Object.values(planned.bodies));
  return bodies.reduce((sum, body) => sum + constantElements(body), own);
}

function probeInputs({ inputs, parameters }: Network, batch: number): TensorSpec[] {
  return [
    ...inputs.map(({ name, dtype, shape }) => ({
      name,
      dtype,
      shape: shape.map((extent) => extent ?? batch),
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
