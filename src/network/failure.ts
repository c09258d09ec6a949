/** Why a node failed, in words for the user. */
import type * as tf from '@tensorflow/tfjs';
import { UnknownValue } from '../compile/index.js';
import type { Problem } from '../errors.js';
import { operatorAt } from '../onnx/label.js';
import { UnsupportedForm } from './operator.js';
import type { PlannedNode } from './plan.js';

export function describeFailure(
  { label, node, opset }: PlannedNode,
  tensors: readonly (tf.Tensor | undefined)[],
  cause: unknown,
): Problem {
  const name = operatorAt(node, opset);
  if (cause instanceof UnsupportedForm)
    return { what: `${name}: ${cause.what}`, where: label, ...(cause.hint ? { hint: cause.hint } : {}) };
  if (cause instanceof UnknownValue)
    return {
      what: `${name}: what decides about its shapes depends on the inputs`,
      where: label,
      hint: 'it must be constant, or computed from shapes',
    };
  // Of JavaScript itself: what it says is of our code, not of the file.
  const isForeign = [TypeError, RangeError, ReferenceError, SyntaxError].some(
    (kind) => cause instanceof kind,
  );
  const shapes = tensors.map((tensor) => (tensor ? `[${tensor.shape}]` : '-')).join(', ');
  if (isForeign)
    return {
      what: `${name} of ${shapes}: operands and attributes do not fit one another`,
      where: label,
      hint: 'one of them may be missing or empty; onnx.checker tells more',
    };
  return { what: `${name} of ${shapes}: ${(cause as Error).message}`, where: label };
}
