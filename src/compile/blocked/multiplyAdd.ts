/**
 * factor * x + y in one pass over memory, where ONNX has only Mul and Add: a depthwise 1x1 convolution that starts from y.
 * It is what optimizers do to large tensors.
 */

import { isSplat } from '../constants.js';
import { sizeOf, type Value, type ValueSpec } from '../kernel.js';
import type { Recorder, ValueDefinition } from '../recorder.js';
import { expand, reshape } from '../rewrite.js';
import { extentOf, sameShape } from '../shapes.js';
import { emitBlocked, pointwise } from './layout.js';

/** Add(Mul(x, factor), y) of blocked values, the factor a single number. */
export function multiplyAdd(
  recorder: Recorder,
  [a, b]: readonly (Value | undefined)[],
  out: ValueSpec,
): Value | undefined {
  if (!a || !b || !sameShape(a.shape, b.shape)) return undefined;
  for (const [product, addend] of [
    [a, b],
    [b, a],
  ] as const) {
    const [x, factor] = scaled(recorder.definition(product)) ?? [];
    // The kernel works in the memory of the addend; one that is not made here, such as a weight, it would have to copy.
    if (!x || !factor || !sameShape(x.shape, out.shape) || !recorder.definition(addend)) continue;
    const channels = extentOf(out.shape, 1);
    const operands = [x, factors(recorder, factor, channels), undefined, addend];
    return emitBlocked(recorder, 'Conv', operands, out, { ...pointwise, group: channels });
  }
  return undefined;
}

/** [x, factor] of Mul(x, factor) with a single number on either side. */
function scaled(definition: ValueDefinition | undefined): readonly [Value, Value] | undefined {
  if (definition?.opType !== 'Mul') return undefined;
  const [x, y] = definition.inputs as [Value, Value];
  if (sizeOf(y.shape) === 1) return [x, y];
  return sizeOf(x.shape) === 1 ? [y, x] : undefined;
}

function factors(recorder: Recorder, factor: Value, channels: number): Value {
  const shape = [channels, 1, 1, 1];
  if (isSplat(factor)) return recorder.fill(factor.splat, shape);
  const [number] = factor.constant ?? [];
  if (number !== undefined) return recorder.fill(number, shape);
  return expand(recorder, reshape(recorder, factor, [1, 1, 1, 1]), shape);
}
