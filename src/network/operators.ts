/** Every operator that can be imported. A new one is a definition in a file of ops/ and a line here. */
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
  Sigmoid,
  Softplus,
  Softsign,
  Tanh,
  ThresholdedRelu,
} from './ops/activation.js';
import { Add, Div, Max, Mean, Min, Mul, Pow, Sub, Sum } from './ops/arithmetic.js';
import { Attention, RotaryEmbedding } from './ops/attention.js';
import { BatchNormalization } from './ops/batchNormalization.js';
import { And, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Not, Or, Xor } from './ops/comparison.js';
import { Cast, Constant, ConstantOfShape } from './ops/constant.js';
import { Conv, ConvTranspose } from './ops/convolution.js';
import { Einsum } from './ops/einsum.js';
import { NegativeLogLikelihoodLoss, SoftmaxCrossEntropyLoss } from './ops/losses.js';
import { LpNormalization, LRN, RMSNormalization } from './ops/magnitude.js';
import { Gemm, MatMul } from './ops/matrix.js';
import {
  GroupNormalization,
  InstanceNormalization,
  LayerNormalization,
  MeanVarianceNormalization,
} from './ops/normalization.js';
import { AveragePool, GlobalAveragePool, GlobalMaxPool, MaxPool } from './ops/pool.js';
import { DequantizeLinear, QuantizeLinear } from './ops/quantize.js';
import { GRU, LSTM, RNN } from './ops/recurrent.js';
import {
  ReduceL1,
  ReduceL2,
  ReduceMax,
  ReduceMean,
  ReduceMin,
  ReduceSum,
  ReduceSumSquare,
} from './ops/reduce.js';
import { Concat, Gather, Pad, Slice, Split, Tile, Where } from './ops/selection.js';
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
import { LogSoftmax, Softmax } from './ops/softmax.js';
import {
  Abs,
  Ceil,
  Cos,
  Erf,
  Exp,
  Floor,
  Log,
  Neg,
  Reciprocal,
  Round,
  Sign,
  Sin,
  Sqrt,
} from './ops/unary.js';

export const operators: readonly Operator[] = [
  Relu,
  Sigmoid,
  Tanh,
  Softplus,
  Softsign,
  Mish,
  HardSwish,
  LeakyRelu,
  Elu,
  Selu,
  Celu,
  HardSigmoid,
  ThresholdedRelu,
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
  Constant,
  ConstantOfShape,
  Cast,
  Conv,
  ConvTranspose,
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
  MaxPool,
  AveragePool,
  GlobalAveragePool,
  GlobalMaxPool,
  QuantizeLinear,
  DequantizeLinear,
  ReduceSum,
  ReduceMean,
  ReduceMax,
  ReduceMin,
  ReduceL1,
  ReduceL2,
  ReduceSumSquare,
  Concat,
  Split,
  Slice,
  Gather,
  Tile,
  Where,
  Pad,
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
  Sign,
  Floor,
  Ceil,
  Round,
];

const byType: ReadonlyMap<string, Operator> = new Map(operators.map((operator) => [operator.type, operator]));

/** The operator of the default ONNX domain with this name. */
export function findOperator(type: string): Operator | undefined {
  return byType.get(type);
}
