/** How equal nodes are known: by a text. */
import type { AttributeValue } from '../onnx/build.js';
import type { ValueSpec } from './kernel.js';

/** As `String`, but -0 is not 0. */
export function numberText(number: number): string {
  return Object.is(number, -0) ? '-0' : String(number);
}

/** A text that is equal for equal nodes; undefined if the node may not be shared (it holds a graph or a tensor). */
export function nodeKey(
  opType: string,
  names: readonly string[],
  outs: readonly ValueSpec[],
  attributes: Record<string, AttributeValue>,
): string | undefined {
  const values = Object.values(attributes);
  if (values.some((v) => typeof v === 'object' && ('graph' in v || 'tensor' in v))) return undefined;
  // JSON knows neither bigint nor NaN, infinity and -0.
  const text = JSON.stringify(attributes, (_, v) =>
    typeof v === 'bigint' ? `${v}n` : typeof v === 'number' ? numberText(v) : v,
  );
  return `${opType}|${names.join(',')}|${outs.map((o) => o.dtype).join(',')}|${text}`;
}
