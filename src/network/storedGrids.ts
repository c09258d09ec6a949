/**
 * Stored weights of which the graph says on which grid they lie, so that training can change them: as codes that it
 * dequantizes, or as floats that it quantizes and dequantizes, as quantization-aware training leaves them.
 */
import { lookUp } from '../lists/lookUp.js';
import { codeRanges } from '../onnx/codes.js';
import { DataType, type Node } from '../onnx/model.js';
import type { ConstantValue } from './constants.js';
import type { Grid } from './grid.js';
import { origin, type Producers } from './origins.js';
import { constantOf, type Plan, type PlannedNode, walkPlan } from './plan.js';

/** Where an operator has codes, and what they stand for. */
interface CodeSite {
  readonly codes: number;
  /** Their scale is the product of these. */
  readonly scales: readonly number[];
  readonly zeroPoint?: number;
  /** Along which scales differ; default: the attribute of that name. */
  readonly axis?: number;
}

const quantizer: CodeSite = { codes: 0, scales: [1], zeroPoint: 2 };

const sites: Readonly<Record<string, readonly CodeSite[]>> = {
  DequantizeLinear: [quantizer],
  QLinearConv: [
    { codes: 3, scales: [4], zeroPoint: 5, axis: 0 },
    { codes: 8, scales: [1, 4], axis: 0 },
  ],
  QLinearMatMul: [
    { codes: 0, scales: [1], zeroPoint: 2, axis: -2 },
    { codes: 3, scales: [4], zeroPoint: 5, axis: -1 },
  ],
  // Their scale comes with a later product.
  ConvInteger: [{ codes: 1, scales: [], zeroPoint: 3, axis: 0 }],
  MatMulInteger: [{ codes: 1, scales: [], zeroPoint: 3, axis: -1 }],
};

/** Codes beyond it, of biases in int32, might not come back from float32 weights. */
const largestCode = 2 ** 22;

/** The grids of stored tensors; of none that some node reads otherwise, or with another grid. */
export function storedGrids(plan: Plan): Map<ConstantValue, Grid> {
  const grids = new Map<ConstantValue, Grid>();
  const others = new Set<ConstantValue>();
  for (const { planned, plan: around } of walkPlan(plan)) {
    const { node } = planned;
    if (node.opType === 'Identity') continue;
    node.inputs.forEach((input, index) => {
      const { name, quantized } = useOf(node, index, around);
      const stored = constantOf(around, name);
      if (input === '' || !stored) return;
      const site = siteOf(node, index, stored, quantized);
      const grid = site && gridOf(stored, planned, site, around, quantized);
      const known = grids.get(stored);
      // Codes made inside of a body are its own: they cannot be given.
      const given = quantized === undefined || !around.outer;
      if (grid && given && (!known || sameGrid(grid, known))) grids.set(stored, known ?? grid);
      else others.add(stored);
    });
  }
  for (const stored of others) grids.delete(stored);
  return grids;
}

/** The value that an input is; for codes that a QuantizeLinear makes of stored weights, those, and the name of the codes. */
function useOf(node: Node, index: number, plan: Plan): { name: string; quantized?: string } {
  const { producers } = plan;
  const value = sourceOf(node.inputs[index] ?? '', producers);
  const maker = node.opType === 'QuantizeLinear' && index === 0 ? node : producers.get(value);
  if (maker?.opType !== 'QuantizeLinear') return { name: value };
  const name = sourceOf(maker.inputs[0] ?? '', producers);
  const [quantized = ''] = maker.outputs;
  return constantOf(plan, name)?.dtype === 'float32' ? { name, quantized } : { name: value };
}

function siteOf(node: Node, index: number, stored: ConstantValue, quantized: string | undefined) {
  if (quantized === undefined)
    return stored.dtype === 'int32' && Object.hasOwn(sites, node.opType)
      ? sites[node.opType]?.find(({ codes }) => codes === index)
      : undefined;
  return index === 0 && /^(Q|Deq)uantizeLinear$/.test(node.opType) ? quantizer : undefined;
}

const copying: ReadonlySet<string> = new Set(['Identity']);

/** The value of which this one is a copy. */
export function sourceOf(name: string, producers: Producers): string {
  return origin(name, producers, copying);
}

