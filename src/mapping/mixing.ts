/**
 * What an operator does to each element of what it is given, as far as traces of stored values go (traces.ts). By exclusion: an
 * operator that stands here nowhere may mix its elements in any way.
 */
import { intAttribute, stringAttribute } from '../onnx/attributes.js';
import type { Node } from '../onnx/model.js';
import { isStandard } from '../onnx/walk.js';

/**
 * `linear`: element by element, what is added stays added; `bending`: element by element, in any other way; `placing`: elements
 * stay on their axes; `moving`: they do not; `summing`, `norm`, `extreme`: over the axes that it runs along; `normalizing`: divides
 * by something of the elements; `softmax`; `layer`: a product; `choosing`: its outputs are places, or choices of the elements;
 * `unknown`.
 */
export type Mixing =
  | 'linear'
  | 'bending'
  | 'placing'
  | 'moving'
  | 'summing'
  | 'norm'
  | 'extreme'
  | 'normalizing'
  | 'softmax'
  | 'layer'
  | 'choosing'
  | 'unknown';

const each = (mixing: Mixing, names: string): [string, Mixing][] =>
  names.split(' ').map((name) => [name, mixing]);

const standard: ReadonlyMap<string, Mixing> = new Map([
  ...each('linear', 'Identity Cast CastLike Dropout Neg Add Sub Sum Mean Mul Div Where Trilu'),
  // The same values, rounded.
  ...each('linear', 'QuantizeLinear DequantizeLinear DynamicQuantizeLinear Round Floor Ceil'),
  ...each('linear', 'BatchNormalization Scaler Imputer OptionalGetElement Optional'),
  ...each('bending', 'Relu LeakyRelu PRelu ThresholdedRelu Elu Celu Selu Gelu Swish HardSwish Mish Softplus'),
  ...each(
    'bending',
    'Shrink Clip Sigmoid HardSigmoid Tanh Softsign Erf Sqrt Exp Log Reciprocal Abs Sign Pow',
  ),
  ...each('bending', 'Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Asinh Acosh Atanh Max Min Mod BitShift'),
  ...each('bending', 'Equal Greater Less GreaterOrEqual LessOrEqual Not And Or Xor IsNaN IsInf'),
  ...each('bending', 'BitwiseAnd BitwiseOr BitwiseXor BitwiseNot Binarizer Bernoulli'),
  ...each('placing', 'Slice Pad Concat Split GatherElements TopK CenterCropPad'),
  ...each('placing', 'ScatterND ScatterElements Scatter TensorScatter ReverseSequence'),
  ...each('moving', 'Reshape Flatten Squeeze Unsqueeze Transpose Expand Tile DepthToSpace SpaceToDepth'),
  ...each('moving', 'Gather GatherND Compress SequenceConstruct SequenceAt SequenceInsert SequenceErase'),
  ...each('moving', 'SplitToSequence ConcatFromSequence MaxUnpool RotaryEmbedding'),
  ...each('summing', 'ReduceSum ReduceMean ReduceLogSum CumSum AveragePool GlobalAveragePool RoiAlign'),
  ...each('summing', 'Resize Upsample GridSample DFT STFT Col2Im Det AffineGrid'),
  ...each('norm', 'ReduceL1 ReduceL2 ReduceSumSquare LpPool GlobalLpPool'),
  // Of what is added or of distances, the largest; or the logarithm of a sum of products.
  ...each(
    'extreme',
    'ReduceMax ReduceMin ReduceLogSumExp ReduceProd MaxPool GlobalMaxPool MaxRoiPool CumProd',
  ),
  ...each('normalizing', 'InstanceNormalization GroupNormalization LayerNormalization RMSNormalization'),
  ...each('normalizing', 'LpNormalization MeanVarianceNormalization LRN SimplifiedLayerNormalization'),
  ...each('normalizing', 'Normalizer'),
  ...each('softmax', 'Softmax LogSoftmax'),
  ...each('layer', 'MatMul Gemm Conv ConvTranspose DeformConv CausalConvWithState Einsum Attention'),
  ...each('layer', 'LinearAttention RNN LSTM GRU QLinearConv QLinearMatMul ConvInteger MatMulInteger'),
  ...each('choosing', 'ArgMax ArgMin Hardmax NonZero Unique NonMaxSuppression OneHot Multinomial'),
  ...each('choosing', 'SequenceLength SequenceEmpty OptionalHasElement'),
]);

const contributed: ReadonlyMap<string, Mixing> = new Map([
  ...each('linear', 'QuantizeLinear DequantizeLinear BiasAdd'),
  ...each('bending', 'Gelu FastGelu QuickGelu BiasGelu QLinearSigmoid QLinearLeakyRelu'),
  ...each('normalizing', 'SkipLayerNormalization SkipSimplifiedLayerNormalization GroupNorm SkipGroupNorm'),
  ...each('softmax', 'QLinearSoftmax'),
]);

export function mixingOf(node: Node): Mixing {
  const { opType, domain } = node;
  if (domain === 'com.microsoft') return contributed.get(opType) ?? 'unknown';
  // Those of ai.onnx.ml have names of their own.
  if (!isStandard(node) && domain !== 'ai.onnx.ml') return 'unknown';
  if (movesOnly(node)) return 'placing';
  if (opType.startsWith('Scatter') && (stringAttribute(node, 'reduction') ?? 'none') !== 'none')
    return 'summing';
  return standard.get(opType) ?? 'unknown';
}

/** Whether each number that a Resize, a GridSample or their like give is one that they were given. */
export function movesOnly(node: Node): boolean {
  const { opType } = node;
  if (opType === 'Resize' || opType === 'Upsample')
    return (stringAttribute(node, 'mode') ?? 'nearest') === 'nearest' && !intAttribute(node, 'antialias');
  return opType === 'GridSample' && stringAttribute(node, 'mode') === 'nearest';
}
