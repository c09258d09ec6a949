/** What a value of the graph holds: whether activations reach it, and which stored values free of noise it is made of. */
import type { Attribute, Node, Tensor } from '../onnx/model.js';
import { elementCount, tensorView } from '../onnx/tensor.js';
import type { Shape } from './shapes.js';

/** A stored tensor, or a list of numbers among the attributes of a node. */
export interface Stored {
  readonly name: string;
  readonly dims: readonly number[];
  /** One number: a single element, or the same in every element. */
  readonly isScalar: boolean;
}

/** What a stored tensor has done to activations, as long as it can still become a product. */
export interface Trace {
  readonly stored: readonly Stored[];
  /** The node where it met them. */
  readonly where: string;
  /**
   * `scale`: multiplied with them; `shift`: added; `distance`: subtracted, and the difference squared or without its sign;
   * `beside`: it stands among them, as the rows of a Concat.
   */
  readonly kind: 'scale' | 'shift' | 'distance' | 'beside';
  /** Axes along which it varies, counted from the end (-1 is the last); undefined if they are unknown. */
  readonly axes: readonly number[] | undefined;
  /** It varies along two axes or more. */
  readonly full: boolean;
  /** What was scaled, and the value that it was taken out of (slices.ts). */
  readonly part?: {
    readonly name: string;
    readonly whole: string;
    /** A few of these may be added: single numbers, or slices of what was scaled at once. */
    readonly few?: boolean;
  };
  /** Along one of them the activations did not: each met several stored values. */
  readonly wide: boolean;
  /** Every activation was multiplied with a number of its own. */
  readonly table?: boolean;
  /** They were turned by angles (rotations.ts): a product behind it is one of what is turned. */
  readonly turned?: boolean;
  /** It is a single number. */
  readonly single?: boolean;
}

export interface Content {
  /** Whether activations reach it. */
  readonly data: boolean;
  readonly shape: Shape;
  /** What it is made of, if no activations reach it. */
  readonly stored: readonly Stored[];
  /** Different numbers were put beside one another: the value is more than the numbers it is made of. */
  readonly joined: boolean;
  /** It counts as a tensor of two axes whatever its shape: one slice of many, one branch of two. */
  readonly partial: boolean;
  readonly traces: readonly Trace[];
  /**
   * The axes, counted from the end, along which lie the outputs of a layer on a crossbar that nothing has bent since: a scale along
   * these is one of the layer's weights.
   */
  readonly layerAxes?: readonly number[] | undefined;
  /** The axes, counted from the end, along which activations only repeat themselves (repeats.ts). */
  readonly repeated?: readonly number[];
}

export const nothing: Content = {
  data: false,
  shape: undefined,
  stored: [],
  joined: false,
  partial: false,
  traces: [],
};

export const activation: Content = { ...nothing, data: true };

/** More in one value are told by these; a model of thousands of nodes stays quick. Tensors come before single numbers. */
const mostTold = 16;

export function storedUnion(lists: readonly (readonly Stored[])[]): readonly Stored[] {
  const filled = lists.filter((list) => list.length > 0);
  if (filled.length <= 1) return filled[0] ?? [];
  const all = [...new Set(filled.flat())];
  if (all.length <= mostTold) return all;
  return [...all.filter(({ isScalar }) => !isScalar), ...all.filter(({ isScalar }) => isScalar)].slice(
    0,
    mostTold,
  );
}

export function traceUnion(lists: readonly (readonly Trace[])[]): readonly Trace[] {
  const filled = lists.filter((list) => list.length > 0);
  if (filled.length <= 1) return filled[0] ?? [];
  const all = new Map<string, Trace>();
  for (const trace of filled.flat()) all.set(traceKey(trace), trace);
  if (all.size <= mostTold) return [...all.values()].sort((a, b) => Number(b.full) - Number(a.full));
  // What is left out is told by another that may become the same product.
  const alike = new Set<string>();
  const isFirst = (trace: Trace) => alike.size < alike.add(danger(trace)).size;
  const ranked = [...all.values()].map((trace) => ({ trace, first: isFirst(trace) }));
  return ranked
    .sort((a, b) => Number(b.first) - Number(a.first) || Number(b.trace.full) - Number(a.trace.full))
    .slice(0, Math.max(mostTold, alike.size))
    .map(({ trace }) => trace);
}

