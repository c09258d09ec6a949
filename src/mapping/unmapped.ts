/**
 * Layers with weights that cannot be placed on a crossbar: products of integer codes, weights that the graph computes, and
 * layers inside model-local functions. Left out in silence they would be free of noise, and a model look robust.
 */
import type { Problem } from '../errors.js';
import type { LocalFunction, Model, Node } from '../onnx/model.js';
import { integerOperators, visitNodes, weightPositions, weightTensor } from './crossbar.js';
import type { Scope } from './scope.js';

/** Weight layers that Temper sees but cannot place on a crossbar, with what to do about each. */
export function unmappedLayers(model: Model): Problem[] {
  const problems: Problem[] = [];
  const computed = new ComputedValues();
  const functions = functionsWithLayers(model.functions);
  visitNodes(model, (where, node, scope) => {
    const { opType } = node;
    computed.visit(node, scope);
    if (integerOperators.has(opType)) {
      problems.push({
        what: `${opType} multiplies integer codes directly: its weights are not placed on a crossbar`,
        where,
        hint: 'export the quantized model in the QDQ form (DequantizeLinear before Conv, MatMul, Gemm)',
      });
    } else if (
      functions.has(functionKey(node.domain, opType)) &&
      holdsWeights(node.inputs, computed, scope)
    ) {
      problems.push({
        what: `the layers of the model-local function ${opType} are not placed on a crossbar`,
        where,
        hint: 'inline the functions first, e.g. with onnx.inliner.inline_local_functions',
      });
    } else if (!weightTensor(node, scope) && holdsWeights(weightOperands(node), computed, scope)) {
      problems.push({
        what: `the weights of ${opType} are computed from constants: they are not placed on a crossbar`,
        where,
        hint: 'fold the constants first, e.g. with onnxsim',
      });
    }
  });
  return problems;
}

function weightOperands(node: Node): string[] {
  return weightPositions(node).flatMap((position) => node.inputs[position] ?? []);
}

function holdsWeights(names: readonly string[], computed: ComputedValues, scope: Scope): boolean {
  return names.some((name) => computed.kindOf(name, scope) === 'matrix');
}

/** A value that the inputs of the model do not reach; `matrix`: made from a stored tensor of two or more axes. */
type Kind = 'matrix' | 'constant' | undefined;

/** Nodes stand in the order in which they compute (ONNX), so one pass tells. */
class ComputedValues {
  readonly #kinds = new Map<Node, Kind>();

  visit(node: Node, scope: Scope): void {
    const kinds = node.inputs.filter(Boolean).map((name) => this.kindOf(name, scope));
    // What a body captures is not among the inputs.
    const captures = node.attributes.some(({ g, graphs }) => g || graphs?.length);
    const reached = captures || kinds.includes(undefined);
    this.#kinds.set(node, reached ? undefined : kinds.includes('matrix') ? 'matrix' : 'constant');
  }

  kindOf(name: string, scope: Scope): Kind {
    const origin = scope.find(name);
    if (origin?.kind === 'node') return this.#kinds.get(origin.node);
    return origin && (origin.tensor.dims.length > 1 ? 'matrix' : 'constant');
  }
}

const functionKey = (domain: string, name: string) => JSON.stringify([domain, name]);

/** The functions that hold a layer, themselves or in a function they call. From the layers up: each call is looked at once. */
function functionsWithLayers(functions: readonly LocalFunction[]): Set<string> {
  const found = new Set<string>();
  const callers = new Map<string, string[]>();
  for (const { domain, name, nodes } of functions) {
    const key = functionKey(domain, name);
    for (const node of nodes) {
      const called = functionKey(node.domain, node.opType);
      const known = callers.get(called);
      if (known) known.push(key);
      else callers.set(called, [key]);
      if (weightPositions(node).length > 0) found.add(key);
    }
  }
  // A set hands out what is added while it is walked.
  for (const key of found) for (const caller of callers.get(key) ?? []) found.add(caller);
  return found;
}
