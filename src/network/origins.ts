/** Where a value comes from, through operators that pass it on. */
import type { Node } from '../onnx/model.js';

/** Who makes a value, in the graph or around it. */
export type Producers = Pick<ReadonlyMap<string, Node>, 'get'>;

const known = new WeakMap<Producers, Map<ReadonlySet<string>, Map<string, string>>>();

/**
 * The value from which only operators of the set `passing` lead to this one. Each way is walked once: a file may hold a long
 * chain and many who ask for its end. Operators in a circle (such a file is refused) have no other origin.
 */
export function origin(name: string, producers: Producers, passing: ReadonlySet<string>): string {
  const bySet = known.get(producers) ?? new Map<ReadonlySet<string>, Map<string, string>>();
  known.set(producers, bySet);
  const origins = bySet.get(passing) ?? new Map<string, string>();
  bySet.set(passing, origins);
  const way = new Set<string>();
  let value = name;
  while (!origins.has(value) && !way.has(value)) {
    way.add(value);
    const node = producers.get(value);
    if (!node || !passing.has(node.opType)) break;
    value = node.inputs[0] ?? '';
  }
  const found = origins.get(value) ?? value;
  for (const passed of way) origins.set(passed, found);
  return found;
}
