/** Values that break careless code. */
import { DataType } from '../../src/onnx/model.js';

export const integers: readonly bigint[] = [
  ...[0n, 1n, -1n, 2n, -2n, 3n, 5n, 7n, 64n, 127n, 255n, 1000n, 4096n, 4097n, 65536n, 1n << 20n, 1n << 24n],
  ...[1n << 27n, 1n << 28n, 1n << 30n, (1n << 31n) - 1n, 1n << 31n, 1n << 32n, -(1n << 31n), 1n << 53n],
  ...[1n << 62n, (1n << 63n) - 1n, -(1n << 63n)],
];

/** What a declared extent may be: the decoder takes safe integers only, the file holds any. */
export const extents: readonly number[] = integers
  .filter((value) => value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER))
  .map(Number);

export const floats: readonly number[] = [0, -0, 1, -1, 1e-45, 3.4e38, Number.NaN, Infinity, -Infinity];

/** Names that are properties of every JavaScript object, and other odd ones. */
export const names: readonly string[] = [
  ...['', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'length', 'then', '0'],
  ...['a\0b', '\u202e', 'x'.repeat(5000)],
];

export const dataTypes: readonly number[] = [...Object.values(DataType), -1, 29, 1000, 2 ** 31 - 1];

/** Attributes that operators read, whether theirs or not. */
export const attributes: readonly string[] = [
  ...[
    'axis',
    'axes',
    'pads',
    'strides',
    'dilations',
    'kernel_shape',
    'group',
    'perm',
    'num_outputs',
    'split',
  ],
  ...['to', 'block_size', 'keepdims', 'output_shape', 'output_padding', 'ceil_mode', 'count_include_pad'],
  ...['batch_dims', 'blocksize', 'num_groups', 'size', 'hidden_size', 'exclusive', 'reverse', 'largest'],
  ...['storage_order', 'allowzero', 'p', 'scales', 'starts', 'ends', 'select_last_index', 'upper', 'dtype'],
];

/** Standard operators beside those that can be imported. */
export const others: readonly string[] = [
  ...[
    'If',
    'Loop',
    'Scan',
    'NonZero',
    'Unique',
    'StringNormalizer',
    'SequenceConstruct',
    'Optional',
    'Range',
  ],
  ...[
    'RandomNormal',
    'OneHot',
    'TopK',
    'Resize',
    'EyeLike',
    'CumSum',
    'LSTM',
    'Einsum',
    'Compress',
    'Custom',
  ],
];
