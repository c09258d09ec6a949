/**
 * Normalizations written out in small operators: a mean that is taken from the very value it was computed of, a root mean square
 * that the value is divided by. A sum within one is no product with stored weights, whatever scale came before it.
 */
import type { Graph, Node } from '../onnx/model.js';
import { consumerMap, producerMap } from '../onnx/walk.js';
import { isReduction } from './shapes.js';

/** A value that these make is a function of their first operand alone. */
const ofOne = new Set(
  (
    'Identity Cast CastLike QuantizeLinear DequantizeLinear Abs Neg Sqrt Pow Reciprocal Reshape Transpose Unsqueeze Squeeze Expand ' +
    'Clip Flatten'
  ).split(' '),
);
/** On the way from a sum to the value that it normalizes. */
const onTheWay = new Set([...ofOne, 'Log', 'Exp', 'Tile', 'Max', 'Min', 'Add']);
const binary = new Set(['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Pow']);
const layers = new Set(['MatMul', 'Gemm', 'Conv', 'ConvTranspose']);
const deepest = 64;

export class Normalizations {
  readonly #producers: ReadonlyMap<string, Node>;
  readonly #consumers: ReadonlyMap<string, readonly Node[]>;
  readonly #outputs: ReadonlySet<string>;
  readonly #bases = new Map<string, string>();
  readonly #reducedBases = new Map<string, string>();
  readonly #normalizing = new Map<Node, boolean>();
  /** Subtractions, divisions and products that give the normalized value, and the operand that they normalize. */
  readonly #ends = new Map<Node, string>();

  /**
   * @param isData whether activations reach a value
   * @param isShared whether a value goes on to several places where stored values may meet it (forks.ts)
   */
  constructor(
    graph: Graph,
    readonly isData: (name: string) => boolean,
    readonly isShared: (name: string) => boolean = () => false,
  ) {
    this.#producers = producerMap(graph);
    this.#consumers = consumerMap(graph);
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
  }

  /** Whether a reduction only serves to normalize what it reduces. */
  serves(reduction: Node): boolean {
    const known = this.#normalizing.get(reduction);
    if (known !== undefined) return known;
    const ends: (readonly [Node, string])[] = [];
    const found = this.#follow(reduction, ends);
    this.#normalizing.set(reduction, found);
    if (found) for (const [end, operand] of ends) this.#ends.set(end, operand);
    return found;
  }

  /** The operand that a node divides by a norm of its own, or multiplies with the norm's reciprocal. */
  normalized(node: Node): string | undefined {
    if (node.opType !== 'Div' && node.opType !== 'Mul') return undefined;
    for (const name of node.inputs) {
      const reduction = this.#reductionBehind(name);
      if (reduction) this.serves(reduction);
    }
    return this.#ends.get(node);
  }

  /** Whether a value is an exponential: divided by its sum it is a softmax. */
  isExponential(name: string): boolean {
    return this.#behindViews(name)?.opType === 'Exp';
  }

  /** Whether a value comes out of such a node, or of one of ONNX's normalizations. */
  isNormalized(name: string): boolean {
    const node = this.#behindViews(name);
    return (
      node !== undefined && (node.opType.endsWith('Normalization') || this.normalized(node) !== undefined)
    );
  }

  /** Whether a value comes out of a layer: what is added to it is the layer's bias, unless the same value meets others too. */
  isProduct(name: string): boolean {
    return this.#comesFrom(name, (value) => !this.isShared(value));
  }

  isLayer(name: string): boolean {
    return this.#comesFrom(name, () => true);
  }

  #comesFrom(name: string, mayPass: (value: string) => boolean): boolean {
    let value = name;
    for (let steps = 0; steps < deepest; steps++) {
      const node = this.#producers.get(value);
      if (!node || !mayPass(value)) return false;
      if (layers.has(node.opType)) return true;
      if (!ofOne.has(node.opType)) return false;
      value = node.inputs[0]!;
    }
    return false;
  }

  #behindViews(name: string): Node | undefined {
    let node = this.#producers.get(name);
    for (let steps = 0; node && ofOne.has(node.opType) && steps < deepest; steps++)
      node = this.#producers.get(node.inputs[0]!);
    return node;
  }

  #reductionBehind(name: string): Node | undefined {
    let node = this.#producers.get(name);
    for (let steps = 0; node && steps < deepest; steps++) {
      if (isReduction(node.opType)) return node;
      if (!onTheWay.has(node.opType) && !binary.has(node.opType)) return undefined;
      const next = node.inputs.find((input) => input && this.isData(input));
      node = next ? this.#producers.get(next) : undefined;
    }
    return undefined;
  }

  #follow(reduction: Node, ends: (readonly [Node, string])[]): boolean {
    const base = this.#base(reduction.inputs[0]!);
    const open: { name: string; inverted: boolean }[] = [{ name: reduction.outputs[0]!, inverted: false }];
    for (let steps = 0; open.length > 0; steps++) {
      const { name, inverted } = open.pop()!;
      if (steps > deepest || this.#outputs.has(name)) return false;
      for (const node of this.#consumers.get(name) ?? []) {
        const { opType, inputs, outputs } = node;
        if (opType === 'Shape' || opType === 'Size') continue;
        const other = inputs.find((input) => input && input !== name && this.isData(input));
        if (other && ['Sub', 'Div', 'Mul'].includes(opType) && this.#base(other) === base) {
          if (opType === 'Mul' && !inverted) return false;
          ends.push([node, other]);
        } else if (other && this.#base(other, true) === base) {
          open.push({ name: outputs[0]!, inverted });
        } else if (other || !(onTheWay.has(opType) || binary.has(opType) || isReduction(opType))) {
          return false;
        } else {
          const turned = ['Reciprocal', 'Pow'].includes(opType) || (opType === 'Div' && inputs[1] === name);
          open.push({ name: outputs[0]!, inverted: inverted || turned });
        }
      }
    }
    return ends.length > 0;
  }

  /** The value that this one is made of alone: behind squares and differences from the mean; `reduced`: behind means too. */
  #base(name: string, reduced = false, depth = 0): string {
    const bases = reduced ? this.#reducedBases : this.#bases;
    const known = bases.get(name);
    if (known !== undefined) return known;
    const node = this.#producers.get(name);
    let base = name;
    if (node && depth < deepest) {
      const [first = '', second = ''] = node.inputs;
      const behind = () => this.#base(first, reduced, depth + 1);
      if (ofOne.has(node.opType) || (reduced && isReduction(node.opType))) base = behind();
      else if (node.opType === 'Mul' && first === second) base = behind();
      else if (
        node.opType === 'Sub' &&
        this.isData(second) &&
        behind() === this.#base(second, true, depth + 1)
      )
        base = behind();
    }
    bases.set(name, base);
    return base;
  }
}
