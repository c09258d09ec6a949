/**
 * Parts of known architectures, as exporters write them, that hold stored values beside those of their layers: none of them is a
 * weight without a place, and none may be refused.
 */
import { describe, expect, test } from 'vitest';
import { classify } from '../../src/mapping/classify.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { openSession } from '../../src/runtime/session.js';
import { drawn, type Line } from './lines.js';

const { FLOAT, BOOL } = DataType;
type Shape = (number | string)[];
type Drawing = [shape: Shape, lines: Line[], given?: Tensor[]];

const tokens: Shape = ['N', 6, 8];
const picture: Shape = ['N', 3, 8, 8];

const table = (name: string, dims: number[], at: (i: number) => number) =>
  makeTensor(
    name,
    FLOAT,
    dims,
    Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => at(i)),
  );
const angle = (half: number, width: number) => (i: number) =>
  Math.floor(i / width) * 10000 ** (-(i % half) / half);

/** Tables [1, 1, 6, 4] of angles for 6 places, the halves alike; of two angles for pairs. */
const turns = [
  table('fcos', [1, 1, 6, 4], (i) => Math.cos(angle(2, 4)(i))),
  table('fsin', [1, 1, 6, 4], (i) => Math.sin(angle(2, 4)(i))),
  table('fcos2', [6, 2], (i) => Math.cos(angle(2, 2)(i))),
  table('fsin2', [6, 2], (i) => Math.sin(angle(2, 2)(i))),
];

/** Heads [N, 2, 6, 4] of the tokens. */
const heads = (from: string, to: string): Line[] => [
  ['MatMul', `${from} f${to}w_8x8`, `${to}1`],
  ['Add', `${to}1 f${to}b_8`, `${to}2`],
  ['Reshape', `${to}2 i_0_0_2_4`, `${to}3`],
  ['Transpose', `${to}3`, to, { perm: [0, 2, 1, 3] }],
];
const attended = (scores: string, v: string, y: string): Line[] => [
  ['Softmax', scores, `${y}p`, { axis: -1 }],
  ['MatMul', `${y}p ${v}`, `${y}o`],
  ['Transpose', `${y}o`, `${y}t`, { perm: [0, 2, 1, 3] }],
  ['Reshape', `${y}t i_0_0_8`, `${y}r`],
  ['MatMul', `${y}r f${y}o_8x8`, y],
];
const scoresOf = (q: string, k: string, to: string): Line[] => [
  ['Transpose', k, `${to}k`, { perm: [0, 1, 3, 2] }],
  ['MatMul', `${q} ${to}k`, `${to}s`],
  ['Mul', `${to}s n_0.5`, to],
];
const rotated = (x: string, y: string): Line[] => [
  ['Mul', `${x} fcos`, `${y}c`],
  ['Slice', `${x} i_0 i_2 i_3`, `${y}a`],
  ['Slice', `${x} i_2 i_4 i_3`, `${y}b`],
  ['Neg', `${y}b`, `${y}n`],
  ['Concat', `${y}n ${y}a`, `${y}h`, { axis: -1 }],
  ['Mul', `${y}h fsin`, `${y}s`],
  ['Add', `${y}c ${y}s`, y],
];
const rootMeanSquare = (x: string, y: string, size: number): Line[] => [
  ['Pow', `${x} n_2`, `${y}1`],
  ['ReduceMean', `${y}1 i_-1`, `${y}2`],
  ['Add', `${y}2 n_1e-6`, `${y}3`],
  ['Sqrt', `${y}3`, `${y}4`],
  ['Reciprocal', `${y}4`, `${y}5`],
  ['Mul', `${x} ${y}5`, `${y}6`],
  ['Mul', `f${y}g_${size} ${y}6`, y],
];
const layerNorm = (x: string, y: string): Line[] => [
  ['ReduceMean', `${x} i_-1`, `${y}m`],
  ['Sub', `${x} ${y}m`, `${y}d`],
  ['Mul', `${y}d ${y}d`, `${y}q`],
  ['ReduceMean', `${y}q i_-1`, `${y}v`],
  ['Add', `${y}v n_1e-5`, `${y}e`],
  ['Sqrt', `${y}e`, `${y}s`],
  ['Div', `${y}d ${y}s`, `${y}n`],
  ['Mul', `${y}n f${y}g_8`, `${y}k`],
  ['Add', `${y}k f${y}b_8`, y],
];
const spatialAttention = (x: string, y: string): Line[] => [
  ['ReduceMean', `${x} i_1`, `${y}a`],
  ['ReduceMax', `${x} i_1`, `${y}b`],
  ['Concat', `${y}a ${y}b`, `${y}c`, { axis: 1 }],
  ['Conv', `${y}c f${y}_1x2x3x3`, `${y}d`, { pads: [1, 1, 1, 1] }],
  ['Sigmoid', `${y}d`, `${y}s`],
  ['Mul', `${x} ${y}s`, y],
];
const normed = (x: string, y: string): Line[] => [
  ['Conv', `${x} f${y}w_8x3x3x3`, `${y}0`, { pads: [1, 1, 1, 1] }],
  ['Mul', `${y}0 f${y}k_1x8x1x1`, `${y}1`],
  ['Add', `${y}1 f${y}b_8x1x1`, y],
];
const pooled = (x: string): Line[] => [
  ['GlobalAveragePool', x, 'gap'],
  ['Flatten', 'gap', 'flat'],
  ['Gemm', 'flat fhead_8x3 fhead_3', 'y'],
];
const meanOfTokens = (x: string): Line[] => [
  ['ReduceMean', `${x} i_1`, 'mean', { keepdims: 0 }],
  ['Gemm', 'mean fhead_8x3 fhead_3', 'y'],
];

