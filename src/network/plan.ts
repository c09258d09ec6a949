/**
 * What must be computed to get a graph's outputs: the nodes in order, each with its operator and attributes, and the
 * constants they use. Everything that can be refused without computing is refused here, all at once.
 */
import { type Problem, TemperError } from '../errors.js';
import { lookUp } from '../lists/lookUp.js';
import { type Inlined, inlineFunctions, type Placement } from '../onnx/inline.js';
import { inBody } from '../onnx/label.js';
import type { Graph, Model, Node, Tensor, ValueInfo } from '../onnx/model.js';
import { dataTypeName } from '../onnx/tensor.js';
import { opsetVersion } from '../onnx/walk.js';
import { attributeValues } from './attributes.js';
import { constantNodeTensor } from './constantNode.js';
import { type ConstantValue, constantTensor, dtypeOf } from './constants.js';
import { shapeRefusal } from './extents.js';
import { nodeProblems, operatorOf } from './nodeProblems.js';
import type { Operator } from './operator.js';
import { Reaches } from './reach.js';

/** Operator sets that are understood, as far as the operators say: most of them from 6 or 7 on, those that never changed from 1. */
const oldestOpset = 1;
export const newestOpset = 27;

export interface PlannedNode {
  readonly node: Node;
  /** How messages name it. */
  readonly label: string;
  /** Of the model, or of the function that the node comes from. */
  readonly opset: number;
  readonly operator: Operator;
  readonly attributes: Record<string, unknown>;
  /** Graphs among the attributes, by name. */
  readonly bodies: Readonly<Record<string, Plan>>;
  /** Values from around the node that its bodies use. */
  readonly captured: readonly string[];
}

/** Of the graph, or of a body of If, Loop or Scan. */
export interface Plan {
  readonly nodes: readonly PlannedNode[];
  /** By value name; initializers and Constant nodes that some node or output uses. */
  readonly constants: ReadonlyMap<string, ConstantValue>;
  /** Value name -> the node that makes it, here or in the graphs around. */
  readonly producers: Pick<ReadonlyMap<string, Node>, 'get'>;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly string[];
  /** Whether a value is one of a local function's own, under a name that the file does not have. */
  readonly isInside: (name: string) => boolean;
  /** Names that mean something of this graph. */
  readonly own: ReadonlySet<string>;
  /** The graph around this body. */
  readonly outer?: Plan;
  /** What is wrong inside of a body that may never be run; told when it is. Empty for others. */
  readonly problems: readonly Problem[];
}

/** Every node of a plan, those of its bodies after it. */
export function* walkPlan(plan: Plan): Iterable<{ planned: PlannedNode; plan: Plan }> {
  for (const planned of plan.nodes) {
    yield { planned, plan };
    for (const body of Object.values(planned.bodies)) yield* walkPlan(body);
  }
}

/** The stored tensor that a name means to the nodes of a plan. */
export function constantOf(plan: Plan, name: string): ConstantValue | undefined {
  for (let at: Plan | undefined = plan; at; at = at.outer)
    if (at.own.has(name)) return at.constants.get(name);
  return undefined;
}

/** The plan, as far as it goes, and every problem found. */
export function planGraph(model: Model): { plan: Plan; problems: Problem[]; inlined: Inlined } {
  const problems = opsetProblems(opsetVersion(model), 'opset_import of the model');
  const inlined = inlineFunctions(model);
  for (const { opsetImport, name } of inlined.calls.keys()) {
    const opset = opsetVersion({ opsetImport, irVersion: model.irVersion });
    if (opset > 0) problems.push(...opsetProblems(opset, `opset_import of function ${name}`));
  }
  const planner = new Planner(inlined);
  const graph = problems.length > 0 ? { ...inlined.graph, nodes: [], outputs: [] } : inlined.graph;
  const plan = planner.plan(graph);
  return { plan: { ...plan, problems: [] }, problems: [...problems, ...plan.problems], inlined };
}

function opsetProblems(opset: number, where: string): Problem[] {
  if (opset >= oldestOpset && opset <= newestOpset) return [];
  return [
    {
      what:
        opset === 0
          ? 'the model does not import the default operator set'
          : `opset ${opset} is not supported`,
      where,
      hint: `opsets ${oldestOpset} to ${newestOpset} are understood: convert it with onnx.version_converter, or export it anew`,
    },
  ];
}

/** What is around a body: its plan as far as it has come, and where messages say that it stands. */
interface OuterPlan {
  readonly plan: Plan;
  readonly isKnown: (name: string) => boolean;
  readonly where: string;
}

class Planner {
  readonly #reaches = new Reaches();

  constructor(private readonly inlined: Inlined) {}

