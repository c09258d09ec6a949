/** Different parts of one value, each scaled by stored numbers, and put together: a product written out, one term for each part. */
import { intAttribute, intsAttribute } from '../onnx/attributes.js';
import type { Node } from '../onnx/model.js';
import { meet } from './axes.js';
import type { Content, Trace } from './contents.js';
import type { OperandShapes } from './shapes.js';

/** Numbers may mix as many parts: the colours of a picture and its alpha, the corners of a box. */
const mostMixed = 4;

/** The scales of parts that meet other scaled parts of the same value. */
export function joinedParts(inputs: readonly Content[]): Trace[] {
  const parts = inputs.map(({ traces }) => traces.filter(({ kind, part }) => part && isWeighing(kind)));
  const all = parts.flat();
  const isMixture = ({ part }: Trace) =>
    new Set(all.filter((other) => other.part!.whole === part!.whole).map((other) => other.part!.name)).size <=
    mostMixed;
  const isOther = (a: Trace, b: Trace) =>
    !b.part!.few && a.part!.whole === b.part!.whole && a.part!.name !== b.part!.name;
  return parts.flatMap((list, at) =>
    list.filter((trace) =>
      trace.part!.few
        ? !isMixture(trace)
        : parts.some((others, i) => i !== at && others.some((other) => isOther(trace, other))),
    ),
  );
}

function isWeighing(kind: Trace['kind']): boolean {
  return kind === 'scale' || kind === 'distance';
}

/** Put beside one another, the scaled parts of one value vary along that axis too: summed along it they are added. */
export function stacked(
  node: Node,
  inputs: readonly Content[],
  operands: OperandShapes,
  all: readonly Trace[],
): readonly Trace[] {
  const key = ({ where, part }: Trace) => JSON.stringify([where, part?.name]);
  const joined = new Set(joinedParts(inputs).map(key));
  const axis = intAttribute(node, 'axis') ?? 0;
  const rank = operands.shapes.find((shape) => shape !== undefined)?.length;
  const place = axis < 0 ? axis : rank === undefined ? undefined : axis - rank;
  const wider = ({ axes }: Trace) =>
    axes && place !== undefined ? [...new Set([...axes, place])] : undefined;
  return all.map((trace) => (joined.has(key(trace)) ? { ...trace, axes: wider(trace) } : trace));
}

export const selecting: ReadonlySet<string> = new Set(
  'Slice Split Gather GatherElements GatherND Compress SequenceAt'.split(' '),
);

/** Parts of a scaled value, taken along an axis along which the scale varies, are scaled differently. */
export function takenParts(
  node: Node,
  output: string,
  operands: OperandShapes,
  traces: readonly Trace[],
): readonly Trace[] {
  if (!selecting.has(node.opType)) return traces;
  const axes = selectedAxes(node, operands);
  return traces.flatMap((trace) => {
    const { kind, single, part, where } = trace;
    // The axes are those behind the operator: enough to tell what none of them meets.
    if (single || !isWeighing(kind) || !meet(trace.axes, axes)) return [trace];
    if (part?.few) return [{ ...trace, part: { ...part, name: `${part.name}/${output}` } }];
    const taken = { ...trace, part: { name: output, whole: where, few: true } };
    // A slice that was scaled is still one of those of its value.
    return part && part.name !== part.whole ? [trace, taken] : [taken];
  });
}

/** The axes along which an operator takes a part, counted from the end; undefined if unknown. */
export function selectedAxes(node: Node, { shapes, ints }: OperandShapes): readonly number[] | undefined {
  const rank = shapes[0]?.length;
  const slices = node.opType === 'Slice' ? (intsAttribute(node, 'axes') ?? ints(3)) : undefined;
  const axes = slices ?? (node.opType === 'Slice' ? undefined : [intAttribute(node, 'axis') ?? 0]);
  if (!axes || rank === undefined || node.opType === 'GatherND') return undefined;
  return axes.map((axis) => (axis < 0 ? axis : axis - rank));
}
