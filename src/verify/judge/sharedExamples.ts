/** Examples in memory that all worker threads see, instead of a copy for each. */
import type { FedExamples } from '../feed/feedPlan.js';

type Array = Uint8Array | Int32Array | Float32Array;

/** The examples as they are for one worker, in shared memory for several. */
export function shareExamples(
  { examples, shape, labels, targets, count }: FedExamples,
  workers: number,
): FedExamples {
  const place = <T extends Array>(values: T): T => (workers > 1 ? share(values) : values);
  return {
    examples: place(examples),
    shape,
    labels: place(labels),
    count,
    ...(targets && { targets: place(targets) }),
  };
}

function share<T extends Array>(values: T): T {
  const type = values.constructor as new (buffer: SharedArrayBuffer) => T;
  const shared = new type(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}