function gridOf(
  codes: ConstantValue,
  planned: PlannedNode,
  site: CodeSite,
  plan: Plan,
  quantized: string | undefined,
): Grid | undefined {
  const { inputs } = planned.node;
  const constant = (index: number) => constantOf(plan, sourceOf(inputs[index] ?? '', plan.producers));
  const factors = site.scales.length > 0 ? site.scales.map(constant) : [followingScale(planned.node, plan)];
  const zero = site.zeroPoint === undefined ? undefined : constant(site.zeroPoint);
  const known = factors.flatMap((scale) => (scale?.dtype === 'float32' ? [scale] : []));
  if (known.length < factors.length) return undefined;
  if (!zero && site.zeroPoint !== undefined && inputs[site.zeroPoint]) return undefined;
  const { shape, values: scales } = known.reduce(product);
  const axis = site.axis ?? (planned.attributes.axis as number);
  const blockSize = (planned.attributes.block_size as number | undefined) ?? 0;
  const single = scales.length === 1 && blockSize === 0;
  const rank = codes.shape.length;
  if (blockSize === 0 && shape.length > 1 && !single) return undefined;
  const grid: Grid = {
    scales: Float32Array.from(scales),
    zeroPoints: Float32Array.from(scales, (_, i) => zero?.values[zero.values.length === 1 ? 0 : i] ?? 0),
    shape: single ? [] : shape,
    ...(!single && { axis: axis < 0 ? axis + rank : axis }),
    blockSize,
    ...(quantized === undefined ? typeOf(codes, zero) : { quantized, ...typeMade(zero, planned) }),
  };
  return fits(grid, codes) ? grid : undefined;
}

/** One of the two is a number, as a rule. */
function product(a: ConstantValue, b: ConstantValue): ConstantValue {
  const [many, one] = a.values.length > b.values.length ? [a, b] : [b, a];
  const [factor = Number.NaN] = one.values;
  return { ...many, values: Float32Array.from(many.values, (scale) => scale * factor) };
}

/** The weights' scale of a product of integers: x -> DynamicQuantizeLinear -> product -> Cast -> Mul by (scale of x * scale). */
function followingScale(product: Node, plan: Plan): ConstantValue | undefined {
  const { producers } = plan;
  const readers = readersIn(plan);
  const readersOf = ({ outputs: [made = ''] }: Node) => readers.get(made) ?? [];
  const [cast, another] = readersOf(product);
  if (cast?.opType !== 'Cast' || another) return undefined;
  const [mul] = readersOf(cast);
  const scale = producers.get(mul?.inputs.find((name) => name !== cast.outputs[0]) ?? '');
  if (mul?.opType !== 'Mul' || scale?.opType !== 'Mul') return undefined;
  return scale.inputs.map((name) => constantOf(plan, name)).find((constant) => constant !== undefined);
}

const knownReaders = new WeakMap<Plan, Map<string, Node[]>>();

/** Who reads a value. Looked up once for a plan: every product of integers asks. */
function readersIn(plan: Plan): Map<string, Node[]> {
  const known = knownReaders.get(plan);
  if (known) return known;
  const readers = new Map<string, Node[]>();
  for (const { node } of plan.nodes)
    for (const name of new Set(node.inputs)) {
      const list = readers.get(name);
      if (list) list.push(node);
      else readers.set(name, [node]);
    }
  knownReaders.set(plan, readers);
  return readers;
}

/** Symmetric codes stay symmetric: the lowest code of a type has no counterpart on the other device of a pair. */
function typeOf({ elementType, values }: ConstantValue, zero: ConstantValue | undefined) {
  const [low, high] = codeRanges.get(elementType) ?? [-largestCode, largestCode];
  const shifted = zero?.values.some((point: number) => point !== 0);
  const symmetric = low < -high && !shifted && !values.includes(low);
  return { elementType, range: [symmetric ? -high : low, high] as const };
}

/** Of the codes that a QuantizeLinear makes. */
function typeMade(zero: ConstantValue | undefined, { node, attributes }: PlannedNode) {
  const wanted = node.opType === 'QuantizeLinear' ? (attributes.output_dtype as number) : 0;
  const elementType = zero?.elementType ?? (wanted || DataType.UINT8);
  return { elementType, range: lookUp(codeRanges, elementType, 'code type') };
}

/** Scales between which weights, and their quotients by scales, are ordinary float32 numbers. */
const [smallestScale, largestScale] = [2 ** -100, 2 ** 100];

/** Whether the shapes belong together, and codes come back from the weights that they stand for. */
function fits({ scales, axis, blockSize, range, shape, quantized }: Grid, stored: ConstantValue): boolean {
  const along = axis === undefined ? 1 : Math.ceil((stored.shape[axis] ?? Number.NaN) / (blockSize || 1));
  const wanted = blockSize ? stored.shape.map((extent, i) => (i === axis ? along : extent)) : [along];
  return (
    (axis === undefined || wanted.join() === shape.join()) &&
    scales.every((scale) => scale > smallestScale && scale < largestScale) &&
    (quantized !== undefined || stored.values.every((code: number) => code >= range[0] && code <= range[1]))
  );
}

function sameGrid(a: Grid, b: Grid): boolean {
  const same = (x: Float32Array, y: Float32Array) => x.every((value, i) => value === y[i]);
  return (
    a.quantized === b.quantized &&
    a.axis === b.axis &&
    a.blockSize === b.blockSize &&
    a.shape.join() === b.shape.join() &&
    same(a.scales, b.scales) &&
    same(a.zeroPoints, b.zeroPoints)
  );
}
