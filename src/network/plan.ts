/**
 * What must be computed to get a graph's outputs: the nodes in order, each with its operator and attributes, and the
 * constants they use. Everything that can be refused without computing is refused here, all at once.
 */
import { type Problem, TemperError } from '../errors.js';
import type { Model, Node, Tensor } from '../onnx/model.js';
import { dataTypeName } from '../onnx/tensor.js';
import { nodeLabel, opsetVersion, producerMap, subgraphs } from '../onnx/walk.js';
import { attributeRefusals, attributeValues } from './attributes.js';
import { constantNodeTensor } from './constantNode.js';
import { type ConstantValue, constantTensor, dtypeOf } from './constants.js';
import type { Operator } from './operator.js';
import { findOperator } from './operators.js';

/** Operator sets that are understood, as far as the operators say: most of them from 6 or 7 on, those that never changed from 1. */
export const oldestOpset = 1;
export const newestOpset = 27;

export interface PlannedNode {
  readonly node: Node;
  /** How messages name it. */
  readonly label: string;
  readonly operator: Operator;
  readonly attributes: Record<string, unknown>;
}

export interface Plan {
  readonly opset: number;
  readonly nodes: readonly PlannedNode[];
  /** By value name; initializers and Constant nodes that some node or output uses. */
  readonly constants: ReadonlyMap<string, ConstantValue>;
  readonly producers: ReadonlyMap<string, Node>;
}

/** The plan, as far as it goes, and every problem found. */
export function planGraph(model: Model): { plan: Plan; problems: Problem[] } {
  const { graph } = model;
  const opset = opsetVersion(model);
  const problems = opsetProblems(opset);
  if (problems.length > 0) {
    return { plan: { opset, nodes: [], constants: new Map(), producers: new Map() }, problems };
  }
  const producers = producerMap(graph);
  const { needed, used } = reach(model, producers);
  // One by one: as arguments of a single push, a hundred thousand of them overflow the stack.
  for (const problem of [...nameProblems(used), ...orderProblems(model, needed)]) problems.push(problem);
  const constants = new Map<string, ConstantValue>();
  const nodes: PlannedNode[] = [];
  for (const tensor of graph.initializers) {
    if (used.has(tensor.name)) addConstant(tensor.name, tensor, `initializer "${tensor.name}"`);
  }
  if (graph.sparseInitializers?.length) {
    problems.push({ what: 'sparse initializers are not supported', hint: 'store the tensors densely' });
  }
  graph.nodes.forEach((node, index) => {
    if (!needed.has(node)) return;
    const label = nodeLabel(node, index);
    const operator = operatorOf(model, node, label, problems);
    if (!operator) return;
    for (const problem of nodeProblems(node, operator, opset, label, used)) problems.push(problem);
    if (node.opType === 'Constant') {
      const tensor = constantNodeTensor(node);
      if (tensor) addConstant(node.outputs[0]!, tensor, label);
    } else nodes.push({ node, label, operator, attributes: attributeValues(operator.attributes, node) });
  });
  return { plan: { opset, nodes, constants, producers }, problems };

  function addConstant(name: string, tensor: Tensor, where: string) {
    if (!dtypeOf(tensor.dataType)) {
      problems.push({ what: `values of type ${dataTypeName(tensor.dataType)} are not supported`, where });
      return;
    }
    try {
      constants.set(name, constantTensor({ ...tensor, name }));
    } catch (cause) {
      if (!(cause instanceof TemperError)) throw cause;
      problems.push(...cause.problems);
    }
  }
}

function opsetProblems(opset: number): Problem[] {
  if (opset >= oldestOpset && opset <= newestOpset) return [];
  return [
    {
      what:
        opset === 0
          ? 'the model does not import the default operator set'
          : `opset ${opset} is not supported`,
      where: 'opset_import of the model',
      hint: `opsets ${oldestOpset} to ${newestOpset} are understood: convert it with onnx.version_converter, or export it anew`,
    },
  ];
}

/** The nodes that reach an output, and the values that those nodes and the outputs use. */
function reach({ graph }: Model, producers: ReadonlyMap<string, Node>) {
  const used = new Set(graph.outputs.map((output) => output.name));
  const needed = new Set<Node>();
  const waiting = [...used];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = producers.get(name);
    if (!node || needed.has(node)) continue;
    needed.add(node);
    for (const input of node.inputs) {
      if (input === '' || used.has(input)) continue;
      used.add(input);
      waiting.push(input);
    }
  }
  return { needed, used };
}

