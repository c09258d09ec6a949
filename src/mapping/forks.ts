/**
 * Whether the outputs of a layer go on to several places where stored values may meet them: one scale or shift of an output could be
 * part of the layer's weights, several make a product of their own.
 */
import { intAttribute, intsAttribute } from '../onnx/attributes.js';
import type { Graph, Node } from '../onnx/model.js';
import { tensorValues } from '../onnx/tensor.js';
import { consumerMap } from '../onnx/walk.js';
import { carrying } from './layerAxes.js';
import { selecting } from './parts.js';
import type { Scope } from './scope.js';

/** @param isData whether activations reach a value */
export function forks(graph: Graph, scope: Scope, isData: (name: string) => boolean) {
  const consumers: ReadonlyMap<string, readonly Node[]> = consumerMap(graph);
  const known = new Map<string, boolean>();
  return (name: string): boolean => {
    const before = known.get(name);
    if (before !== undefined) return before;
    // Among several activations, a stored value has no part.
    const on = [...new Set(consumers.get(name) ?? [])].filter(
      (node) =>
        carrying.has(node.opType) && node.inputs.filter((input) => input && isData(input)).length === 1,
    );
    const found = on.length > 1 && !areApart(on, scope);
    known.set(name, found);
    return found;
  };
}

/** Whether all of these take parts along the same axis that share no element, as far as that can be told. */
function areApart(nodes: readonly Node[], scope: Scope): boolean {
  const parts = nodes.map((node) => partOf(node, scope));
  const [first] = parts;
  if (!first || parts.some((part) => part?.axis !== first.axis)) return false;
  const sorted = parts.flatMap((part) => part?.ranges ?? []).sort((a, b) => order(a[0]) - order(b[0]));
  return sorted.every(([, end], i) => {
    const next = sorted[i + 1]?.[0];
    return (
      next === undefined ||
      end === next ||
      (end >= 0 && next >= 0 && end <= next) ||
      (end < 0 && next < 0 && end <= next)
    );
  });
}

/** Places counted from the end lie behind those counted from the front. */
const order = (place: number) => (place < 0 ? place + 2 ** 52 : place);

interface Part {
  readonly axis: number;
  /** From the first to the one behind the last. */
  readonly ranges: readonly (readonly [number, number])[];
}

function partOf(node: Node, scope: Scope): Part | undefined {
  if (!selecting.has(node.opType)) return undefined;
  const ints = (position: number) => {
    const tensor = scope.tensor(node.inputs[position]);
    return tensor && Array.from(tensorValues(tensor) as ArrayLike<number | bigint>, Number);
  };
  if (node.opType === 'Gather') {
    const ranges = ints(1)?.map(
      (place) => [place, place + 1 === 0 ? Number.POSITIVE_INFINITY : place + 1] as const,
    );
    return ranges && { axis: intAttribute(node, 'axis') ?? 0, ranges };
  }
  if (node.opType !== 'Slice') return undefined;
  const starts = intsAttribute(node, 'starts') ?? ints(1);
  const ends = intsAttribute(node, 'ends') ?? ints(2);
  const axes = intsAttribute(node, 'axes') ?? ints(3);
  const [start, end, axis] = [starts?.[0], ends?.[0], axes?.[0] ?? 0];
  const steps = ints(4);
  if (starts?.length !== 1 || start === undefined || end === undefined || (steps && steps[0] !== 1))
    return undefined;
  return { axis, ranges: [[start, end]] };
}
