/**
 * Which nodes take the blocked layout while a step is recorded. It begins at convolutions and spreads: an operator whose operand
 * was unpacked from blocks works on the blocks instead, and is unpacked in turn. Unpacked forms that nobody reads are dropped
 * at the end, as all dead nodes are.
 */
import type { AttributeValue } from '../../onnx/build.js';
import { sizeOf, type Value, type ValueSpec } from '../kernel.js';
import type { PoolAttributes } from '../kernels/pool.js';
import type { WindowAttributes } from '../kernels/windows.js';
import type { NodeRule, Recorder } from '../recorder.js';
import { sameShape } from '../shapes.js';
import { blockedConvolution, blockedNormalization, type Geometry, overChannels } from './convolution.js';
import { blockedFilterGradient } from './filterGradient.js';
import { wholeSum } from './fuse.js';
import { blockedForm, canBlock, fromBlocks, toBlocks } from './layout.js';
import { blockedAverageGradient, blockedPool } from './pooling.js';
import { blockedReduction } from './reductions.js';

/** Operators that treat elements alike; operands after the first may be single numbers. */
const elementwise = new Set(
  'Abs Neg Exp Log Sqrt Reciprocal Sign Tanh Sigmoid HardSigmoid HardSwish Softplus Relu LeakyRelu Elu Selu Clip Add Sub Mul Div Max Min'.split(
    ' ',
  ),
);

/** The rule for a processor whose vector registers hold `block` numbers (see probe.ts). */
export function blockedRule(block: number): NodeRule {
  return (recorder, opType, inputs, out, attributes) => {
    const [x, y] = inputs;
    switch (opType) {
      case 'Conv':
        return blockedConvolution(recorder, block, inputs, out, attributes as unknown as Geometry);
      case 'ConvGradFilter': {
        const window = attributes as unknown as WindowAttributes & { group: number };
        return blockedFilterGradient(recorder, block, [x!, y!], out.shape, window);
      }
      case 'AveragePoolGrad':
        return blockedAverageGradient(recorder, block, x!, out, attributes as unknown as PoolAttributes);
      case 'AveragePool':
      case 'MaxPool':
        return blockedPool(recorder, opType, x!, out, attributes);
      case 'ReduceSum':
      case 'ReduceMean':
        return blockedReduction(recorder, opType, x!, numbersOf(recorder, y), out);
      case 'BatchNormalization':
        return blockedNormalization(recorder, inputs, (attributes.epsilon as { float: number }).float);
      default:
        return elementwise.has(opType)
          ? onBlocks(recorder, block, opType, inputs, out, attributes)
          : undefined;
    }
  };
}

function onBlocks(
  recorder: Recorder,
  block: number,
  opType: string,
  inputs: readonly (Value | undefined)[],
  out: ValueSpec,
  attributes: Record<string, AttributeValue>,
): Value | undefined {
  const [x, y] = inputs;
  if (!inputs.some((value) => blockedForm(recorder, value))) return undefined;
  if (opType === 'Add' || opType === 'Mul') {
    for (const [image, vector] of [
      [x!, y!],
      [y!, x!],
    ] as const) {
      const blocks = blockedForm(recorder, image);
      const product =
        blocks && sameShape(image.shape, out.shape) && overChannels(recorder, opType, blocks, vector);
      if (product) return product;
    }
  }
  const fits = inputs.every(
    (value) =>
      !value || sizeOf(value.shape) === 1 || (sameShape(value.shape, out.shape) && canBlock(value, block)),
  );
  if (!fits) return undefined;
  const whole = (value: Value) => sizeOf(value.shape) > 1;
  const operands = inputs.map((value) => (value && whole(value) ? toBlocks(recorder, value) : value));
  const name = opType === 'Add' && inputs.every((value) => whole(value!)) ? wholeSum : opType;
  return fromBlocks(recorder, recorder.emit(name, operands, [out], attributes)[0]!);
}

function numbersOf(recorder: Recorder, axes: Value | undefined): readonly number[] {
  return (axes && recorder.numbers(axes)) ?? [];
}
