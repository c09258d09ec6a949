/** What exporters write every day, and what must not be refused: no activation meets a weight off the crossbars here. */
import { expect, test } from 'vitest';
import { classified, type Line } from './lines.js';

const layerNorm = (x: string, y: string): Line[] => [
  ['ReduceMean', `${x} i_-1`, `${y}_mean`],
  ['Sub', `${x} ${y}_mean`, `${y}_d`],
  ['Pow', `${y}_d n_2`, `${y}_sq`],
  ['ReduceMean', `${y}_sq i_-1`, `${y}_var`],
  ['Add', `${y}_var n_1e-5`, `${y}_e`],
  ['Sqrt', `${y}_e`, `${y}_s`],
  ['Div', `${y}_d ${y}_s`, `${y}_n`],
  ['Mul', `${y}_n fgamma_8`, `${y}_g`],
  ['Add', `${y}_g fbeta_8`, y],
];

const tokens = ['N', 4, 8];
const pictures = ['N', 3, 8, 8];
const patterns: Record<string, [shape: (number | string)[], lines: Line[]]> = {
  'a transformer with normalization behind the sum, pooled over its tokens': [
    tokens,
    [
      ['Add', 'x fpos_1x4x8', 'p'],
      ...layerNorm('p', 'a'),
      ['MatMul', 'a f_8x8', 'h0'],
      ['Add', 'h0 fbias_8', 'h1'],
      ['Relu', 'h1', 'h'],
      ['Add', 'a h', 'r'],
      ...layerNorm('r', 'b'),
      ['Add', 'a b', 'r2'],
      ...layerNorm('r2', 'c'),
      ['ReduceMean', 'c i_1', 'pooled', { keepdims: 0 }],
      ['Gemm', 'pooled f_8x3 f_3', 'y'],
    ],
  ],
  'root mean square twice, by the reciprocal root': [
    tokens,
    [
      ...[
        ['x', 'a'],
        ['a', 'b'],
      ].flatMap(([from, to]): Line[] => [
        ['Pow', `${from} n_2`, `${to}1`],
        ['ReduceMean', `${to}1 i_-1`, `${to}2`],
        ['Add', `${to}2 n_1e-6`, `${to}3`],
        ['Sqrt', `${to}3`, `${to}4`],
        ['Div', `n_1 ${to}4`, `${to}5`],
        ['Mul', `${from} ${to}5`, `${to}6`],
        ['Mul', `fg_8 ${to}6`, to!],
      ]),
      ['MatMul', 'b f_8x3', 'y'],
    ],
  ],
  'a class token of as many rows as there are examples, and positions': [
    pictures,
    [
      ['Conv', 'x f_8x3x4x4 f_8', 'c', { strides: [4, 4] }],
      ['Reshape', 'c i_0_8_4', 'flat'],
      ['Transpose', 'flat', 't', { perm: [0, 2, 1] }],
      ['Shape', 'x', 's'],
      ['Gather', 's i_0', 'n'],
      ['Concat', 'n i_-1_-1', 'target', { axis: 0 }],
      ['Expand', 'ftoken_1x1x8 target', 'token'],
      ['Concat', 'token t', 'all', { axis: 1 }],
      ['Add', 'all fpos_1x5x8', 'p'],
      ['LayerNormalization', 'p fg_8 fb_8', 'z'],
      ['MatMul', 'z f_8x24', 'qkv'],
      ['Add', 'qkv f_24', 'qkvb'],
      ['Reshape', 'qkvb i_0_5_3_2_4', 'split'],
      ['Transpose', 'split', 'heads', { perm: [2, 0, 3, 1, 4] }],
      ['Gather', 'heads i_0', 'q', { axis: 0 }],
      ['Gather', 'heads i_1', 'k', { axis: 0 }],
      ['Transpose', 'k', 'kt', { perm: [0, 1, 3, 2] }],
      ['MatMul', 'q kt', 'scores'],
      ['Mul', 'scores n_0.5', 'scaled'],
      ['Add', 'scaled fmask_1x2x5x5', 'masked'],
      ['Softmax', 'masked', 'probabilities', { axis: -1 }],
      ['MatMul', 'probabilities q', 'v'],
      ['Flatten', 'v', 'f'],
      ['Gemm', 'f f_40x3 f_3', 'y'],
    ],
  ],
  'batch normalization written out, squeeze and excite, hard swish, the mean of each channel': [
    pictures,
    [
      ['Conv', 'x f_8x3x3x3', 'c', { pads: [1, 1, 1, 1] }],
      ['Mul', 'c fscale_1x8x1x1', 'm'],
      ['Add', 'm fshift_1x8x1x1', 'b'],
      ['GlobalAveragePool', 'b', 'g'],
      ['Conv', 'g f_4x8x1x1 f_4', 's1'],
      ['Relu', 's1', 's2'],
      ['Conv', 's2 f_8x4x1x1 f_8', 's3'],
      ['HardSigmoid', 's3', 's'],
      ['Mul', 'b s', 'e'],
      ['Add', 'e n_3', 'w1'],
      ['Clip', 'w1 n_0 n_6', 'w2'],
      ['Mul', 'e w2', 'w3'],
      ['Div', 'w3 n_6', 'w'],
      ['Mul', 'w flayerscale_8x1x1', 'l'],
      ['ReduceMean', 'l i_2_3', 'p', { keepdims: 0 }],
      ['Gemm', 'p f_8x3 f_3', 'y'],
    ],
  ],
  'group normalization by reshaping, slopes for each channel, pixels shuffled, an average by a kernel': [
    pictures,
    [
      ['Conv', 'x f_8x3x3x3', 'c', { pads: [1, 1, 1, 1] }],
      ['Reshape', 'c i_0_4_-1', 'r'],
      ['InstanceNormalization', 'r fones_4 fzeros_4', 'i'],
      ['Shape', 'c', 'sc'],
      ['Reshape', 'i sc', 'b'],
      ['Mul', 'b fgamma_8x1x1', 'g'],
      ['Add', 'g fbeta_8x1x1', 'a'],
      ['PRelu', 'a fslope_8x1x1', 'p'],
      ['DepthToSpace', 'p', 'd', { blocksize: 2 }],
      ['Conv', 'd faverage_2x1x2x2', 'avg', { group: 2, strides: [2, 2] }],
      ['GlobalMaxPool', 'avg', 'm'],
      ['Flatten', 'm', 'f'],
      ['MatMul', 'f f_2x3', 'y'],
    ],
  ],
  'pictures scaled as the data are, channels last': [
    ['N', 8, 8, 3],
    [
      ['Sub', 'x fmean_3', 'c'],
      ['Div', 'c fstd_3', 'd'],
      ['Transpose', 'd', 't', { perm: [0, 3, 1, 2] }],
      ['Conv', 't f_4x3x3x3 f_4', 'v'],
      ['Transpose', 'v', 'l', { perm: [0, 2, 3, 1] }],
      ['Mul', 'l fscale_4', 'm'],
      ['Add', 'm fshift_4', 'a'],
      ['Max', 'a n_0', 'r'],
      ['ReduceMean', 'r i_1_2', 'p', { keepdims: 0 }],
      ['MatMul', 'p f_4x3', 'q'],
      ['Add', 'q f_3', 'z'],
      ['ReduceLogSumExp', 'z i_1', 'e'],
      ['Sub', 'z e', 'y'],
    ],
  ],
  'features of unit length, compared with the rows of a layer, a learned temperature': [
    ['N', 8],
    [
      ['MatMul', 'x f_8x8', 'h'],
      ['Add', 'h f_8', 'z'],
      ['ReduceL2', 'z i_1', 'l'],
      ['Clip', 'l n_1e-12', 'k'],
      ['Shape', 'z', 's'],
      ['Expand', 'k s', 'w'],
      ['Div', 'z w', 'u'],
      ['MatMul', 'u f_8x5', 'c'],
      ['Exp', 'n_2.3', 'temperature'],
      ['Mul', 'c temperature', 'y'],
    ],
  ],
};

test.each(Object.entries(patterns))('%s', (_, [shape, lines]) => {
  const { mapped, refused } = classified(lines, shape);
  expect(refused.map(({ problem }) => `${problem.where}: ${problem.what}`)).toEqual([]);
  const products = lines.filter(
    ([type, inputs]) => /MatMul|Gemm|Conv/.test(type) && /\sf[a-z]*_/.test(inputs),
  );
  expect(mapped).toHaveLength(new Set(products.map(([, inputs]) => inputs.split(' ')[1])).size);
});
