/**
 * Which nodes take the blocked layout while a step is recorded. It begins at convolutions and spreads: an operator whose operand
 * was unpacked from blocks works on the blocks instead, and is unpacked in turn. Unpacked forms that nobody reads are dropped
 * at the end, as all dead nodes are.
 */
import { floatOf, numberOf, windowOf } from '../attributes.js';
import type { Value } from '../kernel.js';
import type { NodeRule, Recorder } from '../recorder.js';
import { blockedConvolution, blockedNormalization } from './convolution.js';
import { elementwise } from './elementwise.js';
import { blockedFilterGradient } from './filterGradient.js';
import { packedProduct } from './matrices.js';
import { blockedAverageGradient, blockedPool } from './pooling.js';
import { blockedReduction, wholeReduction } from './reductions.js';

/** The rule for a processor whose vector registers hold `block` numbers (see probe.ts). */
export function blockedRule(block: number): NodeRule {
  return (recorder, opType, inputs, out, attributes) => {
    const [x, y] = inputs;
    if (!x) return undefined;
    switch (opType) {
      case 'Conv':
        return blockedConvolution(recorder, block, inputs, out, attributes);
      case 'ConvGradFilter': {
        const window = { ...windowOf(attributes), group: numberOf(attributes, 'group') };
        return y && blockedFilterGradient(recorder, block, x, y, out.shape, window);
      }
      case 'AveragePoolGrad':
        return blockedAverageGradient(recorder, block, x, out, windowOf(attributes));
      case 'AveragePool':
      case 'MaxPool':
        return blockedPool(recorder, opType, x, out, attributes);
      case 'ReduceSum':
      case 'ReduceMean':
        return (
          blockedReduction(recorder, opType, x, axesOf(recorder, y), out) ??
          wholeReduction(recorder, opType, x, axesOf(recorder, y), out)
        );
      case 'ReduceMax':
      case 'ReduceMin':
        return wholeReduction(recorder, opType, x, axesOf(recorder, y), out);
      case 'MatMul':
        return packedProduct(recorder, block, inputs, out, [false, false]);
      case 'Gemm': {
        const { transA, transB } = attributes;
        return packedProduct(recorder, block, inputs, out, [Boolean(transA), Boolean(transB)]);
      }
      case 'BatchNormalization':
        return blockedNormalization(recorder, inputs, floatOf(attributes, 'epsilon'));
      default:
        return elementwise(recorder, block, opType, inputs, out, attributes);
    }
  };
}

function axesOf(recorder: Recorder, axes: Value | undefined): readonly number[] {
  return (axes && recorder.numbers(axes)) ?? [];
}
