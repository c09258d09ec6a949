/** Why a node failed, in words for the user. */
import type * as tf from '@tensorflow/tfjs';
import { UnknownValue } from '../compile/index.js';
import type { Problem } from '../errors.js';
import { UnsupportedForm } from './operator.js';
import type { PlannedNode } from './plan.js';

export function describeFailure(
  { label, node, opset }: PlannedNode,
  tensors: readonly (tf.Tensor | undefined)[],
  cause: unknown,
): Problem {
  const name = `${node.opType} (opset ${opset})`;
  if (cause instanceof UnsupportedForm)
    return { what: `${name}: ${cause.what}`, where: label, ...(cause.hint ? { hint: cause.hint } : {}) };
  if (cause instanceof UnknownValue)
    return {
      what: `${name}: what decides about its shapes depends on the inputs`,
      where: label,
      hint: 'it must be constant, or computed from shapes',
    };
  const shapes = tensors.map((tensor) => (tensor ? `[${tensor.shape}]` : '-')).join(', ');
  return { what: `${name} of ${shapes}: ${(cause as Error).message}`, where: label };
}
