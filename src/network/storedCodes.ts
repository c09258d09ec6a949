/** Stored codes of which the graph says what they stand for, so that training can change them: their grids. */
import { codeRanges } from '../onnx/codes.js';
import type { Node } from '../onnx/model.js';
import type { ConstantValue } from './constants.js';
import { type Grid, gridValues, nearestCodes } from './grid.js';
import { constantOf, type Plan, type PlannedNode, walkPlan } from './plan.js';

/** Where an operator has codes, and what they stand for. */
interface Site {
  readonly codes: number;
  /** Their scale is the product of these. */
  readonly scales: readonly number[];
  readonly zeroPoint?: number;
  /** Along which scales differ; default: the attribute of that name. */
  readonly axis?: number;
}

const sites: Readonly<Record<string, readonly Site[]>> = {
  DequantizeLinear: [{ codes: 0, scales: [1], zeroPoint: 2 }],
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

/** The grids of stored codes; of none that some node reads otherwise, or with another grid. */
export function storedCodes(plan: Plan): Map<ConstantValue, Grid> {
  const grids = new Map<ConstantValue, Grid | undefined>();
  for (const { planned, plan: around } of walkPlan(plan)) {
    planned.node.inputs.forEach((input, index) => {
      const codes = constantOf(around, sourceOfCodes(input, around.producers));
      if (codes?.dtype !== 'int32' || planned.node.opType === 'Identity') return;
      const site = sites[planned.node.opType]?.find((candidate) => candidate.codes === index);
      const grid = site && gridOf(codes, planned, site, around);
      const known = grids.get(codes);
      grids.set(codes, grid && (!grids.has(codes) || (known && sameGrid(grid, known))) ? grid : undefined);
    });
  }
  return new Map([...grids].flatMap(([codes, grid]) => (grid ? [[codes, grid]] : [])));
}

/** The value of which this one is a copy. */
export function sourceOfCodes(name: string, producers: Plan['producers']): string {
  let value = name;
  for (let node = producers.get(value); node?.opType === 'Identity'; node = producers.get(value))
    value = node.inputs[0]!;
  return value;
}

function gridOf(codes: ConstantValue, planned: PlannedNode, site: Site, plan: Plan): Grid | undefined {
  const { inputs } = planned.node;
  const constant = (index: number) => constantOf(plan, sourceOfCodes(inputs[index] ?? '', plan.producers));
  const factors = site.scales.length > 0 ? site.scales.map(constant) : [followingScale(planned.node, plan)];
  const zero = site.zeroPoint === undefined ? undefined : constant(site.zeroPoint);
  if (!factors.every((scale) => scale?.dtype === 'float32')) return undefined;
  if (!zero && site.zeroPoint !== undefined && inputs[site.zeroPoint]) return undefined;
  const { shape, values: scales } = factors.map((scale) => scale!).reduce(product);
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
    range: rangeOf(codes, zero),
  };
  return fits(grid, codes) ? grid : undefined;
}

/** One of the two is a number, as a rule. */
function product(a: ConstantValue, b: ConstantValue): ConstantValue {
  const [many, one] = a.values.length > b.values.length ? [a, b] : [b, a];
  return { ...many, values: Float32Array.from(many.values, (scale) => scale * one.values[0]!) };
}

/** The weights' scale of a product of integers: x -> DynamicQuantizeLinear -> product -> Cast -> Mul by (scale of x * scale). */
function followingScale(product: Node, plan: Plan): ConstantValue | undefined {
  const { nodes, producers } = plan;
  const readers = (name: string) =>
    nodes.map(({ node }) => node).filter(({ inputs }) => inputs.includes(name));
  const [cast, another] = readers(product.outputs[0]!);
  if (cast?.opType !== 'Cast' || another) return undefined;
  const [mul] = readers(cast.outputs[0]!);
  const scale = producers.get(mul?.inputs.find((name) => name !== cast.outputs[0]) ?? '');
  if (mul?.opType !== 'Mul' || scale?.opType !== 'Mul') return undefined;
  return scale.inputs.map((name) => constantOf(plan, name)).find((constant) => constant !== undefined);
}

/** Symmetric codes stay symmetric: the lowest code of a type has no counterpart on the other device of a pair. */
function rangeOf(codes: ConstantValue, zero: ConstantValue | undefined): readonly [number, number] {
  const [low, high] = codeRanges.get(codes.elementType) ?? [-largestCode, largestCode];
  const shifted = zero?.values.some((point: number) => point !== 0);
  return low < -high && !shifted && !codes.values.includes(low) ? [-high, high] : [low, high];
}

function fits(grid: Grid, { shape, values }: ConstantValue): boolean {
  const { scales, axis, blockSize } = grid;
  const along = axis === undefined ? 1 : Math.ceil((shape[axis] ?? Number.NaN) / (blockSize || 1));
  const wanted = blockSize ? shape.map((extent, i) => (i === axis ? along : extent)) : [along];
  return (
    (axis === undefined || wanted.join() === grid.shape.join()) &&
    scales.every((scale) => scale > 0 && Number.isFinite(scale)) &&
    // Codes come back from the weights that they stand for.
    nearestCodes(gridValues(values, shape, grid), shape, grid).every((code, i) => code === values[i])
  );
}

function sameGrid(a: Grid, b: Grid): boolean {
  const same = (x: Float32Array, y: Float32Array) => x.every((value, i) => value === y[i]);
  return (
    a.axis === b.axis &&
    a.blockSize === b.blockSize &&
    a.shape.join() === b.shape.join() &&
    same(a.scales, b.scales) &&
    same(a.zeroPoints, b.zeroPoints)
  );
}
