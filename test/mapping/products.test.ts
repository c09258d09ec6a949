/** Every way found to write a product with a stored vector, or a distance from it, without a layer: none may pass. */
import { expect, test } from 'vitest';
import { classify } from '../../src/mapping/classify.js';
import { arrange } from '../../src/mapping/digital.js';
import { makeGraph, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { openSession } from '../../src/runtime/session.js';
import { drawn, type Line } from './lines.js';

const { BOOL, FLOAT, INT8, INT64 } = DataType;
type Shape = (number | string)[];
const floats = (name: string, dims: number[], values: number[]) => makeTensor(name, FLOAT, dims, values);
/** A body of i (the iteration) and c, c2 (whether it goes on), and floats. */
function body(nodes: Node[], inputs: string[], outputs: string[]) {
  const type = (name: string) => (name === 'i' ? INT64 : name.startsWith('c') ? BOOL : FLOAT);
  const infos = (names: string[]) => names.map((name) => tensorInfo(name, type(name)));
  return { graph: makeGraph({ nodes, inputs: infos(inputs), outputs: infos(outputs) }) };
}
/** Operands of a Resize. */
const scales = makeTensor('fscales', FLOAT, [4], [1, 1, 1, 0.5]);

type Case = [shape: Shape, lines: Line[], given?: Tensor[]];

const flat: Shape = ['N', 8];
const tokens: Shape = ['N', 6, 8];
/** x [N, 8] beside eight rows of prototypes: differences [N, 4, 8]. */
const apart: Line[] = [
  ['Unsqueeze', 'x i_1', 'u'],
  ['Sub', 'u f_4x8', 'd'],
];
const sum: Line = ['ReduceSum', 's i_-1', 'y', { keepdims: 0 }];
const scaled: Line = ['Mul', 'x f_8', 'p'];
const of = (type: string, from = 'd', to = 's'): Line => [type, from, to];

const differences: Record<string, Case> = {
  'without sign, as the larger of both signs': [
    flat,
    [...apart, of('Neg', 'd', 'e'), ['Max', 'd e', 's'], sum],
  ],
  'without sign, as two rectifiers': [
    flat,
    [...apart, of('Neg', 'd', 'e'), of('Relu', 'd', 'a'), of('Relu', 'e', 'b'), ['Add', 'a b', 's'], sum],
  ],
  'without sign, as x times its sign': [flat, [...apart, of('Sign', 'd', 'e'), ['Mul', 'd e', 's'], sum]],
  'without sign, as a root of a square': [flat, [...apart, ['Mul', 'd d', 'e'], of('Sqrt', 'e', 's'), sum]],
  'without sign, chosen': [
    flat,
    [...apart, ['Less', 'd n_0', 'c'], of('Neg', 'd', 'e'), ['Where', 'c e d', 's'], sum],
  ],
  'as the distance of the larger and the smaller': [
    flat,
    [['Unsqueeze', 'x i_1', 'u'], ['Max', 'u f_4x8', 'a'], ['Min', 'u f_4x8', 'b'], ['Sub', 'a b', 's'], sum],
  ],
  'squared by Pow': [flat, [...apart, ['Pow', 'd n_2', 's'], sum]],
  'squared in two ways': [flat, [...apart, of('Identity', 'd', 'e'), ['Mul', 'd e', 's'], sum]],
  'in the exponent, from one prototype': [
    flat,
    [['Sub', 'x f_8', 'd'], ['Mul', 'd d', 'q'], of('Neg', 'q', 'e'), of('Exp', 'e', 's'), sum],
  ],
  'of maxima': [flat, [...apart, ['ReduceMax', 'd i_-1', 'y', { keepdims: 0 }]]],
  'by a maximum of the absolute': [flat, [...apart, of('Abs'), ['ReduceMax', 's i_-1', 'y']]],
  'by L1': [flat, [...apart, ['ReduceL1', 'd i_-1', 'y']]],
  'by L2': [flat, [...apart, ['ReduceL2', 'd i_-1', 'y']]],
  'by the sum of squares': [flat, [...apart, ['ReduceSumSquare', 'd i_-1', 'y']]],
  'by a product of differences': [flat, [...apart, ['ReduceProd', 'd i_-1', 'y']]],
  'by the logarithm of the sum of exponents': [flat, [...apart, ['ReduceLogSumExp', 'd i_-1', 'y']]],
  'by a softmax over them': [flat, [...apart, ['Softmax', 'd', 'y', { axis: -1 }]]],
  'by a softmax over them, written out': [
    flat,
    [...apart, of('Exp', 'd', 's'), ['ReduceSum', 's i_-1', 't'], ['Div', 's t', 'y']],
  ],
  'as matches that are counted': [
    flat,
    [['Unsqueeze', 'x i_1', 'u'], ['Greater', 'u f_4x8', 'd'], ['Cast', 'd', 's', { to: 1 }], sum],
  ],
  'squared by a product with itself': [
    flat,
    [
      ['Sub', 'x f_8', 'd'],
      ['Unsqueeze', 'd i_1', 'a'],
      ['Unsqueeze', 'd i_2', 'b'],
      ['Mul', 'd d', 's'],
      sum,
    ],
  ],
  'of single rows, stacked, and the largest': [
    flat,
    [
      ...[0, 1, 2].flatMap((i): Line[] => [
        ['Add', `x f${'abc'[i]}_8`, `p${i}`],
        ['Unsqueeze', `p${i} i_1`, `u${i}`],
      ]),
      ['Concat', 'u0 u1 u2', 'd', { axis: 1 }],
      ['ReduceMax', 'd i_-1', 'y', { keepdims: 0 }],
    ],
  ],
};
for (const type of [
  ...[
    'Relu',
    'Sigmoid',
    'Tanh',
    'Cos',
    'Sin',
    'Abs',
    'Exp',
    'Softplus',
    'Erf',
    'Sqrt',
    'Log',
    'Reciprocal',
    'Gelu',
  ],
  ...['Sign', 'LeakyRelu', 'Elu', 'HardSigmoid', 'HardSwish', 'Mish', 'Softsign', 'ThresholdedRelu', 'Atan'],
  ...['Asinh', 'Cosh', 'Selu', 'Celu', 'Tan'],
]) {
  differences[`bent by ${type}`] = [flat, [...apart, of(type), sum]];
}

const products: Record<string, Case> = {
  'a mean': [flat, [scaled, ['ReduceMean', 'p i_-1', 'y']]],
  'a sum of logarithms': [
    flat,
    [['Log', 'x', 'l'], ['Mul', 'l f_8', 'p'], of('Exp', 'p', 's'), ['ReduceProd', 's i_-1', 'y']],
  ],
  'the sum after a batch normalization': [
    flat,
    [scaled, ['BatchNormalization', 'p fone_8 fzero_8 fm_8 fv_8', 's'], sum],
  ],
  'the scale of a batch normalization': [flat, [['BatchNormalization', 'x f_8 fzero_8 fm_8 fv_8', 's'], sum]],
  'the scale of a layer normalization': [flat, [['LayerNormalization', 'x f_8 fzero_8', 's'], sum]],
  'behind a layer normalization': [flat, [scaled, ['LayerNormalization', 'p fnone_8', 's'], sum]],
  'the scale of an instance normalization': [
    ['N', 8, 4],
    [
      ['InstanceNormalization', 'x f_8 fzero_8', 's'],
      ['ReduceSum', 's i_1', 'y'],
    ],
  ],
  'behind a quotient': [flat, [['Div', 'x f_8', 's'], sum]],
  'a stored numerator': [flat, [['Div', 'f_8 x', 's'], sum]],
  'scaled denominators': [flat, [scaled, ['Div', 'n_1 p', 's'], sum]],
  DFT: [
    ['N', 8, 1],
    [
      ['Mul', 'x f_1x8x1', 'p'],
      ['DFT', 'p', 'y'],
    ],
  ],
  'DFT along the axis of an operand': [
    ['N', 8, 1],
    [
      ['Mul', 'x f_1x8x1', 'p'],
      ['DFT', 'p - s_1', 'y'],
    ],
  ],
  'STFT of scaled signals': [
    ['N', 16, 1],
    [
      ['Mul', 'x f_1x16x1', 'p'],
      ['STFT', 'p s_4 - sl_8', 'y'],
    ],
  ],
  'the window of STFT': [['N', 16, 1], [['STFT', 'x s_4 f_8', 'y']]],
  'Resize, linear': [
    ['N', 1, 1, 8],
    [
      ['Mul', 'x f_1x1x1x8', 'p'],
      ['Resize', 'p - fscales', 'y', { mode: 'linear' }],
    ],
  ],
  'Resize, cubic': [
    ['N', 1, 8, 8],
    [
      ['Mul', 'x f_1x1x8x1', 'p'],
      ['Resize', 'p - - i_1_1_2_2', 'y', { mode: 'cubic' }],
    ],
  ],
  'scattered sums': [
    ['N', 8],
    [scaled, ['ScatterElements', 'x i_0 p', 'y', { axis: 1, reduction: 'add' }]],
  ],
  AveragePool: [
    ['N', 1, 1, 8],
    [
      ['Mul', 'x f_1x1x1x8', 'p'],
      ['AveragePool', 'p', 'y', { kernel_shape: [1, 8] }],
    ],
  ],
  GlobalAveragePool: [
    ['N', 1, 1, 8],
    [['Mul', 'x f_1x1x1x8', 'p'], of('GlobalAveragePool', 'p', 'y')],
  ],
  GlobalLpPool: [
    ['N', 1, 1, 8],
    [['Mul', 'x f_1x1x1x8', 'p'], of('GlobalLpPool', 'p', 'y')],
  ],
  LpPool: [
    ['N', 1, 1, 8],
    [
      ['Mul', 'x f_1x1x1x8', 'p'],
      ['LpPool', 'p', 'y', { kernel_shape: [1, 8] }],
    ],
  ],
  'the largest product': [flat, [scaled, ['ReduceMax', 'p i_-1', 'y']]],
  CumSum: [flat, [scaled, ['CumSum', 'p i_1', 'y']]],
  'CumSum, its last': [flat, [scaled, ['CumSum', 'p i_1', 'c'], ['Gather', 'c i_7', 'y', { axis: 1 }]]],
  'GridSample between places': [['N', 1, 8, 8], [['GridSample', 'x f_1x4x4x2', 'y']]],
  'GridSample of scaled pictures': [
    ['N', 1, 8, 8],
    [
      ['Mul', 'x f_1x1x8x1', 'p'],
      ['Slice', 'x i_0 i_2 i_3', 'g1'],
      ['Reshape', 'g1 i_0_4_2_2', 'g'],
      ['GridSample', 'p g', 'y'],
    ],
  ],
  'RoiAlign of stored places': [['N', 1, 8, 8], [['RoiAlign', 'x f_2x4 i_0_0', 'y']]],
  'RotaryEmbedding with any tables': [tokens, [['RotaryEmbedding', 'x f_6x4 fs_6x4', 'y', { num_heads: 1 }]]],
  'turned by tables scaled by two numbers': [
    tokens,
    [
      ['Cos', 'f_6x8', 'c1'],
      ['Sin', 'f_6x8', 'z1'],
      ['Mul', 'c1 n_1.2', 'c'],
      ['Mul', 'z1 n_1', 'z'],
      ['Mul', 'x c', 'xc'],
      ['Neg', 'x', 'm'],
      ['Mul', 'm z', 'xz'],
      ['Add', 'xc xz', 'r'],
      ['Transpose', 'r', 't', { perm: [0, 2, 1] }],
      ['MatMul', 'r t', 'y'],
    ],
  ],
  'products added one by one': [
    flat,
    [
      ['Split', 'x', 'a b c d e f g h', { axis: 1, num_outputs: 8 }],
      ...[...'abcdefgh'].map((part, i): Line => ['Mul', `${part} n_0.${i + 1}`, `p${i}`]),
      ['Add', 'p0 p1', 'q1'],
      ...[2, 3, 4, 5, 6, 7].map((i): Line => ['Add', `q${i - 1} p${i}`, i === 7 ? 'y' : `q${i}`]),
    ],
  ],
  'products added at once': [
    flat,
    [
      ['Split', 'x', 'a b c d e f g h', { axis: 1, num_outputs: 8 }],
      ...[...'abcdefgh'].map((part, i): Line => ['Mul', `${part} n_0.${i + 1}`, `p${i}`]),
      ['Sum', 'p0 p1 p2 p3 p4 p5 p6 p7', 'y'],
    ],
  ],
  'products stacked and summed': [
    flat,
    [
      ['Split', 'x', 'a b c d e f g h', { axis: 1, num_outputs: 8 }],
      ...[...'abcdefgh'].map((part, i): Line => ['Mul', `${part} n_0.${i + 1}`, `p${i}`]),
      ['Concat', 'p0 p1 p2 p3 p4 p5 p6 p7', 's', { axis: 1 }],
      sum,
    ],
  ],
  'slices of scaled activations that are added': [
    flat,
    [scaled, ['Split', 'p', 'a b c d e f g h', { axis: 1, num_outputs: 8 }], ['Sum', 'a b c d e f g h', 'y']],
  ],
  'halves of scaled activations that are added, and halves of these': [
    flat,
    [
      scaled,
      ['Split', 'p', 'a b', { axis: 1, num_outputs: 2 }],
      ['Add', 'a b', 'c'],
      ['Split', 'c', 'd e', { axis: 1, num_outputs: 2 }],
      ['Add', 'd e', 'f'],
      ['Split', 'f', 'g h', { axis: 1, num_outputs: 2 }],
      ['Add', 'g h', 'y'],
    ],
  ],
  'a stored row beside the activations, multiplied with them': [
    [1, 8],
    [
      ['Concat', 'x f_1x8', 'k', { axis: 0 }],
      ['Slice', 'k i_0 i_1 i_0', 'a'],
      ['Slice', 'k i_1 i_2 i_0', 'b'],
      ['Mul', 'a b', 's'],
      sum,
    ],
  ],
  'stored keys beside those of the activations': [
    tokens,
    [
      ['Expand', 'f_1x2x8 i_1_2_8', 'w'],
      ['Concat', 'x w', 'k', { axis: 1 }],
      ['Transpose', 'k', 't', { perm: [0, 2, 1] }],
      ['MatMul', 'x t', 'y'],
    ],
  ],
  'tokens scaled by place, a layer, and their sum': [
    tokens,
    [
      ['Mul', 'x f_6x1', 'p'],
      ['MatMul', 'p f_8x8', 'm'],
      ['ReduceSum', 'm i_1', 'y'],
    ],
  ],
  'a table for all activations before a layer': [
    tokens,
    [
      ['Mul', 'x f_6x8', 'p'],
      ['MatMul', 'p f_8x8', 'y'],
    ],
  ],
  'a table for all activations, summed': [
    tokens,
    [
      ['Mul', 'x f_6x8', 'p'],
      ['ReduceSum', 'p i_1_2', 'y'],
    ],
  ],
  'a product by Einsum with ones': [flat, [scaled, ['Einsum', 'p', 'y', { equation: 'ij->i' }]]],
  'a table of which a Gather takes rows by place': [
    tokens,
    [['Gather', 'f_9x8 i_3_1_4_1_5_2', 'w', { axis: 0 }], ['Mul', 'x w', 's'], sum],
  ],
  'cosines alone': [tokens, [['Cos', 'f_6x8', 'w'], ['Mul', 'x w', 's'], sum]],
  slopes: [flat, [['PRelu', 'x f_8', 's'], sum]],
  'a stored base of powers': [flat, [['Pow', 'f_8 x', 's'], sum]],
  'stored bounds': [flat, [['Min', 'x f_8', 's'], sum]],
  'stored numbers in place of activations': [
    flat,
    [['Greater', 'x n_0', 'c'], ['Cast', 'c', 'k', { to: 1 }], ['Mul', 'k f_8', 's'], sum],
  ],
  'moved before it is summed': [
    tokens,
    [
      ['Mul', 'x f_8', 'p'],
      ['Transpose', 'p', 't', { perm: [2, 0, 1] }],
      ['Reshape', 't i_8_-1', 'r'],
      ['ReduceSum', 'r i_0', 'y'],
    ],
  ],
  'in two axes, one after the other': [
    tokens,
    [
      ['Mul', 'x f_8', 'p'],
      ['Reshape', 'p i_0_6_2_4', 'r'],
      ['ReduceSum', 'r i_-1', 'q'],
      ['Transpose', 'q', 'y', { perm: [0, 2, 1, 3] }],
    ],
  ],
};

const others: Record<string, Case> = {
  'codes that are read on other grids': [
    flat,
    [['QuantizeLinear', 'x n_0.1 zz', 'q'], ['DequantizeLinear', 'q f_8 zzz', 's', { axis: 1 }], sum],
    [makeTensor('zz', INT8, [], [0]), makeTensor('zzz', INT8, [8], new Array(8).fill(0))],
  ],
  'codes on a grid for each channel': [
    flat,
    [['QuantizeLinear', 'x fabs_8 zzz', 'q', { axis: 1 }], ['DequantizeLinear', 'q n_0.1 zz', 's'], sum],
    [makeTensor('zz', INT8, [], [0]), makeTensor('zzz', INT8, [8], new Array(8).fill(0))],
  ],
  exponents: [flat, [['Pow', 'x f_8', 's'], sum]],
  'a determinant': [
    [1, 2],
    [
      ['Concat', 'x f_1x2', 'k', { axis: 0 }],
      ['Det', 'k', 'y'],
    ],
  ],
  'the products of two rows': [
    [1, 8],
    [['Concat', 'x f_1x8', 'k', { axis: 0 }], ['ReduceProd', 'k i_0', 's'], sum],
  ],
  'an Einsum that sums one operand alone': [
    flat,
    [
      ['Mul', 'x f_8', 'p'],
      ['ReduceMax', 'x i_1', 'm'],
      ['Einsum', 'p m', 'y', { equation: 'ij,ik->ik' }],
    ],
  ],
  'activations as the kernel of a stored signal': [['N', 1, 8], [['Conv', 'f_1x1x8 x', 'y']]],
  'a convolution written out behind a layer': [
    ['N', 8, 16],
    [
      ['Conv', 'x f_8x8x1', 'c'],
      ['Slice', 'c i_0 i_14 i_2', 'a'],
      ['Slice', 'c i_1 i_15 i_2', 'b'],
      ['Mul', 'a fa_1x8x1', 'p'],
      ['Mul', 'b fb_1x8x1', 'q'],
      ['Add', 'p q', 'y'],
    ],
  ],
  'stored numbers, one by one': [
    flat,
    [
      ...[0, 1, 2, 3, 4, 5].flatMap((i): any => [
        ['Gather', `x s_${i}`, `a${i}`, { axis: 1 }],
        ['Gather', `f_8 s_${i}`, `w${i}`],
        ['Mul', `a${i} w${i}`, `p${i}`],
      ]),
      ['Sum', 'p0 p1 p2 p3 p4 p5', 'y'],
    ],
  ],
  'an affine grid': [
    ['N', 2, 3],
    [
      ['Mul', 'x f_3', 'p'],
      ['AffineGrid', 'p i_1_1_4_4', 'y'],
    ],
  ],
  'overlapping blocks': [
    ['N', 4, 9],
    [
      ['Mul', 'x f_1x4x1', 'p'],
      ['Col2Im', 'p i_4_4 i_2_2', 'y'],
    ],
  ],
  'the cosine with a stored row': [
    flat,
    [['ReduceL2', 'x i_-1', 'l'], ['Div', 'x l', 'u'], ['Mul', 'u f_8', 's'], sum],
  ],
  'bounds of differences, summed': [
    flat,
    [['Unsqueeze', 'x i_1', 'u'], ['Sub', 'u f_4x8', 'd'], ['Clip', 'd n_0 n_9', 's'], sum],
  ],
  remainders: [flat, [['Unsqueeze', 'x i_1', 'u'], ['Mod', 'u f_4x8', 's', { fmod: 1 }], sum]],
  'counted bits': [
    flat,
    [['Greater', 'x n_0', 'b'], ['Xor', 'b bits', 'd'], ['Cast', 'd', 's', { to: 1 }], sum],
    [makeTensor('bits', BOOL, [4, 1, 8].slice(2), [1, 0, 1, 1, 0, 0, 1, 0])],
  ],
  'signs chosen by stored numbers': [
    flat,
    [['Greater', 'fk_8 n_0', 'c'], ['Neg', 'x', 'e'], ['Where', 'c x e', 's'], sum],
  ],
  'a stored choice of terms': [
    flat,
    [['Where', 'bits x n_0', 's'], sum],
    [makeTensor('bits', BOOL, [8], [1, 0, 1, 1, 0, 0, 1, 0])],
  ],
  'the smallest sum': [
    flat,
    [
      ['Unsqueeze', 'x i_1', 'u'],
      ['Add', 'u f_4x8', 'd'],
      ['ReduceMin', 'd i_-1', 'y'],
    ],
  ],
  'the largest few': [flat, [['Mul', 'x f_8', 'p'], ['TopK', 'p i_3', 's j'], sum]],
  'the place of the largest sum': [
    flat,
    [
      ['Unsqueeze', 'x i_1', 'u'],
      ['Add', 'u f_4x8', 'd'],
      ['ArgMax', 'd', 'j', { axis: -1 }],
      ['Cast', 'j', 'y', { to: 1 }],
    ],
  ],
  'a scale across the outputs of a layer': [
    ['N', 6, 8],
    [
      ['MatMul', 'x f_8x8', 'm'],
      ['Mul', 'm f_6x1', 'p'],
      ['ReduceSum', 'p i_1', 'y'],
    ],
  ],
  'ones that the graph makes': [
    ['N', 8, 4],
    [
      ['Mul', 'x f_8x1', 'p'],
      ['Transpose', 'p', 't', { perm: [0, 2, 1] }],
      ['Expand', 'n_1 i_8_3', 'o'],
      ['MatMul', 't o', 'y'],
    ],
  ],
  'a scale behind plain sums of each channel': [
    ['N', 8, 4],
    [
      ['Expand', 'n_1 i_8_1_4', 'o'],
      ['Conv', 'x o', 'c', { group: 8 }],
      ['Mul', 'c f_8x1', 'p'],
      ['ReduceSum', 'p i_1', 'y'],
    ],
  ],
  'a mean behind Flatten': [
    ['N', 2, 2, 4],
    [
      ['Mul', 'x f_4', 'p'],
      ['Flatten', 'p', 'l'],
      ['ReduceMean', 'l i_1', 'y'],
    ],
  ],
  'shifted activations times others': [
    flat,
    [['Add', 'x f_8', 'a'], ['Sigmoid', 'x', 'g'], ['Mul', 'a g', 's'], sum],
  ],
  'the square of a difference in two steps': [
    flat,
    [['Sub', 'x f_8', 'a'], ['Identity', 'a', 'b'], ['Mul', 'a b', 's'], sum],
  ],
  'a product of sums': [
    flat,
    [
      ['Add', 'x f_8', 'a'],
      ['ReduceProd', 'a i_1', 'y'],
    ],
  ],
  'turned pairs that are summed': [
    ['N', 6, 4],
    [
      ['Mul', 'x fcos', 'a'],
      ['Slice', 'x i_0 i_2 i_2', 'l'],
      ['Slice', 'x i_2 i_4 i_2', 'h'],
      ['Neg', 'h', 'n'],
      ['Concat', 'n l', 'r', { axis: 2 }],
      ['Mul', 'r fsin', 'b'],
      ['Add', 'a b', 's'],
      sum,
    ],
    [
      floats(
        'fcos',
        [6, 4],
        Array.from({ length: 24 }, (_, i) => Math.cos(i)),
      ),
      floats(
        'fsin',
        [6, 4],
        Array.from({ length: 24 }, (_, i) => Math.sin(i)),
      ),
    ],
  ],
  'cosines and sines of other angles': [
    ['N', 6, 4],
    [
      ['Mul', 'x fcos', 'a'],
      ['Slice', 'x i_0 i_2 i_2', 'l'],
      ['Slice', 'x i_2 i_4 i_2', 'h'],
      ['Neg', 'h', 'n'],
      ['Concat', 'n l', 'r', { axis: 2 }],
      ['Mul', 'r fsin', 'b'],
      ['Add', 'a b', 's'],
      ['MatMul', 's f_4x4', 'y'],
    ],
    [
      floats(
        'fcos',
        [6, 4],
        Array.from({ length: 24 }, (_, i) => Math.cos(i)),
      ),
      floats(
        'fsin',
        [6, 4],
        Array.from({ length: 24 }, (_, i) => Math.sin(2 * i)),
      ),
    ],
  ],
  'a loop over stored numbers': [
    [1, 8],
    [
      [
        'Loop',
        'm - z0',
        'y',
        {
          body: body(
            [
              makeNode('Gather', ['x', 'i'], ['a'], { axis: 1 }),
              makeNode('Gather', ['f_8', 'i'], ['w']),
              makeNode('Mul', ['a', 'w'], ['p']),
              makeNode('Add', ['s', 'p'], ['s2']),
              makeNode('Identity', ['c'], ['c2']),
            ],
            ['i', 'c', 's'],
            ['c2', 's2'],
          ),
        },
      ],
    ],
    [makeTensor('m', INT64, [], [8n]), floats('z0', [1], [0]), floats('f_8', [8], [1, 2, 3, 4, 5, 6, 7, 8])],
  ],
  'a loop over scaled activations': [
    [1, 8],
    [
      ['Mul', 'x f_8', 'p0'],
      [
        'Loop',
        'm - z0',
        'y',
        {
          body: body(
            [
              makeNode('Gather', ['p0', 'i'], ['p'], { axis: 1 }),
              makeNode('Add', ['s', 'p'], ['s2']),
              makeNode('Identity', ['c'], ['c2']),
            ],
            ['i', 'c', 's'],
            ['c2', 's2'],
          ),
        },
      ],
    ],
    [makeTensor('m', INT64, [], [8n]), floats('z0', [1], [0])],
  ],
  'a scan of stored numbers': [
    [8],
    [
      [
        'Scan',
        'z0 x f_8',
        'y q',
        {
          num_scan_inputs: 2,
          body: body(
            [
              makeNode('Mul', ['a', 'w'], ['p']),
              makeNode('Add', ['s', 'p'], ['s2']),
              makeNode('Identity', ['p'], ['o']),
            ],
            ['s', 'a', 'w'],
            ['s2', 'o'],
          ),
        },
      ],
    ],
    [floats('z0', [], [0])],
  ],
  'a scan of scaled activations': [
    [8],
    [
      ['Mul', 'x f_8', 'p'],
      [
        'Scan',
        'z0 p',
        'y q',
        {
          num_scan_inputs: 1,
          body: body(
            [makeNode('Add', ['s', 'a'], ['s2']), makeNode('Identity', ['a'], ['o'])],
            ['s', 'a'],
            ['s2', 'o'],
          ),
        },
      ],
    ],
    [floats('z0', [], [0])],
  ],
  'what the iteration before has scaled': [
    [1, 8],
    [
      [
        'Loop',
        'm - x',
        'y',
        {
          body: body(
            [
              makeNode('Mul', ['s', 'f_8'], ['p']),
              makeNode('ReduceSum', ['s', 'i_-1'], ['q']),
              makeNode('Add', ['p', 'q'], ['s2']),
              makeNode('Identity', ['c'], ['c2']),
            ],
            ['i', 'c', 's'],
            ['c2', 's2'],
          ),
        },
      ],
    ],
    [
      makeTensor('m', INT64, [], [8n]),
      floats('f_8', [8], [1, 2, 3, 4, 5, 6, 7, 8]),
      makeTensor('i_-1', INT64, [1], [-1n]),
    ],
  ],
};

const layer: Line = ['MatMul', 'x flayer_8x8', 'h'];
const names = [...'abcdefghijklmnopqrst'];
const rows = (from: string, type: string, bend?: string): Line[] =>
  names
    .slice(0, 5)
    .flatMap((name): Line[] => [
      [type, `${from} f${name}_8`, `${name}1`],
      bend ? [bend, `${name}1`, `${name}2`] : ['Identity', `${name}1`, `${name}2`],
      ['ReduceSum', `${name}2 i_-1`, `${name}3`],
    ]);
const joined: Line = ['Concat', 'a3 b3 c3 d3 e3', 'y', { axis: 1 }];
const again = (count: number) => Array.from({ length: count }, (_, i) => BigInt(i % 8));

/** One activation meets several stored values, though no shape shows it, or more values than are told of one tensor. */
const repeated: Record<string, Case> = {
  'prototypes beside the outputs of a layer, which Expand repeats': [
    flat,
    [
      layer,
      ['Unsqueeze', 'h i_1', 'u'],
      ['Expand', 'u i_1_4_8', 'e'],
      ['Sub', 'e f_4x8', 'd'],
      of('Abs', 'd', 's'),
      sum,
    ],
  ],
  'outputs of a layer that Gather repeats, in rows': [
    flat,
    [layer, ['Gather', 'h irows', 'g', { axis: 1 }], ['Mul', 'g f_4x8', 's'], sum],
    [makeTensor('irows', INT64, [4, 8], again(32))],
  ],
  'outputs of a layer that Gather repeats, in one row': [
    flat,
    [
      layer,
      ['Gather', 'h irow', 'g', { axis: 1 }],
      ['Mul', 'g f_32', 'p'],
      ['Reshape', 'p i_0_4_8', 's'],
      sum,
    ],
    [makeTensor('irow', INT64, [32], again(32))],
  ],
  'a feature that Expand repeats, scaled, before a layer': [
    flat,
    [
      ['Unsqueeze', 'x i_-1', 'u'],
      ['Expand', 'u i_1_8_4', 'e'],
      ['Mul', 'e f_4', 'p'],
      of('Relu', 'p', 'r'),
      ['Flatten', 'r', 't'],
      ['MatMul', 't f_32x3', 'y'],
    ],
  ],
  'a feature that Tile repeats, scaled, before a layer': [
    ['N', 1],
    [['Tile', 'x i_1_8', 'e'], ['Mul', 'e f_8', 'p'], of('Relu', 'p', 'r'), ['MatMul', 'r f_8x3', 'y']],
  ],
  'a feature that Concat repeats, scaled, before a layer': [
    ['N', 1],
    [
      ['Concat', 'x x x', 'e', { axis: 1 }],
      ['Mul', 'e f_3', 'p'],
      ['MatMul', 'p f_3x3', 'y'],
    ],
  ],
  'slopes for one activation, which Expand repeats': [
    ['N', 1],
    [
      ['Expand', 'x i_1_8', 'e'],
      ['PRelu', 'e f_8', 'p'],
      ['MatMul', 'p f_8x3', 'y'],
    ],
  ],
  'several scales of the outputs of a layer, each summed': [flat, [layer, ...rows('h', 'Mul'), joined]],
  'several scales of a biased layer, bent and summed': [
    flat,
    [layer, ['Add', 'h fbias_8', 'g'], ...rows('g', 'Mul', 'Relu'), joined],
  ],
  'several prototypes of the outputs of a layer': [flat, [layer, ...rows('h', 'Sub', 'Abs'), joined]],
  'slices of the outputs of a layer that overlap': [
    flat,
    [
      layer,
      ['Slice', 'h i_0 i_6 i_1', 'v'],
      ['Slice', 'h i_2 i_8 i_1', 'w'],
      ['Mul', 'v f_6', 'v1'],
      ['Mul', 'w fw_6', 'w1'],
      ['ReduceSum', 'v1 i_-1', 'v2'],
      ['ReduceSum', 'w1 i_-1', 'w2'],
      ['Concat', 'v2 w2', 'y', { axis: 1 }],
    ],
  ],
  'a scale of places behind twenty of channels': [
    ['N', 4, 4, 4],
    [
      ...names.flatMap((name, i): Line[] => [
        ['Mul', `${i === 0 ? 'x' : `${names[i - 1]}2`} f${name}_1x4x1x1`, `${name}1`],
        ['Relu', `${name}1`, `${name}2`],
      ]),
      ['Mul', 't2 fz_1x1x4x1', 's'],
      ['GlobalAveragePool', 's', 'y'],
    ],
  ],
};
const all = { ...differences, ...products, ...others, ...repeated };
const model = ([shape, lines, given = []]: Case) => drawn(lines, shape, [scales, ...given]);

test.each(Object.entries(differences))('a distance %s is refused', (_, drawing) => {
  expect(classify(model(drawing)).refused).not.toEqual([]);
});

test.each(Object.entries({ ...products, ...others }))('a product by %s is refused', (_, drawing) => {
  const [refused] = classify(model(drawing)).refused;
  expect(refused?.tensors.length).toBeGreaterThan(0);
  expect(refused?.problem.hint).toContain('--digital');
});

test.each(Object.entries(repeated))('repeated: %s is refused', (_, drawing) => {
  expect(classify(model(drawing)).refused).not.toEqual([]);
});

test('the advice can be followed: with the tensors that are named on digital hardware, nothing is refused', () => {
  for (const [name, [shape, lines, given]] of Object.entries(all)) {
    const apartFrom: Line = ['MatMul', `x fother_${shape.at(-1)}x2`, 'other'];
    const drawing = model([shape, [...lines, apartFrom], given ?? []]);
    const { refused } = arrange(drawing, []);
    const named = refused.map(({ tensors }) => tensors[0]!);
    const { refused: left, digital } = arrange(drawing, named);
    expect(left, name).toEqual([]);
    expect(
      digital.flatMap(({ tensors }) => tensors),
      name,
    ).toEqual(expect.arrayContaining(named));
  }
});

test('onnxruntime opens them all', async () => {
  const broken: string[] = [];
  for (const [name, drawing] of Object.entries(all)) {
    try {
      await (await openSession(encodeModel(model(drawing)))).release();
    } catch (error) {
      broken.push(`${name}: ${String(error).slice(0, 300)}`);
    }
  }
  expect(broken).toEqual([]);
});
