/**
 * Rotary position embeddings: pairs of activations are turned by angles that follow from their place, x cos(a) + x' sin(a), with
 * stored tables of cosines and sines. Told by their numbers: the squares of the two tables add up to one, and x' is made of
 * the elements of x. (Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", arXiv 2104.09864.)
 */
import type { Graph, Node } from '../onnx/model.js';
import { tensorView } from '../onnx/tensor.js';
import { consumerMap, producerMap } from '../onnx/walk.js';
import type { Scope } from './scope.js';
import { taking } from './slices.js';

/** Float16 tables, and angles of thousands of places. */
const tolerance = 4e-3;
const deepest = 64;

/** A table as it is stored, or made of one value by Cos or Sin; all of it times one number (YaRN's attention scaling, often 1). */
interface RotationTable {
  readonly values: ArrayLike<number> | { readonly wave: string; readonly of: string };
  readonly factor: number;
}

export class Rotations {
  readonly #producers: ReadonlyMap<string, Node>;
  readonly #consumers: ReadonlyMap<string, readonly Node[]>;
  readonly #known = new Map<string, boolean>();

  /** @param isData whether activations reach a value */
  constructor(
    graph: Graph,
    readonly scope: Scope,
    readonly isData: (name: string) => boolean,
  ) {
    this.#producers = producerMap(graph);
    this.#consumers = consumerMap(graph);
  }

  /** Whether a product of activations and a table only serves to turn them. */
  turns(node: Node): boolean {
    const factors = this.#factors(node);
    const output = node.outputs[0]!;
    if (!factors) return false;
    const sums = this.#consumers.get(output) ?? [];
    return sums.length > 0 && sums.every((sum) => this.#turns(factors, output, sum));
  }

  /** Whether these two tables, as operands of ONNX's own rotation, are cosines and sines. */
  arePair(a: string, b: string): boolean {
    const key = JSON.stringify([a, b].sort());
    const known = this.#known.get(key) ?? isPair(this.#table(a), this.#table(b));
    this.#known.set(key, known);
    return known;
  }

  #turns(factors: Factors, product: string, sum: Node): boolean {
    if (sum.opType !== 'Add' && sum.opType !== 'Sub') return false;
    const other = sum.inputs.find((name) => name !== product);
    const others = this.#factors(other === undefined ? undefined : this.#producers.get(other));
    return (
      others !== undefined &&
      this.#source(factors.data) === this.#source(others.data) &&
      this.arePair(factors.table, others.table)
    );
  }

  #factors(node: Node | undefined): Factors | undefined {
    if (node?.opType !== 'Mul') return undefined;
    const [first = '', second = ''] = node.inputs;
    if (this.isData(first) === this.isData(second)) return undefined;
    return this.isData(first) ? { data: first, table: second } : { data: second, table: first };
  }

  #table(name: string): RotationTable | undefined {
    let value = name;
    let factor = 1;
    for (let steps = 0; steps < deepest; steps++) {
      const tensor = this.scope.tensor(value);
      if (tensor) return { values: tensorView(tensor) as ArrayLike<number>, factor };
      const origin = this.scope.find(value);
      const node = origin?.kind === 'node' ? origin.node : undefined;
      const [first] = node?.inputs ?? [];
      if (!node || !first) return undefined;
      if (node.opType === 'Cos' || node.opType === 'Sin')
        return { values: { wave: node.opType, of: first }, factor };
      const scaled = this.#scaled(node);
      if (scaled) {
        factor *= scaled.factor;
        value = scaled.of;
        continue;
      }
      const same = node.opType === 'Concat' && node.inputs.every((input) => input === first);
      if (!same && !taking.has(node.opType)) return undefined;
      value = first;
    }
    return undefined;
  }

  /** What a node multiplies with a single stored number. */
  #scaled({ opType, inputs: [first = '', second = ''] }: Node): { of: string; factor: number } | undefined {
    const number = (name: string) => {
      const tensor = this.scope.tensor(name);
      const values = tensor && tensorView(tensor);
      return values?.length === 1 ? Number(values[0]) : undefined;
    };
    const [before, after] = opType === 'Mul' ? [number(first), number(second)] : [];
    if (after !== undefined) return { of: first, factor: after };
    return before === undefined ? undefined : { of: second, factor: before };
  }

  /** The value whose elements these are, in any order, some with the other sign; undefined if they are of several. */
  #source(name: string, depth = 0): string | undefined {
    const node = this.#producers.get(name);
    if (!node || depth > deepest) return name;
    if (node.opType === 'Concat') {
      const sources = new Set(node.inputs.map((input) => this.#source(input, depth + 1)));
      return sources.size === 1 ? [...sources][0] : undefined;
    }
    const first = node.inputs[0];
    return first && (node.opType === 'Neg' || taking.has(node.opType))
      ? this.#source(first, depth + 1)
      : name;
  }
}

interface Factors {
  readonly data: string;
  readonly table: string;
}

function isPair(a: RotationTable | undefined, b: RotationTable | undefined): boolean {
  if (!a || !b || !isClose(a.factor, b.factor)) return false;
  const [first, second] = [a.values, b.values];
  if ('wave' in first || 'wave' in second)
    return 'wave' in first && 'wave' in second && first.of === second.of && first.wave !== second.wave;
  if (first.length !== second.length) return false;
  const square = (i: number) => Number(first[i]) ** 2 + Number(second[i]) ** 2;
  const expected = square(0);
  for (let i = 0; i < first.length; i++) if (!isClose(square(i), expected)) return false;
  return expected > 0;
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) < tolerance * Math.abs(b);
}