  plan(graph: Graph, around?: OuterPlan): Plan {
    const { needed, used } = this.#reaches.of(graph);
    const problems: Problem[] = [...(around ? [] : nameProblems(graph)), ...typeProblems(graph, around)];
    // One by one: as arguments of a single push, a hundred thousand of them overflow the stack.
    const tell = (found: readonly Problem[]) => {
      for (const problem of found) problems.push(problem);
    };
    const constants = new Map<string, ConstantValue>();
    const nodes: PlannedNode[] = [];
    const { isInside } = this.inlined;
    const plan = { ...namesOf(graph, around?.plan), nodes, constants, problems, isInside };
    for (const tensor of graph.initializers)
      if (used.has(tensor.name)) tell(addConstant(constants, tensor, `initializer "${tensor.name}"`));
    if (graph.sparseInitializers?.length)
      problems.push({ what: 'sparse initializers are not supported', hint: 'store the tensors densely' });
    const known = new Set([...graph.inputs, ...graph.initializers].map(({ name }) => name));
    const stored = new Set<string>();
    for (const { name } of graph.initializers) {
      if (stored.has(name))
        problems.push({ what: `value "${name}" is made twice`, where: `initializer "${name}"` });
      stored.add(name);
    }
    const isKnown = (name: string) => known.has(name) || (around?.isKnown(name) ?? false);
    for (const node of graph.nodes) {
      const placement = lookUp(this.inlined.placements, node, 'placement of a node');
      if (needed.has(node)) {
        tell(orderProblems(node, placement.label, isKnown));
        const planned = this.#node(node, placement, used, { plan, isKnown });
        tell(planned.problems);
        const constant = node.opType === 'Constant' && constantNodeTensor(node);
        if (constant) tell(addConstant(constants, constant, placement.label));
        else if (planned.node && node.opType !== 'Constant') nodes.push(planned.node);
      }
      for (const name of node.outputs) {
        if (name !== '' && known.has(name))
          problems.push({ what: `value "${name}" is made twice`, where: placement.label });
        known.add(name);
      }
    }
    for (const { name } of graph.outputs)
      if (!isKnown(name))
        problems.push({
          what: `output "${name}" is made by no node`,
          where: around?.where ?? 'the graph',
        });
    return plan;
  }

  #node(
    node: Node,
    placement: Placement,
    used: ReadonlySet<string>,
    around: Omit<OuterPlan, 'where'>,
  ): { node?: PlannedNode; problems: readonly Problem[] } {
    const { label, opset } = placement;
    const operator = operatorOf(node, placement);
    if ('what' in operator) return { problems: [operator] };
    const problems = nodeProblems(node, operator, placement, used);
    const bodies: Record<string, Plan> = {};
    for (const { name, g } of node.attributes) {
      if (!g || operator.attributes[name]?.kind !== 'graph') continue;
      const body = this.plan(g, { ...around, where: inBody(name, label).trim() });
      if (!operator.conditional) for (const problem of body.problems) problems.push(problem);
      bodies[name] = operator.conditional ? body : { ...body, problems: [] };
    }
    const captured = this.#reaches.captures(node);
    const attributes = attributeValues(operator.attributes, node);
    return { node: { node, label, opset, operator, attributes, bodies, captured }, problems };
  }
}

function namesOf(graph: Graph, outer?: Plan) {
  const makers = new Map<string, Node | undefined>();
  for (const { name } of [...graph.inputs, ...graph.initializers]) makers.set(name, undefined);
  for (const node of graph.nodes) for (const name of node.outputs.filter(Boolean)) makers.set(name, node);
  return {
    inputs: graph.inputs,
    outputs: graph.outputs.map(({ name }) => name),
    own: new Set(makers.keys()),
    producers: {
      get: (name: string) => (makers.has(name) ? makers.get(name) : outer?.producers.get(name)),
    },
    ...(outer && { outer }),
  };
}

/** onnxruntime hands out outputs in an object of its own, in which this is no name (see runtime/session.ts). */
function nameProblems({ outputs }: Graph): Problem[] {
  if (!outputs.some(({ name }) => name === '__proto__')) return [];
  const what = 'an output cannot have the name "__proto__", which JavaScript gives another meaning';
  return [{ what, hint: 'rename the output' }];
}

/** Values that no node makes, or that nodes in a circle make of one another: the rest stand in order (onnx/order.ts). */
function orderProblems(node: Node, where: string, isKnown: (name: string) => boolean): Problem[] {
  const unknown = node.inputs.filter((name) => name !== '' && !isKnown(name));
  return unknown.map((name) => ({
    what: `value "${name}" is used before any node makes it`,
    where,
    hint: 'the file is damaged: the value is made nowhere, or by nodes that need one another',
  }));
}

/** Bodies that take or give anything but tensors. */
function typeProblems({ inputs, outputs }: Graph, around: OuterPlan | undefined): Problem[] {
  if (!around) return [];
  return [...inputs, ...outputs].flatMap(({ name, tensorType, otherType }) => {
    if (tensorType || !otherType) return [];
    const kind = otherType.sequenceType
      ? 'sequence'
      : otherType.optionalType
        ? 'optional'
        : 'other than tensor';
    return [{ what: `value "${name}" of type ${kind} is not supported`, where: around.where }];
  });
}

function addConstant(
  constants: Map<string, ConstantValue>,
  tensor: Tensor,
  where: string,
): readonly Problem[] {
  if (!dtypeOf(tensor.dataType))
    return [{ what: `values of type ${dataTypeName(tensor.dataType)} are not supported`, where }];
  const refusal = shapeRefusal(tensor.dims);
  if (refusal !== undefined) return [{ what: refusal, where }];
  try {
    constants.set(tensor.name, constantTensor(tensor));
    return [];
  } catch (cause) {
    if (!(cause instanceof TemperError)) throw cause;
    return cause.problems;
  }
}
