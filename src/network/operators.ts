/** Every operator that can be imported. A new one is a definition in a file of ops/ and a line here. */
import { control } from './control/index.js';
import type { Operator } from './operator.js';
import {
  Celu,
  Clip,
  Elu,
  Gelu,
  HardSigmoid,
  HardSwish,
  LeakyRelu,
  Mish,
  PRelu,
  Relu,
  Selu,
  Shrink,
  Sigmoid,
  Softplus,
  Softsign,
  Swish,
  Tanh,
  ThresholdedRelu,
} from './ops/activation.js';
import { Add, Div, Max, Mean, Min, Mul, Pow, Sub, Sum } from './ops/arithmetic.js';
import { Attention, RotaryEmbedding } from './ops/attention.js';
import { BatchNormalization } from './ops/batchNormalization.js';
import { Cast, CastLike } from './ops/cast.js';
import { CenterCropPad } from './ops/centerCropPad.js';
import { Col2Im } from './ops/columns.js';
import { And, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Not, Or, Xor } from './ops/comparison.js';
import { Constant, ConstantOfShape } from './ops/constant.js';
import { Conv, ConvTranspose } from './ops/convolution.js';
import { CumProd, CumSum } from './ops/cumulative.js';
import { DeformConv } from './ops/deformable.js';
import { Det } from './ops/determinant.js';
import { Einsum } from './ops/einsum.js';
import { Compress, Gather, GatherElements, GatherND } from './ops/gather.js';
import { BitShift, BitwiseAnd, BitwiseNot, BitwiseOr, BitwiseXor, Mod } from './ops/integer.js';
import { NegativeLogLikelihoodLoss, SoftmaxCrossEntropyLoss } from './ops/losses.js';
import { GlobalLpPool, LpPool } from './ops/lpPool.js';
import { LpNormalization, LRN, RMSNormalization } from './ops/magnitude.js';
import { EyeLike, OneHot, Trilu, Where } from './ops/mask.js';
import { Gemm, MatMul } from './ops/matrix.js';
import { NonMaxSuppression } from './ops/nonMaxSuppression.js';
import {
  GroupNormalization,
  InstanceNormalization,
  LayerNormalization,
  MeanVarianceNormalization,
} from './ops/normalization.js';
import { ArgMax, ArgMin, Hardmax, TopK } from './ops/order.js';
import { Pad } from './ops/pad.js';
import { AveragePool, GlobalAveragePool, GlobalMaxPool, MaxPool } from './ops/pool.js';
import { DequantizeLinear, DynamicQuantizeLinear, QuantizeLinear } from './ops/quantize.js';
import { ConvInteger, MatMulInteger, QLinearConv, QLinearMatMul } from './ops/quantizedProducts.js';
import { Range } from './ops/range.js';
import { DepthToSpace, SpaceToDepth } from './ops/rearrange.js';
import { GRU, LSTM, RNN } from './ops/recurrent.js';
import {
  ReduceL1,
  ReduceL2,
  ReduceLogSum,
  ReduceLogSumExp,
  ReduceMax,
  ReduceMean,
  ReduceMin,
  ReduceProd,
  ReduceSum,
  ReduceSumSquare,
} from './ops/reduce.js';
import { Resize, Upsample } from './ops/resize.js';
import { RoiAlign } from './ops/roiAlign.js';
import { AffineGrid, GridSample } from './ops/sampling.js';
import { Scatter, ScatterElements, ScatterND } from './ops/scatter.js';
import { Concat, Slice, Split, Tile } from './ops/selection.js';
import { ReverseSequence } from './ops/sequence.js';
import {
  Dropout,
  Expand,
  Flatten,
  Identity,
  Reshape,
  Shape,
  Size,
  Squeeze,
  Transpose,
  Unsqueeze,
} from './ops/shape.js';
import { DFT, STFT } from './ops/signal/fourier.js';
import { BlackmanWindow, HammingWindow, HannWindow, MelWeightMatrix } from './ops/signal/windows.js';
import { LogSoftmax, Softmax } from './ops/softmax.js';
import { CausalConvWithState, LinearAttention } from './ops/stateful.js';
import {
  Abs,
  Acos,
  Acosh,
  Asin,
  Asinh,
  Atan,
  Atanh,
  Ceil,
  Cos,
  Cosh,
  Erf,
  Exp,
  Floor,
  IsInf,
  IsNaN,
  Log,
  Neg,
  Reciprocal,
  Round,
  Sign,
  Sin,
  Sinh,
  Sqrt,
  Tan,
} from './ops/unary.js';
import { NonZero, Unique } from './ops/unique.js';
import { MaxUnpool } from './ops/unpool.js';

