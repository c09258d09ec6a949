/**
 * Layers with weights that cannot be placed on a crossbar: products of integer codes, weights that the graph computes, slices
 * of them in loops, and those stored inside of model-local functions. Left out in silence they would be free of noise, and a
 * model look robust.
 */
import type { Problem } from '../errors.js';
import type { Model, Node } from '../onnx/model.js';
import { integerOperators, visitNodes, weightPositions, weightTensor } from './crossbar.js';
import type { Scope } from './scope.js';

/** Weight layers that Temper sees but cannot place on a crossbar, with what to do about each. */
export function unmappedLayers(model: Model): Problem[] {
  const problems: Problem[] = [];
  const computed = new ComputedValues();
  visitNodes(model, ({ label: where, refusal, isInside }, node, scope) => {
    const { opType } = node;
    computed.visit(node, scope);
    const hit = weightTensor(node, scope);
    const tell = (what: string, hint: string) => problems.push({ what, where, hint });
    if (integerOperators.has(opType)) {
      tell(
        `${opType} multiplies integer codes directly: its weights are not placed on a crossbar`,
        'export the quantized model in the QDQ form (DequantizeLinear before Conv, MatMul, Gemm)',
      );
    } else if (refusal !== undefined) {
      tell(
        `layers of the model-local function ${opType} are not placed on a crossbar: ${refusal}`,
        inlineThem,
      );
    } else if (hit && isInside(hit.tensor.name)) {
      tell(
        `the weights of ${opType} are stored inside of a model-local function: they are not placed on a crossbar`,
        inlineThem,
      );
    } else if (opType === 'DeformConv' && holdsWeights(node.inputs.slice(1, 2), computed, scope)) {
      tell(
        'the weights of DeformConv are not placed on a crossbar: its kernel moves from place to place',
        'leave the layer on digital hardware',
      );
    } else if (!hit && holdsWeights(weightOperands(node), computed, scope)) {
      tell(
        `the weights of ${opType} are computed from constants: they are not placed on a crossbar`,
        'fold the constants first, e.g. with onnxsim',
      );
    }
  });
  return problems;
}

const inlineThem = 'inline the functions first, e.g. with onnx.inliner.inline_local_functions';

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
    const fed = origin ? undefined : scope.fed(name);
    if (fed) return this.kindOf(fed.name, fed.scope);
    if (origin?.kind === 'node') return this.#kinds.get(origin.node);
    return origin && (origin.tensor.dims.length > 1 ? 'matrix' : 'constant');
  }
}