/** Values go by their names in plain objects too (feeds, parameters, states), where these names mean something else. */
function nameProblems(used: ReadonlySet<string>): Problem[] {
  const taken = [...used].filter((name) => name in Object.prototype);
  return taken.map((name) => ({
    what: `a value cannot have the name "${name}", which every JavaScript object uses itself`,
    hint: 'rename the value',
  }));
}

/** Values that are used before they exist, or never made, or made twice. ONNX asks for topological order. */
function orderProblems({ graph }: Model, needed: ReadonlySet<Node>): Problem[] {
  const problems: Problem[] = [];
  const known = new Set([...graph.inputs, ...graph.initializers].map(({ name }) => name));
  graph.nodes.forEach((node, index) => {
    for (const name of needed.has(node) ? node.inputs : []) {
      if (name === '' || known.has(name)) continue;
      problems.push({
        what: `value "${name}" is used before any node makes it`,
        where: nodeLabel(node, index),
        hint: 'the file is damaged, or its nodes are not in topological order',
      });
    }
    for (const name of node.outputs) {
      if (name !== '' && known.has(name))
        problems.push({ what: `value "${name}" is made twice`, where: nodeLabel(node, index) });
      known.add(name);
    }
  });
  for (const { name } of graph.outputs)
    if (!known.has(name)) problems.push({ what: `output "${name}" is made by no node`, where: 'the graph' });
  return problems;
}

function operatorOf(model: Model, node: Node, where: string, problems: Problem[]): Operator | undefined {
  const opset = opsetVersion(model);
  const isDefault = node.domain === '' || node.domain === 'ai.onnx';
  const operator = isDefault ? findOperator(node.opType) : undefined;
  if (operator && opset >= operator.since[0]!) return operator;
  const isFunction = model.functions.some((f) => f.name === node.opType && f.domain === node.domain);
  if (isFunction) {
    problems.push({
      what: `unsupported model-local function ${node.domain}:${node.opType}`,
      where,
      hint: 'inline the functions first, e.g. with onnx.inliner.inline_local_functions',
    });
  } else if (!isDefault) {
    problems.push({
      what: `unsupported operator ${node.domain}:${node.opType} of a custom domain`,
      where,
      hint: 'export the model with operators of the default ONNX domain',
    });
  } else if (operator) {
    problems.push({
      what: `operator ${node.opType} is not understood in opset ${opset} (from ${operator.since[0]} on)`,
      where,
      hint: 'convert the model with onnx.version_converter, or export it anew',
    });
  } else {
    problems.push({
      what: `unsupported operator ${node.opType} (opset ${opset})`,
      where,
      hint: 'see the table of operators in the documentation; a simplifier may remove the node',
    });
  }
  return undefined;
}

function nodeProblems(
  node: Node,
  operator: Operator,
  opset: number,
  where: string,
  used: ReadonlySet<string>,
): Problem[] {
  const name = `${node.opType} (opset ${opset})`;
  const refusals = attributeRefusals(operator.attributes, node, opset);
  const problems = [...refusals, ...operator.check(attributeValues(operator.attributes, node), opset)];
  const { inputs } = operator;
  const last = inputs.at(-1);
  inputs.forEach((input, i) => {
    const optional = input.endsWith('?') || input.endsWith('*');
    if (!optional && !node.inputs[i]) problems.push({ what: `input "${input}" is missing` });
  });
  if (!last?.endsWith('*') && node.inputs.length > inputs.length)
    problems.push({ what: `${node.inputs.length} inputs where at most ${inputs.length} belong` });
  node.outputs.slice(operator.outputs).forEach((output, i) => {
    if (used.has(output))
      problems.push({ what: `output ${operator.outputs + i + 1} ("${output}") is not computed` });
  });
  if (subgraphs(node).length > 0) problems.push({ what: 'subgraphs are not supported' });
  if (node.opType === 'Constant' && !constantNodeTensor(node))
    problems.push({ what: 'a constant without a dense numeric value' });
  return problems.map(({ what, ...rest }) => ({ what: `${name}: ${what}`, where, ...rest }));
}
