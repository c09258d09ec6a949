/** What is known of each result of a node: where the examples are in it, and what it is with the file's own number of them. */
import type * as tf from '@tensorflow/tfjs';
import { operandsFor } from '../codes.js';
import type { Flow } from '../control/flow.js';
import type { Evaluation } from '../operator.js';
import type { PlannedNode } from '../plan.js';
import { ownResults } from './counts.js';
import { followBatch } from './follow.js';

/** @param rebatched whether an input holds another number of examples than the file fixes */
export function examplesIn(
  planned: PlannedNode,
  operands: readonly (Flow | undefined)[],
  outputs: readonly (tf.Tensor | undefined)[],
  at: Evaluation,
  rebatched: boolean,
): Pick<Flow, 'batch' | 'own'>[] {
  const batches = followBatch(planned, operands, outputs, rebatched);
  if (!rebatched || batches.some((batch) => batch)) return batches.map((batch) => ({ batch }));
  const { node, operator, attributes } = planned;
  const { rebatch: _, ...quiet } = { ...at, note() {}, update() {} };
  return ownResults(planned, operands, outputs, (own) =>
    operator.evaluate(operandsFor(node.opType, own), attributes, quiet),
  );
}
