/**
 * Weights that the graph computes from stored tensors on their way to a layer, as weight normalization, weight
 * standardization, equalized learning rates and sums with low-rank updates do: what is stored is what is learned.
 */
import type { ConstantValue } from './constants.js';
import { inputName, type ParameterRole } from './operator.js';
import { constantOf, type Plan, type PlannedNode, walkPlan } from './plan.js';

/** Roles whose operands may be computed. A bias or a scale that is computed stays as it is. */
const computable: ReadonlySet<ParameterRole | undefined> = new Set<ParameterRole>(['weight', 'unmapped']);

/**
 * The stored tensors behind computed weights of layers that data pass: float tensors of two axes or more from which
 * gradients come through. Vectors and numbers among their operands (epsilons, scales, the vectors of a spectral norm)
 * are no weights, and neither are masks, which say what is to stay zero.
 */
export function computedWeights(plan: Plan): Set<ConstantValue> {
  const found = new Set<ConstantValue>();
  const fed = fedValues(plan);
  const makers = makersIn(plan);
  const known = new Set<string>();
  for (const { planned, plan: around } of walkPlan(plan)) {
    const { node, operator } = planned;
    const given = node.inputs.filter(Boolean);
    if (!given.some((name) => fed.has(name))) continue;
    node.inputs.forEach((input, index) => {
      const role = operator.roles[inputName(operator.inputs, index) ?? ''];
      if (!computable.has(role) || fed.has(input) || constantOf(around, input)) return;
      for (const constant of storedBehind(input, around, { makers, fed, known })) found.add(constant);
    });
  }
  return found;
}

interface Search {
  readonly makers: ReadonlyMap<string, PlannedNode>;
  readonly fed: ReadonlySet<string>;
  /** Values that were looked behind already. */
  readonly known: Set<string>;
}

function* storedBehind(name: string, plan: Plan, { makers, fed, known }: Search): Iterable<ConstantValue> {
  const waiting = [name];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (known.has(value) || fed.has(value)) continue;
    known.add(value);
    const constant = constantOf(plan, value);
    if (constant && isWeight(constant)) yield constant;
    const maker = makers.get(value);
    if (!constant && maker && maker.operator.gradient !== 'no')
      waiting.push(...maker.node.inputs.filter(Boolean));
  }
}

function isWeight({ dtype, shape, values }: ConstantValue): boolean {
  if (dtype !== 'float32' || shape.length < 2 || values.length < 2) return false;
  return values.some((value: number) => value !== 0 && value !== 1);
}

/** Values that depend on the inputs of the model. Whatever goes into a body counts as such. */
function fedValues(plan: Plan): Set<string> {
  const fed = new Set<string>();
  const visit = ({ inputs, nodes, constants }: Plan) => {
    for (const { name } of inputs) if (!constants.has(name)) fed.add(name);
    for (const { node, bodies, captured } of nodes) {
      for (const body of Object.values(bodies)) visit(body);
      if ([...node.inputs, ...captured].some((name) => fed.has(name)))
        for (const name of node.outputs) if (name !== '') fed.add(name);
    }
  };
  visit(plan);
  return fed;
}

function makersIn(plan: Plan): Map<string, PlannedNode> {
  const makers = new Map<string, PlannedNode>();
  for (const { planned } of walkPlan(plan))
    for (const name of planned.node.outputs) if (name !== '') makers.set(name, planned);
  return makers;
}
