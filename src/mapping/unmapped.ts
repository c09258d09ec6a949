/**
 * Layers with weights that cannot be placed on a crossbar: products of integer codes, operators for which there is no mapping
 * (recurrent ones, Einsum), weights that the graph computes, slices of them in loops, and those stored inside of model-local
 * functions. Left out in silence they would be free of noise, and a model look robust.
 */
import type { Problem } from '../errors.js';
import { tensorAttribute } from '../onnx/attributes.js';
import type { Graph, Model, Node } from '../onnx/model.js';
import { subgraphs } from '../onnx/walk.js';
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
    } else if (holdsUnplaced(node, computed, scope)) {
      const { why, hint = 'leave the layer on digital hardware' } = unplaced.get(opType)!;
      tell(`the weights of ${opType} are not placed on a crossbar: ${why}`, hint);
    } else if (!hit && holdsWeights(weightOperands(node), computed, scope)) {
      tell(
        `the weights of ${opType} are computed from constants: they are not placed on a crossbar`,
        'fold the constants first, e.g. with onnxsim',
      );
    }
  });
  return problems;
}

interface Unplaced {
  /** Inputs that may be weights; absent: any. */
  readonly positions?: readonly number[];
  readonly why: string;
  readonly hint?: string;
}

const recurrent: Unplaced = { positions: [1, 2], why: 'recurrent layers are not mapped' };

/** Layers that onnxruntime makes of several when it saves an optimized model. */
const fused: Unplaced = {
  why: 'the operator is one of onnxruntime alone',
  hint: 'use the model as it was before onnxruntime optimized it',
};

/** Operators with weights for which there is no mapping. */
const unplaced: ReadonlyMap<string, Unplaced> = new Map<string, Unplaced>([
  ['DeformConv', { positions: [1], why: 'its kernel moves from place to place' }],
  ['CausalConvWithState', { positions: [1], why: 'convolutions with a state are not mapped' }],
  ['Einsum', { why: 'its equation is not mapped', hint: 'write the product as MatMul or Conv' }],
  ['RNN', recurrent],
  ['LSTM', recurrent],
  ['GRU', recurrent],
  ['FusedConv', fused],
  ['FusedGemm', fused],
  ['FusedMatMul', fused],
]);

/** Whether a node multiplies stored weights with values that the inputs of the model reach. */
function holdsUnplaced({ opType, inputs }: Node, computed: ComputedValues, scope: Scope): boolean {
  const found = unplaced.get(opType);
  if (!found) return false;
  const given = inputs.filter(Boolean);
  const names = found.positions ? found.positions.flatMap((position) => inputs[position] || []) : given;
  return holdsWeights(names, computed, scope) && given.some((name) => !computed.kindOf(name, scope));
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
  readonly #contents = new Map<Graph, Contents>();

  visit(node: Node, scope: Scope): void {
    const bodies = subgraphs(node).map((body) => contents(body, this.#contents));
    const names = [...node.inputs.filter(Boolean), ...bodies.flatMap(({ captured }) => captured)];
    const kinds = names.map((name) => this.kindOf(name, scope));
    const matrix = kinds.includes('matrix') || bodies.some(({ storesMatrix }) => storesMatrix);
    this.#kinds.set(node, kinds.includes(undefined) ? undefined : matrix ? 'matrix' : 'constant');
  }

  kindOf(name: string, scope: Scope): Kind {
    const origin = scope.find(name);
    const fed = origin ? undefined : scope.fed(name);
    if (fed) return this.kindOf(fed.name, fed.scope);
    if (origin?.kind === 'node') return this.#kinds.get(origin.node);
    return origin && (origin.tensor.dims.length > 1 ? 'matrix' : 'constant');
  }
}

/** What a body takes from around it, and whether it, or a body within, stores a matrix itself. */
interface Contents {
  readonly captured: readonly string[];
  readonly storesMatrix: boolean;
}

/** @param known bodies that were looked at, to which this one is added: those within others are asked for again */
function contents(body: Graph, known: Map<Graph, Contents>): Contents {
  const found = known.get(body);
  if (found) return found;
  const { inputs, initializers, nodes, outputs } = body;
  const own = new Set([
    ...[...inputs, ...initializers].map(({ name }) => name),
    ...nodes.flatMap((node) => node.outputs),
  ]);
  const bodies = nodes.flatMap(subgraphs).map((inner) => contents(inner, known));
  const used = new Set([
    ...nodes.flatMap((node) => node.inputs.filter(Boolean)),
    ...outputs.map(({ name }) => name),
    ...bodies.flatMap(({ captured }) => captured),
  ]);
  const constants = nodes.flatMap((node) => tensorAttribute(node, 'value') ?? []);
  const storesMatrix =
    [...initializers, ...constants].some(({ dims }) => dims.length > 1) ||
    bodies.some((inner) => inner.storesMatrix);
  const result = { captured: [...used].filter((name) => !own.has(name)), storesMatrix };
  known.set(body, result);
  return result;
}
