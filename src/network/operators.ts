/** Every operator that can be imported. A new one is a definition in a file of ops/; a new file has two lines here. */
import { control } from './control/index.js';
import type { Operator } from './operator.js';
import * as activation from './ops/activation.js';
import * as arithmetic from './ops/arithmetic.js';
import * as attention from './ops/attention.js';
import * as batchNormalization from './ops/batchNormalization.js';
import * as cast from './ops/cast.js';
import * as centerCropPad from './ops/centerCropPad.js';
import * as columns from './ops/columns.js';
import * as comparison from './ops/comparison.js';
import * as constant from './ops/constant.js';
import * as convolution from './ops/convolution.js';
import * as cumulative from './ops/cumulative.js';
import * as deformable from './ops/deformable.js';
import * as determinant from './ops/determinant.js';
import * as einsum from './ops/einsum.js';
import * as gather from './ops/gather.js';
import * as integer from './ops/integer.js';
import * as losses from './ops/losses.js';
import * as lpPool from './ops/lpPool.js';
import * as magnitude from './ops/magnitude.js';
import * as mask from './ops/mask.js';
import * as matrix from './ops/matrix.js';
import * as nonMaxSuppression from './ops/nonMaxSuppression.js';
import * as normalization from './ops/normalization.js';
import * as order from './ops/order.js';
import * as pad from './ops/pad.js';
import * as pool from './ops/pool.js';
import * as quantize from './ops/quantize.js';
import * as quantizedProducts from './ops/quantizedProducts.js';
import * as range from './ops/range.js';
import * as rearrange from './ops/rearrange.js';
import * as recurrent from './ops/recurrent.js';
import * as reduce from './ops/reduce.js';
import * as resize from './ops/resize.js';
import * as roiAlign from './ops/roiAlign.js';
import * as sampling from './ops/sampling.js';
import * as scatter from './ops/scatter.js';
import * as selection from './ops/selection.js';
import * as sequence from './ops/sequence.js';
import * as shape from './ops/shape.js';
import * as fourier from './ops/signal/fourier.js';
import * as windows from './ops/signal/windows.js';
import * as softmax from './ops/softmax.js';
import * as stateful from './ops/stateful.js';
import * as unary from './ops/unary.js';
import * as unique from './ops/unique.js';
import * as unpool from './ops/unpool.js';

/** Files also export what several operators share. */
function isOperator(value: unknown): value is Operator {
  return typeof value === 'object' && value !== null && 'since' in value && 'evaluate' in value;
}

const families: readonly Readonly<Record<string, unknown>>[] = [
  activation,
  arithmetic,
  attention,
  batchNormalization,
  cast,
  centerCropPad,
  columns,
  comparison,
  constant,
  convolution,
  cumulative,
  deformable,
  determinant,
  einsum,
  gather,
  integer,
  losses,
  lpPool,
  magnitude,
  mask,
  matrix,
  nonMaxSuppression,
  normalization,
  order,
  pad,
  pool,
  quantize,
  quantizedProducts,
  range,
  rearrange,
  recurrent,
  reduce,
  resize,
  roiAlign,
  sampling,
  scatter,
  selection,
  sequence,
  shape,
  fourier,
  windows,
  softmax,
  stateful,
  unary,
  unique,
  unpool,
];

export const operators: readonly Operator[] = [
  ...families.flatMap((family) => Object.values(family).filter(isOperator)),
  ...control,
];

const byType: ReadonlyMap<string, Operator> = new Map(operators.map((operator) => [operator.type, operator]));

/** The operator of the default ONNX domain with this name. */
export function findOperator(type: string): Operator | undefined {
  return byType.get(type);
}
