/**
 * Pooling over the spatial axes, by windows or over all of them (ONNX: MaxPool, AveragePool, GlobalAveragePool,
 * GlobalMaxPool).
 */
import { maxPoolIndices } from '../../compile/kernels/maxima.js';
import { averagePool, maxPool } from '../../compile/kernels/pool.js';
import { DataType } from '../../onnx/model.js';
import { int, ints } from '../attributes.js';
import { resolveWindow, windowRefusals } from '../geometry.js';
import { defineOperator } from '../operator.js';
import { poolAttributes, poolWindow, spatialAxes } from '../pooling.js';

/** Y[n, c, o] = max over k of X[n, c, o * stride - pad + k * dilation]; Indices = its flat place in X. */
export const MaxPool = defineOperator({
  type: 'MaxPool',
  since: [1, 8, 10, 11, 12, 22],
  inputs: ['X'],
  attributes: {
    ...poolAttributes,
    dilations: ints(undefined, { since: 10 }),
    // Of the indices.
    storage_order: int(0, { since: 8, only: [0, 1] }),
  },
  outputs: 2,
  elementTypes: () => [undefined, DataType.INT64],
  check: windowRefusals,
  evaluate({ X }, { kernel_shape, ceil_mode, storage_order, ...attributes }, { outputCount }) {
    const window = poolWindow(X, kernel_shape, ceil_mode, attributes);
    // Of integers ONNX pools those of 8 bits, which float32 holds exactly.
    const y = X.dtype === 'float32' ? maxPool(X, window) : maxPool(X.cast('float32'), window).cast(X.dtype);
    if (outputCount === 1) return y;
    return [y, maxPoolIndices(X.cast('float32'), { ...window, columnMajor: storage_order === 1 })];
  },
  gradient: 'yes',
});

/** Y[n, c, o] = mean over k of X[n, c, o * stride - pad + k * dilation]; pads are 0, and count if count_include_pad. */
export const AveragePool = defineOperator({
  type: 'AveragePool',
  since: [1, 7, 10, 11, 19, 22],
  inputs: ['X'],
  attributes: {
    ...poolAttributes,
    count_include_pad: int(0, { since: 7, only: [0, 1] }),
    dilations: ints(undefined, { since: 19 }),
  },
  check: windowRefusals,
  evaluate({ X }, { kernel_shape, ceil_mode, count_include_pad, ...attributes }) {
    const window = poolWindow(X, kernel_shape, ceil_mode, attributes);
    return averagePool(X, { ...window, countIncludePad: count_include_pad === 1 });
  },
  gradient: 'yes',
});

/** Y[n, c] = mean of X[n, c] over the spatial axes, which stay with extent 1. */
export const GlobalAveragePool = defineOperator({
  type: 'GlobalAveragePool',
  since: [1, 22],
  inputs: ['X'],
  evaluate: ({ X }) => X.mean(spatialAxes(X.rank), true),
  gradient: 'yes',
});

/** Y[n, c] = max of X[n, c] over the spatial axes, which stay with extent 1. */
export const GlobalMaxPool = defineOperator({
  type: 'GlobalMaxPool',
  since: [1, 22],
  inputs: ['X'],
  evaluate({ X }) {
    const kernel = X.shape.slice(2);
    // One window: unlike a maximum over axes, its gradient goes to the first maximum only.
    const attributes = { strides: undefined, pads: undefined, dilations: undefined, auto_pad: 'VALID' };
    return maxPool(X, { ...resolveWindow(kernel, kernel, attributes), ceil: false });
  },
  gradient: 'yes',
});