/** What decides of a trace whether it becomes a product. */
function danger({ kind, axes, full, wide, table, turned, single, part }: Trace): string {
  return JSON.stringify([kind, axes, full, wide, table, turned, single, part?.few]);
}

export function traceKey({ where, kind, axes, stored, part }: Trace): string {
  return JSON.stringify([where, kind, axes, stored[0]?.name, part?.name]);
}

/** How much a value free of noise is, where it meets activations. */
export type Size = 'number' | 'vector' | 'tensor';

export function sizeOfContent({ stored, joined, partial, shape }: Content): Size {
  if (!joined && stored.every(({ isScalar }) => isScalar)) return 'number';
  if (partial) return 'tensor';
  const axes = variedAxes(shape);
  if (axes) return axes.length === 0 ? 'number' : axes.length === 1 ? 'vector' : 'tensor';
  return stored.every(({ dims }) => dims.filter((size) => size !== 1).length <= 1) ? 'vector' : 'tensor';
}

/** A factor that is free of noise and was let pass as a single number: a product with it is a sum. */
export function isPlain(content: Content): boolean {
  return !content.data && content.stored.length > 0 && sizeOfContent(content) === 'number';
}

/** The axes along which a value of this shape may vary, counted from the end. */
export function variedAxes(shape: Shape): number[] | undefined {
  return shape?.flatMap((extent, axis) => (extent === 1 ? [] : [axis - shape.length]));
}

export function storedTensor(name: string, tensor: Tensor): Stored {
  let known: boolean | undefined;
  return {
    name,
    dims: tensor.dims,
    get isScalar() {
      known ??= isOneNumber(tensor);
      return known;
    },
  };
}

function isOneNumber(tensor: Tensor): boolean {
  if (elementCount(tensor.dims) <= 1) return true;
  try {
    const values = tensorView(tensor);
    return (values as ArrayLike<number> as number[]).every((value) => value === values[0]);
  } catch {
    return false; // of a type without numbers, or damaged: told elsewhere
  }
}

/** Attributes whose numbers are no weights: extents, parameters of activation functions, shifts and scales of features. */
const harmlessAttributes: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['Upsample', ['scales']],
  ['RNN', ['activation_alpha', 'activation_beta']],
  ['LSTM', ['activation_alpha', 'activation_beta']],
  ['GRU', ['activation_alpha', 'activation_beta']],
  ['Scaler', ['offset', 'scale']],
  ['Imputer', ['imputed_value_floats']],
]);

/** Numbers that a node holds itself, lists of floats and tensors; of a Constant under the name of its output. */
export function storedAttributes(node: Node): { stored: Stored; harmless: boolean }[] {
  const isConstant = node.opType === 'Constant';
  return node.attributes.flatMap((attribute) => {
    const name = isConstant ? (node.outputs[0] ?? '') : `${nodeName(node)}.${attribute.name}`;
    const harmless = harmlessAttributes.get(node.opType)?.includes(attribute.name) ?? false;
    const integers = isConstant && attribute.ints ? [listOf(name, attribute.ints)] : [];
    return [...tensorsOf(attribute, name), ...integers].map((stored) => ({ stored, harmless }));
  });
}

function tensorsOf(attribute: Attribute, name: string): Stored[] {
  const { t, tensors = [], floats, sparseTensor, sparseTensors = [] } = attribute;
  const sparse = [...(sparseTensor ? [sparseTensor] : []), ...sparseTensors];
  return [
    ...[...(t ? [t] : []), ...tensors].map((tensor) => storedTensor(name, tensor)),
    ...sparse.map(({ dims }): Stored => ({ name, dims, isScalar: false })),
    ...(floats ? [listOf(name, floats)] : []),
  ];
}

function listOf(name: string, numbers: readonly (number | bigint)[]): Stored {
  return { name, dims: [numbers.length], isScalar: numbers.every((value) => value === numbers[0]) };
}

export function nodeName(node: Node): string {
  return node.name || node.outputs.find(Boolean) || node.opType;
}
