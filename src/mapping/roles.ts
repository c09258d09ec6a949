/**
 * What an operand is to its operator, where it is stored and the others are activations. Whatever has no role here is a weight
 * without a place on a crossbar.
 */
import { stringAttribute } from '../onnx/attributes.js';
import type { Node } from '../onnx/model.js';
import { isStandard } from '../onnx/walk.js';
import { movesOnly } from './mixing.js';

/**
 * The first four do no harm, whatever they hold. The others change activations element by element: how much of them is
 * harmless, and what may follow, is in meetings.ts and traces.ts.
 */
export type Role =
  | 'shape, axes or indices'
  | 'bias'
  | 'normalization'
  | 'quantization'
  | 'bound'
  | 'slope'
  | 'state'
  | 'mask'
  | 'scale'
  | 'shift'
  | 'beside'
  | 'choice';

type Positions = Readonly<Record<number, Role>>;

const index = 'shape, axes or indices';
const rest = (role: Role, from = 0, to = 64): Positions =>
  Object.fromEntries(Array.from({ length: to - from }, (_, i) => [i + from, role]));

const both = (role: Role): Positions => ({ 0: role, 1: role });

const each = (names: string, positions: Positions): [string, Positions][] =>
  names.split(' ').map((name) => [name, positions]);

/** Input positions of ONNX's own operators. */
const standard: ReadonlyMap<string, Positions> = new Map([
  ...each('Conv ConvTranspose Gemm', { 2: 'bias' }),
  ...each('DeformConv', { 3: 'bias' }),
  ...each('RNN LSTM GRU', { 3: 'bias', 4: index, 5: 'state', 6: 'state' }),
  ...each('BatchNormalization', rest('normalization', 1, 5)),
  ...each('InstanceNormalization LayerNormalization GroupNormalization', {
    1: 'normalization',
    2: 'normalization',
  }),
  ...each('RMSNormalization SimplifiedLayerNormalization', { 1: 'normalization' }),
  ...each('QuantizeLinear DequantizeLinear', { 1: 'quantization', 2: 'quantization' }),
  ...each('Clip', { 1: 'bound', 2: 'bound' }),
  ...each('PRelu', { 1: 'slope' }),
  ...each('Pow', { 1: 'slope' }),
  ...each('Max Min', rest('bound')),
  ...each('Mul Div', both('scale')),
  ...each('Add Sub Mod', both('shift')),
  ...each('Sum Mean', rest('shift')),
  ...each(
    'Equal Greater Less GreaterOrEqual LessOrEqual And Or Xor BitwiseAnd BitwiseOr BitwiseXor',
    both('shift'),
  ),
  ...each('Where', { 0: 'mask', 1: 'choice', 2: 'choice' }),
  ...each('Concat SequenceConstruct', rest('beside')),
  ...each('ScatterND ScatterElements Scatter TensorScatter', { 0: 'beside', 1: index, 2: 'beside' }),
  ...each(
    'Reshape Expand Tile Squeeze Unsqueeze Split TopK CumSum CumProd Trilu CenterCropPad ReverseSequence Compress Gather GatherElements ' +
      'GatherND MaxUnpool OneHot AffineGrid SequenceAt SplitToSequence',
    { 1: index },
  ),
  ...each('MaxUnpool OneHot Dropout', { 1: index, 2: index }),
  ...each('RoiAlign', { 2: index }),
  ...each('Slice Resize DFT', rest(index, 1, 5)),
  ...each('STFT', { 1: index, 2: 'scale', 3: index }),
  ...each('Upsample', { 1: index }),
  ...each('Pad', { 1: index, 2: 'bound', 3: index }),
  ...each('NonMaxSuppression', rest(index, 2, 5)),
  ...each('Range ConstantOfShape', rest(index, 0, 3)),
  ...each('RotaryEmbedding', { 1: 'scale', 2: 'scale', 3: index }),
  ...each('Attention', { 3: 'mask', 6: index }),
  ...each(
    'ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare',
    {
      1: index,
    },
  ),
]);

/** Of products of integer codes, all but the codes. */
const integer: ReadonlyMap<string, Positions> = new Map([
  ...each('QLinearConv QGemm', { ...rest('quantization', 1, 3), ...rest('quantization', 4, 9) }),
  ...each('QLinearMatMul', { ...rest('quantization', 1, 3), ...rest('quantization', 4, 8) }),
  ...each('ConvInteger MatMulInteger', rest('quantization', 2, 4)),
  ...each('MatMulIntegerToFloat DynamicQuantizeMatMul MatMulNBits', rest('quantization', 2, 7)),
  ...each('QAttention', rest('quantization', 2, 8)),
  ...each('DynamicQuantizeLSTM', { ...rest('quantization', 3, 7), ...rest('quantization', 8, 12) }),
]);

/** Of onnxruntime's own operators, those that are known to be biases and normalizations. */
const contributed: ReadonlyMap<string, Positions> = new Map([
  ...each('QuantizeLinear DequantizeLinear', { 1: 'quantization', 2: 'quantization' }),
  ...each('BiasGelu FastGelu BiasAdd BiasSplitGelu', { 1: 'bias' }),
  ...each('SkipLayerNormalization', rest('normalization', 2, 5)),
  ...each('SkipSimplifiedLayerNormalization', { 2: 'normalization', 3: 'normalization' }),
  ...each('GroupNorm SkipGroupNorm', { 1: 'normalization', 2: 'normalization' }),
]);

export function roleOf(node: Node, position: number): Role | undefined {
  const codes = integer.get(node.opType);
  if (codes) return codes[position];
  if (isStandard(node)) {
    const role = standard.get(node.opType)?.[position];
    if (role === undefined && position === 1 && movesOnly(node)) return index;
    return role === 'beside' ? besideOf(node) : role;
  }
  return node.domain === 'com.microsoft' ? contributed.get(node.opType)?.[position] : undefined;
}

/** ScatterND and its like may multiply, add or compare what they put in place. */
function besideOf(node: Node): Role {
  const reduction = stringAttribute(node, 'reduction') ?? 'none';
  if (reduction === 'none') return 'beside';
  if (reduction === 'add') return 'shift';
  return reduction === 'mul' ? 'scale' : 'bound';
}

/** How a report names what needs no noise. */
export const reasons: Readonly<Record<Role, string>> = {
  [index]: 'shape, axes or indices',
  bias: 'bias',
  normalization: 'normalization',
  quantization: 'scale or zero point of a quantization',
  bound: 'bound',
  slope: 'slope or exponent of an activation',
  state: 'initial state',
  mask: 'mask',
  scale: 'scale per channel',
  shift: 'added or compared (bias, position, threshold)',
  beside: 'stands beside activations (token, padding)',
  choice: 'chosen in place of activations (token, padding)',
};
