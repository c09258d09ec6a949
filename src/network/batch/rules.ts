/**
 * How examples pass each operator. What is not here mixes them, or was not thought through: a file that fixes its batch and
 * leads examples through it is refused for any other batch.
 */
import { type BatchRule, unfollowed } from './apart.js';
import * as axes from './axes.js';
import * as forms from './forms.js';
import * as indexing from './indexing.js';
import {
  batchNormalization,
  elementOf,
  elementwise,
  perExample,
  pooled,
  quantization,
  resized,
} from './pointwise.js';
import { einsum, gemm, matmul } from './products.js';

/** One rule for several operators. */
function each(types: string, rule: BatchRule): [string, BatchRule][] {
  return types.split(' ').map((type) => [type, rule]);
}

export const rules: ReadonlyMap<string, BatchRule> = new Map<string, BatchRule>([
  ...each(
    'Relu Sigmoid Tanh Softplus Softsign Mish HardSwish Swish Shrink LeakyRelu Elu Selu Celu HardSigmoid ThresholdedRelu Gelu ' +
      'Neg Abs Sqrt Exp Log Reciprocal Erf Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Sign Floor Ceil Round IsNaN ' +
      'IsInf Not BitwiseNot Cast Identity Clip Dropout',
    elementOf,
  ),
  ...each('CastLike', ({ operands }) => operands[0]?.place),
  ...each(
    'Add Sub Mul Div Pow Sum Mean Min Max PRelu Equal Greater Less GreaterOrEqual LessOrEqual And Or Xor Mod BitShift ' +
      'BitwiseAnd BitwiseOr BitwiseXor Where',
    elementwise,
  ),
  ...each(
    'Conv ConvTranspose ConvInteger QLinearConv MaxUnpool LRN InstanceNormalization ' +
      'GroupNormalization DepthToSpace SpaceToDepth Col2Im STFT AffineGrid',
    perExample(0),
  ),
  ...each('MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool', pooled),
  ...each('GridSample', perExample(0, 1)),
  ...each('DeformConv', perExample(0, 2, 4)),
  ...each('RotaryEmbedding LinearAttention CausalConvWithState', forms.atFront),
  ['Attention', forms.attention],
  ['BatchNormalization', batchNormalization],
  ...each('QuantizeLinear DequantizeLinear', quantization),
  ['Resize', resized(2)],
  ['Upsample', resized(1)],
  ['CenterCropPad', resized(-1)],
  ...each('Softmax LogSoftmax Hardmax', axes.softmax),
  ...each('LpNormalization TopK', axes.within()),
  ...each('CumSum CumProd', axes.within({ operand: 1 })),
  ...each('LayerNormalization RMSNormalization', axes.within({ onwards: () => true })),
  ['MeanVarianceNormalization', axes.withinAxes],
  ...each(
    'ReduceSum ReduceMean ReduceProd ReduceMax ReduceMin ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp',
    axes.reduced,
  ),
  ...each('ArgMax ArgMin', axes.extreme),
  ['Concat', axes.concat],
  ['Split', axes.split],
  ['Slice', axes.slice],
  ['Tile', axes.tile],
  ['Pad', axes.pad],
  ['Compress', axes.compress],
  ['ReverseSequence', axes.reverseSequence],
  ['Trilu', axes.matrices(0)],
  ['Det', axes.matrices(2)],
  ['DFT', axes.fourier],
  ['Transpose', forms.transpose],
  ...each('Reshape Flatten', forms.reshape),
  ['Squeeze', forms.squeeze],
  ['Unsqueeze', forms.unsqueeze],
  ['Expand', forms.expand],
  ['OneHot', forms.oneHot],
  ...each('RNN GRU LSTM', forms.recurrent),
  ['Gather', indexing.gather],
  ['GatherElements', indexing.gatherElements],
  ['GatherND', indexing.gatherTuples],
  ...each('Scatter ScatterElements', indexing.scatterElements),
  ['ScatterND', indexing.scatterTuples],
  ['TensorScatter', indexing.tensorScatter],
  ['MatMul', matmul(0, 1)],
  ['MatMulInteger', matmul(0, 1)],
  ['QLinearMatMul', matmul(0, 3)],
  ['Gemm', gemm],
  ['Einsum', einsum],
  ['DynamicQuantizeLinear', () => unfollowed('one scale is found for the whole batch')],
]);

/** Operators that see shapes only. */
export const seesShapes: ReadonlySet<string> = new Set(['Shape', 'Size', 'EyeLike']);

/** Operands that may say how many examples there are: shapes that are asked for. */
export const askedShapes: ReadonlyMap<string, number> = new Map([
  ['Reshape', 1],
  ['Expand', 1],
  ['CenterCropPad', 1],
  ['AffineGrid', 1],
  ['Resize', 3],
  ['MaxUnpool', 2],
]);