const one = table('one', [8], (i) => 1 + i);

const drawings: Record<string, Drawing> = {
  'rotary embedding, halves turned': [
    tokens,
    [
      ...['q', 'k', 'v'].flatMap((name) => heads('x', name)),
      ...rotated('q', 'qr'),
      ...rotated('k', 'kr'),
      ...scoresOf('qr', 'kr', 'scores'),
      ...attended('scores', 'v', 'o'),
      ['Add', 'o x', 'r'],
      ...layerNorm('r', 'l'),
      ...meanOfTokens('l'),
    ],
    turns,
  ],
  'rotary embedding behind normalized queries and keys': [
    tokens,
    [
      ...['q', 'k', 'v'].flatMap((name) => heads('x', name)),
      ...rootMeanSquare('q', 'qn', 4),
      ...rootMeanSquare('k', 'kn', 4),
      ...rotated('qn', 'qr'),
      ...rotated('kn', 'kr'),
      ...scoresOf('qr', 'kr', 'scores'),
      ...attended('scores', 'v', 'o'),
      ...meanOfTokens('o'),
    ],
    turns,
  ],
  'rotary embedding of pairs, real and imaginary': [
    tokens,
    [
      ...['q', 'v'].flatMap((name) => heads('x', name)),
      ['Reshape', 'q i_0_2_6_2_2', 'qp'],
      ['Gather', 'qp s_0', 're', { axis: -1 }],
      ['Gather', 'qp s_1', 'im', { axis: -1 }],
      ['Mul', 're fcos2', 'a'],
      ['Mul', 'im fsin2', 'b'],
      ['Sub', 'a b', 'c'],
      ['Mul', 're fsin2', 'd'],
      ['Mul', 'im fcos2', 'e'],
      ['Add', 'd e', 'f'],
      ['Unsqueeze', 'c i_-1', 'cu'],
      ['Unsqueeze', 'f i_-1', 'fu'],
      ['Concat', 'cu fu', 's', { axis: -1 }],
      ['Reshape', 's i_0_2_6_4', 'qr'],
      ...scoresOf('qr', 'qr', 'scores'),
      ...attended('scores', 'v', 'o'),
      ...meanOfTokens('o'),
    ],
    turns,
  ],
  'rotary embedding whose tables the graph computes': [
    tokens,
    [
      ...['q', 'v'].flatMap((name) => heads('x', name)),
      ['MatMul', 'fplaces_6x1 ffrequencies_1x2', 'half'],
      ['Concat', 'half half', 'angles', { axis: -1 }],
      ['Cos', 'angles', 'cos'],
      ['Sin', 'angles', 'sin'],
      ...rotated('q', 'qr').map(
        ([type, inputs, ...rest]): Line => [
          type,
          inputs.replace('fcos', 'cos').replace('fsin', 'sin'),
          ...rest,
        ],
      ),
      ...scoresOf('qr', 'qr', 'scores'),
      ...attended('scores', 'v', 'o'),
      ...meanOfTokens('o'),
    ],
  ],
  'rotary embedding whose tables are scaled by one number': [
    tokens,
    [
      ...['q', 'k', 'v'].flatMap((name) => heads('x', name)),
      ['Cos', 'fangles_6x4', 'cos1'],
      ['Sin', 'fangles_6x4', 'sin1'],
      ['Mul', 'cos1 n_1.2', 'fcos'],
      ['Mul', 'n_1.2 sin1', 'fsin'],
      ...rotated('q', 'qr'),
      ...rotated('k', 'kr'),
      ...scoresOf('qr', 'kr', 'scores'),
      ...attended('scores', 'v', 'o'),
      ...meanOfTokens('o'),
    ],
  ],
  'rotary embedding as an operator': [
    ['N', 2, 6, 4],
    [
      ['RotaryEmbedding', 'x fcos2 fsin2', 'r'],
      ['MatMul', 'r f_4x4', 'y'],
    ],
    [
      table('fcos2', [6, 2], (i) => Math.cos(angle(2, 2)(i))),
      table('fsin2', [6, 2], (i) => Math.sin(angle(2, 2)(i))),
    ].map((tensor) => tensor),
  ],
  'the boxes of a detector: grid, strides and anchors behind Sigmoid': [
    ['N', 16, 4, 4],
    [
      ['Conv', 'x f_14x16x1x1 f_14', 'c'],
      ['Reshape', 'c i_-1_2_7_4_4', 'r'],
      ['Transpose', 'r', 't', { perm: [0, 1, 3, 4, 2] }],
      ['Sigmoid', 't', 's'],
      ['Split', 's iparts_2_2_3', 'xy wh rest', { axis: 4 }],
      ['Mul', 'xy n_2', 'xy2'],
      ['Add', 'xy2 fgrid_1x2x4x4x2', 'xyg'],
      ['Mul', 'xyg n_8', 'xys'],
      ['Mul', 'wh n_2', 'wh2'],
      ['Pow', 'wh2 n_2', 'whq'],
      ['Mul', 'whq fanchors_1x2x4x4x2', 'whs'],
      ['Concat', 'xys whs rest', 'boxes', { axis: 4 }],
      ['Reshape', 'boxes i_-1_32_7', 'y'],
    ],
    [makeTensor('iparts_2_2_3', DataType.INT64, [3], [2n, 2n, 3n])],
  ],
  'the boxes of a detector: anchors of two sizes for each scale': [
    ['N', 16, 4, 4],
    [
      ['Conv', 'x f_14x16x1x1 f_14', 'c'],
      ['Reshape', 'c i_-1_2_7_16', 'r'],
      ['Transpose', 'r', 't', { perm: [0, 1, 3, 2] }],
      ['Slice', 't i_2 i_4 i_3', 'wh'],
      ['Exp', 'wh', 'e'],
      ['Mul', 'e fanchors_1x2x1x2', 'a'],
      ['Slice', 't i_0 i_2 i_3', 'xy'],
      ['Sigmoid', 'xy', 's'],
      ['Add', 's fgrid_1x1x16x2', 'g'],
      ['Concat', 'g a', 'y', { axis: -1 }],
    ],
  ],
  'the boxes of a detector: variances and corners': [
    ['N', 16, 4],
    [
      ['MatMul', 'x f_4x4', 'l0'],
      ['Tanh', 'l0', 'l'],
      ['Mul', 'l fvariances_4', 'v'],
      ['Slice', 'v i_0 i_2 i_2', 'c0'],
      ['Slice', 'v i_2 i_4 i_2', 's0'],
      ['Mul', 'c0 fsizes_16x2', 'c1'],
      ['Add', 'c1 fcentres_16x2', 'c'],
      ['Exp', 's0', 's1'],
      ['Mul', 's1 fsizes_16x2', 's'],
      ['Mul', 's n_0.5', 'h'],
      ['Sub', 'c h', 'low'],
      ['Add', 'low s', 'high'],
      ['Concat', 'low high', 'y', { axis: -1 }],
    ],
  ],
  'the boxes of a detector: expectation over distances, points and strides': [
    ['N', 16, 4, 4],
    [
      ['Conv', 'x f_16x16x1x1 f_16', 'c'],
      ['Reshape', 'c i_0_4_4_16', 'r'],
      ['Transpose', 'r', 't', { perm: [0, 2, 1, 3] }],
      ['Softmax', 't', 'p', { axis: 1 }],
      ['Conv', 'p fbins_1x4x1x1', 'd'],
      ['Reshape', 'd i_0_4_16', 'e'],
      ['Split', 'e', 'lt rb', { axis: 1, num_outputs: 2 }],
      ['Sub', 'fpoints_1x2x16 lt', 'a'],
      ['Add', 'fpoints_1x2x16 rb', 'b'],
      ['Add', 'a b', 'ab'],
      ['Div', 'ab n_2', 'c2'],
      ['Sub', 'b a', 'wh'],
      ['Concat', 'c2 wh', 'box', { axis: 1 }],
      ['Mul', 'box fstrides_1x16', 'y'],
    ],
  ],
  'spatial attention behind batch normalization written out': [
    picture,
    [...normed('x', 'a'), ['Relu', 'a', 'b'], ...spatialAttention('b', 'c'), ...pooled('c')],
  ],
  'spatial attention behind batch normalization written out, at once': [
    picture,
    [...normed('x', 'a'), ...spatialAttention('a', 'c'), ...pooled('c')],
  ],
  'spatial attention behind the sum of two branches': [
    picture,
    [
      ...normed('x', 'a'),
      ...normed('x', 'b'),
      ['Add', 'a b', 's'],
      ['Relu', 's', 'r'],
      ...spatialAttention('r', 'c'),
      ...pooled('c'),
    ],
  ],
  'spatial attention behind batch normalization as an operator, and SiLU': [
    picture,
    [
      ['Conv', 'x f_8x3x3x3', 'c', { pads: [1, 1, 1, 1] }],
      ['BatchNormalization', 'c fg_8 fb_8 fm_8 fpositive_8', 'n'],
      ['Sigmoid', 'n', 'g'],
      ['Mul', 'n g', 's'],
      ...spatialAttention('s', 'a'),
      ...pooled('a'),
    ],
    [table('fpositive_8', [8], (i) => 1 + i)],
  ],
  'spatial attention behind a scaled branch (ConvNeXt)': [
    ['N', 8, 4, 4],
    [
      ['Conv', 'x f_8x1x3x3 f_8', 'c', { pads: [1, 1, 1, 1], group: 8 }],
      ['Transpose', 'c', 't', { perm: [0, 2, 3, 1] }],
      ['LayerNormalization', 't fg_8 fb_8', 'l'],
      ['MatMul', 'l f_8x16', 'm0'],
      ['Add', 'm0 f_16', 'm'],
      ['Gelu', 'm', 'g'],
      ['MatMul', 'g f_16x8', 'n0'],
      ['Add', 'n0 fbb_8', 'n'],
      ['Mul', 'n fgamma_8', 's'],
      ['Transpose', 's', 'u', { perm: [0, 3, 1, 2] }],
      ['Add', 'x u', 'r'],
      ...spatialAttention('r', 'a'),
      ...pooled('a'),
    ],
  ],
  'squeeze and excite behind batch normalization written out': [
    picture,
    [
      ...normed('x', 'a'),
      ['HardSwish', 'a', 'b'],
      ['GlobalAveragePool', 'b', 'g'],
      ['Conv', 'g f_2x8x1x1 f_2', 's1'],
      ['Relu', 's1', 's2'],
      ['Conv', 's2 f_8x2x1x1 f_8', 's3'],
      ['HardSigmoid', 's3', 's'],
      ['Mul', 'b s', 'e'],
      ...pooled('e'),
    ],
  ],
  'channel attention with weights along channels (ECA)': [
    picture,
    [
      ...normed('x', 'a'),
      ['GlobalAveragePool', 'a', 'g'],
      ['Squeeze', 'g i_-1', 'q'],
      ['Transpose', 'q', 't', { perm: [0, 2, 1] }],
      ['Conv', 't f_1x1x3', 'c', { pads: [1, 1] }],
      ['Transpose', 'c', 'u', { perm: [0, 2, 1] }],
      ['Unsqueeze', 'u i_-1', 'v'],
      ['Sigmoid', 'v', 's'],
      ['Mul', 'a s', 'e'],
      ...pooled('e'),
    ],
  ],
  'group normalization written out, then a mean over places': [
    picture,
    [
      ['Conv', 'x f_8x3x3x3', 'c', { pads: [1, 1, 1, 1] }],
      ['Reshape', 'c i_0_2_-1', 'r'],
      ['ReduceMean', 'r i_2', 'm'],
      ['Sub', 'r m', 'd'],
      ['Mul', 'd d', 'q'],
      ['ReduceMean', 'q i_2', 'v'],
      ['Add', 'v n_1e-5', 'e'],
      ['Sqrt', 'e', 's'],
      ['Div', 'd s', 'n'],
      ['Reshape', 'n i_0_8_8_8', 'b'],
      ['Mul', 'b fg_1x8x1x1', 'g'],
      ['Add', 'g fb_1x8x1x1', 'a'],
      ['Relu', 'a', 'z'],
      ...pooled('z'),
    ],
  ],
  'batch normalization before the layer, channels shuffled': [
    ['N', 8, 4, 4],
    [
      ['Mul', 'x fk_1x8x1x1', 'a'],
      ['Add', 'a fb_1x8x1x1', 'b'],
      ['Relu', 'b', 'c'],
      ['Reshape', 'c i_0_2_4_4_4', 'd'],
      ['Transpose', 'd', 'e', { perm: [0, 2, 1, 3, 4] }],
      ['Reshape', 'e i_0_8_4_4', 'f'],
      ['MaxPool', 'f', 'g', { kernel_shape: [2, 2], strides: [2, 2] }],
      ['Resize', 'g - fscales', 'h', { mode: 'linear' }],
      ...pooled('h'),
    ],
    [makeTensor('fscales', FLOAT, [4], [1, 1, 2, 2])],
  ],
  'features scaled for each frequency, convolved, and averaged': [
    ['N', 1, 8, 12],
    [
      ['Log', 'x', 'l'],
      ['Sub', 'l fmean_1x1x8x1', 'c'],
      ['Div', 'c fstd_1x1x8x1', 'd'],
      ['Conv', 'd f_8x1x3x3 f_8', 'e'],
      ['Relu', 'e', 'g'],
      ...pooled('g'),
    ],
  ],
  'spectra: a window, the Fourier transform and mel filters as layers': [
    ['N', 6, 16],
    [
      ['Mul', 'x fhann', 'w'],
      ['MatMul', 'w fre_16x9', 're'],
      ['MatMul', 'w fim_16x9', 'im'],
      ['Mul', 're re', 'a'],
      ['Mul', 'im im', 'b'],
      ['Add', 'a b', 'p'],
      ['MatMul', 'p fmel_9x8', 'm'],
      ['Log', 'm', 'l'],
      ...meanOfTokens('l'),
    ],
    [table('fhann', [16], (i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / 16))],
  ],
  'spectra: a window of a short-time Fourier transform': [
    ['N', 64, 1],
    [
      ['STFT', 'x s_8 fhamming sl_16', 's'],
      ['ReduceSumSquare', 's i_-1', 'p', { keepdims: 0 }],
      ['MatMul', 'p fmel_9x8', 'm'],
      ...meanOfTokens('m'),
    ],
    [table('fhamming', [16], (i) => 0.54 - 0.46 * Math.cos((2 * Math.PI * i) / 15))],
  ],
  'grey from colours by a product': [
    picture,
    [['Mul', 'x fgrey', 'g0'], ['ReduceSum', 'g0 i_1', 'g'], ['Conv', 'g f_8x1x3x3', 'c'], ...pooled('c')],
    [makeTensor('fgrey', FLOAT, [1, 3, 1, 1], [0.299, 0.587, 0.114])],
  ],
  'grey from colours, one by one': [
    picture,
    [
      ['Split', 'x', 'r g b', { axis: 1, num_outputs: 3 }],
      ['Mul', 'r n_0.299', 'r2'],
      ['Mul', 'g n_0.587', 'g2'],
      ['Mul', 'b n_0.114', 'b2'],
      ['Add', 'r2 g2', 'rg'],
      ['Add', 'rg b2', 'l'],
      ['Conv', 'l f_8x1x3x3', 'c'],
      ...pooled('c'),
    ],
  ],
  'attention with distances (ALiBi)': [
    tokens,
    [
      ...['q', 'k', 'v'].flatMap((name) => heads('x', name)),
      ...scoresOf('q', 'k', 's'),
      ['Mul', 'fslopes_2x1x1 fdistances_1x6x6', 'bias'],
      ['Add', 's bias', 'b'],
      ...attended('b', 'v', 'o'),
      ...meanOfTokens('o'),
    ],
  ],
  'attention of unit length, a temperature for each head, positions between windows (Swin)': [
    tokens,
    [
      ...['q', 'k', 'v'].flatMap((name) => heads('x', name)),
      ...['q', 'k'].flatMap((name): Line[] => [
        ['ReduceL2', `${name} i_-1`, `${name}l`],
        ['Max', `${name}l n_1e-12`, `${name}m`],
        ['Div', `${name} ${name}m`, `${name}u`],
      ]),
      ['Transpose', 'ku', 'kt', { perm: [0, 1, 3, 2] }],
      ['MatMul', 'qu kt', 's'],
      ['Exp', 'ftemperature_2x1x1', 'te'],
      ['Mul', 's te', 's2'],
      ['Gather', 'fbias_11x2 iplaces_0_1_2_3_4_5', 'rows', { axis: 0 }],
      ['Transpose', 'rows', 'columns', { perm: [1, 0] }],
      ['Unsqueeze', 'columns i_1', 'bias'],
      ['Add', 's2 bias', 's3'],
      ['Add', 's3 fmask_1x1x6x6', 's4'],
      ...attended('s4', 'v', 'o'),
      ...meanOfTokens('o'),
    ],
  ],
  'positions learned, tokens normalized, a softmax written out': [
    tokens,
    [
      ['Add', 'x fpos_1x6x8', 'p'],
      ...layerNorm('p', 'l'),
      ...['q', 'k', 'v'].flatMap((name) => heads('l', name)),
      ...scoresOf('q', 'k', 's'),
      ['Add', 's fbias_1x2x6x6', 'b'],
      ['ReduceMax', 'b i_-1', 'm'],
      ['Sub', 'b m', 'd'],
      ['Exp', 'd', 'e'],
      ['ReduceSum', 'e i_-1', 't'],
      ['Div', 'e t', 'w'],
      ['MatMul', 'w v', 'o'],
      ['Transpose', 'o', 'ot', { perm: [0, 2, 1, 3] }],
      ['Reshape', 'ot i_0_0_8', 'or'],
      ['MatMul', 'or f_8x8', 'z'],
      ['Add', 'z p', 'r'],
      ...layerNorm('r', 'n'),
      ...meanOfTokens('n'),
    ],
  ],
  'affine residual layers (ResMLP)': [
    tokens,
    [
      ['MatMul', 'x f_8x8', 'a'],
      ['Mul', 'a falpha_1x1x8', 'b'],
      ['Add', 'b fbeta_1x1x8', 'c'],
      ['Transpose', 'c', 't', { perm: [0, 2, 1] }],
      ['MatMul', 't f_6x6', 'm0'],
      ['Add', 'm0 f_6', 'm'],
      ['Transpose', 'm', 'u', { perm: [0, 2, 1] }],
      ['Mul', 'fls_1x1x8 u', 'l'],
      ['Add', 'a l', 'r'],
      ['Mul', 'r falphab_1x1x8', 'b2'],
      ['Add', 'b2 fbetab_1x1x8', 'c2'],
      ['MatMul', 'c2 f_8x8', 'h'],
      ['Gelu', 'h', 'g'],
      ['MatMul', 'g fd_8x8', 'o'],
      ['Mul', 'o flsb_8', 'o2'],
      ['Add', 'r o2', 'z'],
      ['Mul', 'z falphac_1x1x8', 'z2'],
      ...meanOfTokens('z2'),
    ],
  ],
  'gated linear units, root mean square twice, a mean of the tokens': [
    tokens,
    [
      ...rootMeanSquare('x', 'a', 8),
      ['MatMul', 'a f_8x16', 'h'],
      ['Split', 'h', 'u v', { axis: -1, num_outputs: 2 }],
      ['Sigmoid', 'u', 'g0'],
      ['Mul', 'u g0', 'g'],
      ['Mul', 'g v', 'w'],
      ['MatMul', 'w f_8x8', 'o'],
      ['Add', 'o x', 'r'],
      ...rootMeanSquare('r', 'b', 8),
      ...meanOfTokens('b'),
    ],
  ],
  'linear attention over tokens, keys normalized': [
    tokens,
    [
      ...['q', 'k', 'v'].flatMap((name) => heads('x', name)),
      ...rootMeanSquare('k', 'kn', 4),
      ['Relu', 'kn', 'kr'],
      ['Relu', 'q', 'qr'],
      ['Transpose', 'kr', 'kt', { perm: [0, 1, 3, 2] }],
      ['MatMul', 'kt v', 'kv'],
      ['MatMul', 'qr kv', 'o'],
      ['ReduceSum', 'kr i_2', 'z0'],
      ['Transpose', 'z0', 'z1', { perm: [0, 1, 3, 2] }],
      ['MatMul', 'qr z1', 'z2'],
      ['Add', 'z2 n_1e-6', 'z'],
      ['Div', 'o z', 'd'],
      ['Transpose', 'd', 't', { perm: [0, 2, 1, 3] }],
      ['Reshape', 't i_0_0_8', 'r'],
      ['MatMul', 'r fo_8x8', 'w'],
      ...meanOfTokens('w'),
    ],
  ],
  'slopes for each channel, then a mean over places': [
    picture,
    [['Conv', 'x f_8x3x3x3 f_8', 'c'], ['PRelu', 'c fslope_8x1x1', 'p'], ...pooled('p')],
  ],
  'learned thresholds of signs (ReActNet), then a mean over places': [
    ['N', 8, 4, 4],
    [
      ['Add', 'x fmove_1x8x1x1', 'a'],
      ['Sign', 'a', 'b'],
      ['Conv', 'b f_8x8x3x3', 'c', { pads: [1, 1, 1, 1] }],
      ['Mul', 'c fk_1x8x1x1', 'd'],
      ['Add', 'd fb_1x8x1x1', 'e'],
      ['Add', 'e x', 'f'],
      ['Add', 'f fbefore_1x8x1x1', 'g'],
      ['PRelu', 'g fslope_8x1x1', 'h'],
      ['Add', 'h fbehind_1x8x1x1', 'i'],
      ...pooled('i'),
    ],
  ],
  'a picture less its mean picture': [
    picture,
    [['Sub', 'x fmean_3x8x8', 's'], ['Conv', 's f_8x3x3x3 f_8', 'c'], ...pooled('c')],
  ],
  'queries, keys and values sliced from one layer, each scaled': [
    tokens,
    [
      ['MatMul', 'x f_8x24', 'qkv'],
      ['Slice', 'qkv i_0 i_8 i_-1', 'q0'],
      ['Slice', 'qkv i_8 i_16 i_-1', 'k0'],
      ['Slice', 'qkv i_16 i_99 i_-1', 'v'],
      ['Mul', 'q0 fq_8', 'q'],
      ['Mul', 'k0 fk_8', 'k'],
      ['Transpose', 'k', 't', { perm: [0, 2, 1] }],
      ['MatMul', 'q t', 's'],
      ['Softmax', 's', 'p', { axis: -1 }],
      ['MatMul', 'p v', 'o'],
      ...meanOfTokens('o'),
    ],
  ],
  'codes between layers': [
    ['N', 8],
    [
      ['QuantizeLinear', 'x n_0.1 zero', 'q'],
      ['DequantizeLinear', 'q n_0.1 zero', 'd'],
      ['Gemm', 'd f_8x8 f_8', 'g'],
      ['Relu', 'g', 'r'],
      ['QuantizeLinear', 'r n_0.2 zero', 'q2'],
      ['DequantizeLinear', 'q2 n_0.2 zero', 'd2'],
      ['Mul', 'd2 fk_8', 'k'],
      ['Gemm', 'k f_8x3 f_3', 'y'],
    ],
    [makeTensor('zero', DataType.INT8, [], [0])],
  ],
  'coordinates beside the channels': [
    picture,
    [
      ['Shape', 'x', 's', { start: 0, end: 1 }],
      ['Concat', 's i_2_8_8', 't', { axis: 0 }],
      ['Expand', 'fplaces_1x2x8x8 t', 'c'],
      ['Concat', 'x c', 'a', { axis: 1 }],
      ['Conv', 'a f_8x5x3x3', 'b'],
      ...pooled('b'),
    ],
  ],
  'places masked': [
    picture,
    [['Where', 'mask x n_0', 'm'], ['Conv', 'm f_8x3x3x3', 'b'], ...pooled('b')],
    [
      makeTensor(
        'mask',
        BOOL,
        [1, 1, 8, 8],
        Array.from({ length: 64 }, (_, i) => i % 2),
      ),
    ],
  ],
  'outputs in the units of the data': [
    ['N', 8],
    [
      ['Gemm', 'x f_8x3 f_3', 'g'],
      ['Mul', 'g fstd_3', 's'],
      ['Add', 's fmean_3', 'y'],
    ],
  ],
  'outputs of a map in the units of the data, each place its own': [
    ['N', 3, 8, 8],
    [
      ['Conv', 'x f_2x3x3x3', 'c', { pads: [1, 1, 1, 1] }],
      ['Mul', 'c fstd_1x2x8x8', 's'],
      ['Add', 's fmean_1x2x8x8', 'y'],
    ],
  ],
  'the distance of embeddings of unit length': [
    ['N', 8],
    [
      ['Gemm', 'x f_8x8 f_8', 'g'],
      ['Mul', 'g fk_8', 'k'],
      ['Add', 'k fb_8', 'b'],
      ['ReduceL2', 'b i_-1', 'l'],
      ['Div', 'b l', 'u'],
      ['MatMul', 'u f_8x3', 'y'],
    ],
  ],
  'sub-pixel convolution, and a mean of the pixels': [
    picture,
    [
      ...normed('x', 'a'),
      ['PRelu', 'a fslope_8x1x1', 'p'],
      ['DepthToSpace', 'p', 'd', { blocksize: 2 }],
      ['Conv', 'd f_8x2x3x3', 'c'],
      ...pooled('c'),
    ],
  ],
  'pre-activation with a batch normalization as operator, channels joined (DenseNet)': [
    ['N', 8, 4, 4],
    [
      ['BatchNormalization', 'x fg_8 fb_8 fm_8 one', 'n'],
      ['Relu', 'n', 'r'],
      ['Conv', 'r f_8x8x3x3', 'c', { pads: [1, 1, 1, 1] }],
      ['Concat', 'x c', 'k', { axis: 1 }],
      ['Relu', 'k', 'r2'],
      ['AveragePool', 'r2', 'p', { kernel_shape: [2, 2] }],
      ['Conv', 'p f_8x16x1x1', 'q'],
      ...pooled('q'),
    ],
    [one],
  ],
  'a picture of any size, batch normalization written out': [
    ['N', 3, 'H', 'W'],
    [
      ['Conv', 'x f_8x3x3x3', 'c'],
      ['Mul', 'c fk_8x1x1', 'm'],
      ['Add', 'm fb_8x1x1', 'b'],
      ['HardSwish', 'b', 'h'],
      ['ReduceMean', 'h i_2_3', 'p', { keepdims: 0 }],
      ['Gemm', 'p f_8x3 f_3', 'y'],
    ],
  ],
  'instance normalization, pooled, resized, and joined (U-Net)': [
    picture,
    [
      ['Conv', 'x f_8x3x3x3', 'c', { pads: [1, 1, 1, 1] }],
      ['InstanceNormalization', 'c fg_8 fb_8', 'i'],
      ['LeakyRelu', 'i', 'l'],
      ['MaxPool', 'l', 'p', { kernel_shape: [2, 2], strides: [2, 2] }],
      ['Resize', 'p - twice', 'u', { mode: 'linear' }],
      ['Concat', 'l u', 'k', { axis: 1 }],
      ['Conv', 'k f_2x16x3x3', 'y'],
    ],
    [makeTensor('twice', FLOAT, [4], [1, 1, 2, 2])],
  ],
  'group normalization resized to a size that the graph computes': [
    ['N', 3, 'H', 'W'],
    [
      ['Conv', 'x f_8x3x3x3', 'c'],
      ['GroupNormalization', 'c fg_8 fb_8', 'g', { num_groups: 2 }],
      ['Shape', 'x', 'sx'],
      ['Shape', 'g', 'sg'],
      ['Slice', 'sg i_0 i_2', 'a'],
      ['Slice', 'sx i_2 i_4', 'b'],
      ['Concat', 'a b', 'sz', { axis: 0 }],
      ['Resize', 'g - - sz', 'u', { mode: 'linear' }],
      ...pooled('u'),
    ],
  ],
  'positions behind an embedding, no normalization, a mean of the tokens': [
    tokens,
    [
      ['MatMul', 'x f_8x8', 'e'],
      ['Add', 'e fpos_1x6x8', 'p'],
      ['MatMul', 'p fw_8x8', 'h'],
      ['Relu', 'h', 'r'],
      ...meanOfTokens('r'),
    ],
  ],
  'scores calibrated for each class, and the best of them': [
    ['N', 8],
    [
      ['Gemm', 'x f_8x5 f_5', 'g'],
      ['Mul', 'g fa_5', 'a'],
      ['Add', 'a fb_5', 'b'],
      ['Softmax', 'b', 's'],
      ['ArgMax', 's', 'j', { axis: 1 }],
      ['Cast', 'j', 'y', { to: 1 }],
    ],
  ],
  'standardized features': [
    ['N', 8],
    [
      ['Sub', 'x fm_8', 'c'],
      ['Div', 'c fs_8', 'd'],
      ['Clip', 'd n_-5 n_5', 'e'],
      ['Gemm', 'e f_8x3 f_3', 'y'],
    ],
  ],
  'generalized means, an exponent for each channel': [
    picture,
    [
      ['Conv', 'x f_8x3x3x3 f_8', 'c'],
      ['Clip', 'c n_1e-6', 'k'],
      ['Pow', 'k fp_1x8x1x1', 'q'],
      ...pooled('q'),
    ],
  ],
  'global response normalization (ConvNeXt V2)': [
    ['N', 4, 4, 8],
    [
      ['MatMul', 'x f_8x8', 'h'],
      ['Gelu', 'h', 'g'],
      ['ReduceL2', 'g i_1_2', 'n'],
      ['ReduceMean', 'n i_-1', 'm'],
      ['Add', 'm n_1e-6', 'e'],
      ['Div', 'n e', 'd'],
      ['Mul', 'g d', 'k'],
      ['Mul', 'k fgam_8', 'l'],
      ['Add', 'l fbet_8', 'o'],
      ['Add', 'o g', 'r'],
      ['MatMul', 'r fw_8x8', 'z'],
      ['ReduceMean', 'z i_1_2', 'p', { keepdims: 0 }],
      ['Gemm', 'p f_8x3', 'y'],
    ],
  ],
  'the corners of boxes': [
    ['N', 16, 4],
    [
      ['MatMul', 'x f_4x4', 'b'],
      ['Split', 'b', 'cx cy w h', { axis: 2, num_outputs: 4 }],
      ['Mul', 'w n_0.5', 'hw'],
      ['Mul', 'h n_0.5', 'hh'],
      ['Sub', 'cx hw', 'l'],
      ['Add', 'cx hw', 'r'],
      ['Sub', 'cy hh', 't'],
      ['Add', 'cy hh', 'd'],
      ['Concat', 'l t r d', 'y', { axis: 2 }],
    ],
  ],
  'a picture read along a computed flow': [
    picture,
    [
      ['Conv', 'x f_2x3x3x3', 'flow', { pads: [1, 1, 1, 1] }],
      ['Transpose', 'flow', 'ft', { perm: [0, 2, 3, 1] }],
      ['Tanh', 'ft', 'fh'],
      ['Div', 'fh fsz_2', 'fd'],
      ['Add', 'fd fgrid_1x8x8x2', 'g'],
      ['GridSample', 'x g', 's'],
      ['Conv', 's f_8x3x3x3', 'c'],
      ...pooled('c'),
    ],
  ],
  'causal attention by a stored mask': [
    tokens,
    [
      ['MatMul', 'x fq_8x8', 'q'],
      ['MatMul', 'x fk_8x8', 'k'],
      ['Transpose', 'k', 'kt', { perm: [0, 2, 1] }],
      ['MatMul', 'q kt', 's'],
      ['Where', 'causal s n_-1e9', 'm'],
      ['Softmax', 'm', 'p'],
      ['MatMul', 'p x', 'o'],
      ...meanOfTokens('o'),
    ],
    [
      makeTensor(
        'causal',
        BOOL,
        [6, 6],
        Array.from({ length: 36 }, (_, i) => Number(i % 6 <= i / 6)),
      ),
    ],
  ],
  'spatial attention behind a residual sum': [
    ['N', 8, 4, 4],
    [
      ['Conv', 'x f_8x8x3x3', 'c', { pads: [1, 1, 1, 1] }],
      ['Mul', 'c fk_1x8x1x1', 'm'],
      ['Add', 'm fb_1x8x1x1', 'b'],
      ['Add', 'b x', 'r'],
      ['Relu', 'r', 'z'],
      ...spatialAttention('z', 'w'),
      ...pooled('w'),
    ],
  ],
  'sets of points': [
    tokens,
    [
      ['MatMul', 'x f_8x8', 'a'],
      ['Add', 'a f_8', 'b'],
      ['Relu', 'b', 'r'],
      ['ReduceSum', 'r i_1', 's', { keepdims: 0 }],
      ['Gemm', 's f_8x3', 'y'],
    ],
  ],
};

describe('known architectures are judged', () => {
  test.each(Object.entries(drawings))('%s', (_, [shape, lines, given]) => {
    const { mapped, refused } = classify(drawn(lines, shape, given));
    expect(refused.map(({ problem }) => `${problem.where}: ${problem.what}`)).toEqual([]);
    expect(mapped.length).toBeGreaterThan(0);
  });
});

test('onnxruntime opens them all', async () => {
  const broken: string[] = [];
  for (const [name, [shape, lines, given]] of Object.entries(drawings)) {
    try {
      await (await openSession(encodeModel(drawn(lines, shape, given)))).release();
    } catch (error) {
      broken.push(`${name}: ${String(error).slice(0, 300)}`);
    }
  }
  expect(broken).toEqual([]);
});