export const operators: readonly Operator[] = [
  Relu,
  Sigmoid,
  Tanh,
  Softplus,
  Softsign,
  Mish,
  HardSwish,
  Swish,
  LeakyRelu,
  Elu,
  Selu,
  Celu,
  HardSigmoid,
  ThresholdedRelu,
  Shrink,
  Gelu,
  PRelu,
  Clip,
  Add,
  Sub,
  Mul,
  Div,
  Pow,
  Sum,
  Mean,
  Min,
  Max,
  Equal,
  Greater,
  Less,
  GreaterOrEqual,
  LessOrEqual,
  And,
  Or,
  Xor,
  Not,
  BitwiseAnd,
  BitwiseOr,
  BitwiseXor,
  BitwiseNot,
  BitShift,
  Mod,
  Constant,
  ConstantOfShape,
  Cast,
  CastLike,
  Conv,
  ConvTranspose,
  DeformConv,
  Col2Im,
  Gemm,
  MatMul,
  Einsum,
  BatchNormalization,
  LayerNormalization,
  InstanceNormalization,
  GroupNormalization,
  MeanVarianceNormalization,
  RMSNormalization,
  LpNormalization,
  LRN,
  RNN,
  LSTM,
  GRU,
  Attention,
  RotaryEmbedding,
  LinearAttention,
  CausalConvWithState,
  MaxPool,
  AveragePool,
  GlobalAveragePool,
  GlobalMaxPool,
  LpPool,
  GlobalLpPool,
  MaxUnpool,
  QuantizeLinear,
  DequantizeLinear,
  DynamicQuantizeLinear,
  QLinearConv,
  QLinearMatMul,
  ConvInteger,
  MatMulInteger,
  ReduceSum,
  ReduceMean,
  ReduceMax,
  ReduceMin,
  ReduceL1,
  ReduceL2,
  ReduceSumSquare,
  ReduceProd,
  ReduceLogSum,
  ReduceLogSumExp,
  Concat,
  Split,
  Slice,
  Gather,
  GatherElements,
  GatherND,
  Scatter,
  ScatterElements,
  ScatterND,
  Compress,
  Tile,
  Where,
  OneHot,
  EyeLike,
  Trilu,
  ReverseSequence,
  Range,
  NonZero,
  Unique,
  NonMaxSuppression,
  TopK,
  ArgMax,
  ArgMin,
  Hardmax,
  CumSum,
  CumProd,
  Det,
  Pad,
  Resize,
  Upsample,
  DepthToSpace,
  SpaceToDepth,
  GridSample,
  AffineGrid,
  RoiAlign,
  CenterCropPad,
  Identity,
  Dropout,
  Flatten,
  Reshape,
  Expand,
  Transpose,
  Squeeze,
  Unsqueeze,
  Shape,
  Size,
  Softmax,
  LogSoftmax,
  NegativeLogLikelihoodLoss,
  SoftmaxCrossEntropyLoss,
  Neg,
  Abs,
  Sqrt,
  Exp,
  Log,
  Reciprocal,
  Erf,
  Sin,
  Cos,
  Tan,
  Asin,
  Acos,
  Atan,
  Sinh,
  Cosh,
  Asinh,
  Acosh,
  Atanh,
  Sign,
  Floor,
  Ceil,
  Round,
  ...control,
  IsNaN,
  IsInf,
  DFT,
  STFT,
  HannWindow,
  HammingWindow,
  BlackmanWindow,
  MelWeightMatrix,
];

const byType: ReadonlyMap<string, Operator> = new Map(operators.map((operator) => [operator.type, operator]));

/** The operator of the default ONNX domain with this name. */
export function findOperator(type: string): Operator | undefined {
  return byType.get(type);
}
