/** Operators that treat all elements alike work on blocks, of pictures and of large matrices, as on anything else. */
import type { AttributeValue } from '../../onnx/build.js';
import { sizeOf, type Value, type ValueSpec } from '../kernel.js';
import type { Recorder } from '../recorder.js';
import { sameShape } from '../shapes.js';
import { overChannels } from './convolution.js';
import { wholeSum } from './fuse.js';
import { blockedForm, canBlock, fromBlocks, toBlocks } from './layout.js';
import { canPack, pack, packedForm, packedShape, unpack } from './matrices.js';
import { multiplyAdd } from './multiplyAdd.js';

/** Any operand but one may be a single number. */
const operators = new Set(
  'Abs Neg Exp Log Sqrt Reciprocal Sign Tanh Sigmoid HardSigmoid HardSwish Softplus Relu LeakyRelu Elu Selu Clip Add Sub Mul Div Max Min'.split(
    ' ',
  ),
);

type BlockedOperands = readonly (Value | undefined)[];

export function elementwise(
  recorder: Recorder,
  block: number,
  opType: string,
  inputs: BlockedOperands,
  out: ValueSpec,
  attributes: Record<string, AttributeValue>,
): Value | undefined {
  if (!operators.has(opType)) return undefined;
  if (inputs.some((value) => blockedForm(recorder, value))) {
    const scaled = perChannel(recorder, opType, inputs, out);
    if (scaled) return scaled;
    if (!allFit(inputs, out, (value) => canBlock(value, block))) return undefined;
    const blocks = onWhole(inputs, (value) => toBlocks(recorder, value));
    return fromBlocks(recorder, combined(recorder, opType, blocks, out, attributes));
  }
  if (inputs.some((value) => packedForm(recorder, value))) {
    if (!allFit(inputs, out, (value) => canPack(value.shape, block))) return undefined;
    const packed = onWhole(inputs, (value) => pack(recorder, block, value));
    const packedOut = { ...out, shape: packedShape(out.shape) };
    return unpack(recorder, combined(recorder, opType, packed, packedOut, attributes));
  }
  return undefined;
}

/** A picture times, or plus, one number for each channel. */
function perChannel(
  recorder: Recorder,
  opType: string,
  [x, y]: BlockedOperands,
  out: ValueSpec,
): Value | undefined {
  if ((opType !== 'Add' && opType !== 'Mul') || !x || !y) return undefined;
  for (const [image, vector] of [
    [x, y],
    [y, x],
  ] as const) {
    const blocks = blockedForm(recorder, image);
    const result =
      blocks && sameShape(image.shape, out.shape) && overChannels(recorder, opType, blocks, vector);
    if (result) return result;
  }
  return undefined;
}

function combined(
  recorder: Recorder,
  opType: string,
  operands: BlockedOperands,
  out: ValueSpec,
  attributes: Record<string, AttributeValue>,
): Value {
  const adds = opType === 'Add' && operands.every((value) => value && isWhole(value));
  const fused = adds ? multiplyAdd(recorder, operands, out) : undefined;
  return fused ?? recorder.node(adds ? wholeSum : opType, operands, out, attributes);
}

function allFit(inputs: BlockedOperands, out: ValueSpec, blocks: (value: Value) => boolean): boolean {
  return inputs.every(
    (value) => !value || !isWhole(value) || (sameShape(value.shape, out.shape) && blocks(value)),
  );
}

function onWhole(inputs: BlockedOperands, change: (value: Value) => Value): BlockedOperands {
  return inputs.map((value) => (value && isWhole(value) ? change(value) : value));
}

function isWhole(value: Value): boolean {
  return sizeOf(value.shape) > 1;
}
