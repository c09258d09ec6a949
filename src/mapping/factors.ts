/** What to think of a stored factor of activations, and what traces it leaves of a scale. */
import { intAttribute } from '../onnx/attributes.js';
import type { Node } from '../onnx/model.js';
import { type Content, type Size, type Trace, variedAxes } from './contents.js';
import { digital, type Meeting, type MeetingPlace, traceOf } from './place.js';
import { reasons } from './roles.js';

/** What else a factor can be than one that leaves a trace of a scale. */
export function scaleOf(
  place: MeetingPlace,
  position: number,
  size: Size,
  widens: boolean,
): Meeting | undefined {
  const { node, inputs, normalizations, rotations } = place;
  const content = inputs[position]!;
  if (node.opType === 'RotaryEmbedding') {
    const [, cosines = '', sines = ''] = node.inputs;
    return rotations.arePair(cosines, sines)
      ? { harmless: turning }
      : refused('they turn activations, and are no cosines and sines of the same angles');
  }
  const fixed = content.stored.length === 1 ? place.fixedOf(content.stored[0]!.name) : undefined;
  if (fixed && size === 'vector') return { harmless: `${fixed}, taken to be digital`, fixed: true };
  if (node.opType === 'STFT')
    return refused('every element of a frame is multiplied with one, and then summed');
  // Which activations they meet is told by indices, not by shapes.
  if (node.opType.startsWith('Scatter')) return refused('activations are multiplied with them in place');
  if (rotations.turns(node)) {
    const trace = traceOf({ ...place, wholeOf: (name) => name }, content, size, 'scale');
    const { part: _, ...rest } = trace;
    return { harmless: turning, trace: { ...rest, full: false, wide: false, turned: true } };
  }
  if (widens) return refused('each activation is multiplied with several stored values');
  if (ofLayer(place, content)) return { harmless: 'scale of the outputs of a layer on a crossbar' };
  // In a body: another number each time.
  if (content.partial && size === 'tensor')
    return refused('activations are multiplied with one after another');
  const normalized = size === 'tensor' && node.inputs.some((name) => normalizations.isNormalized(name));
  return normalized
    ? { harmless: reasons.normalization, trace: { ...traceOf(place, content, size, 'scale'), wide: false } }
    : undefined;
}

const turning = 'cosines and sines of a rotation by position';

/** Whether it varies along the outputs of a layer on a crossbar alone, which nothing has bent: it could be part of the weights. */
export function ofLayer(place: MeetingPlace, content: Content): boolean {
  const { node, inputs, isShared } = place;
  return liesAlongLayer(place, content) && !node.inputs.some((name, i) => inputs[i]!.data && isShared(name));
}

/** The same, though the outputs may meet others too. */
export function liesAlongLayer({ inputs }: MeetingPlace, { shape }: Content): boolean {
  const data = inputs.filter((other) => other.data);
  const axes = variedAxes(shape);
  const along = data.length === 1 ? data[0]!.layerAxes : undefined;
  return axes !== undefined && along !== undefined && axes.every((axis) => along.includes(axis));
}

/** Operands of normalizations and quantizers that scale activations. */
const scaling: ReadonlyMap<string, readonly number[]> = new Map([
  ['BatchNormalization', [1, 4]],
  ['InstanceNormalization', [1]],
  ['GroupNormalization', [1]],
  ['LayerNormalization', [1]],
  ['RMSNormalization', [1]],
  ['SimplifiedLayerNormalization', [1]],
  ['SkipLayerNormalization', [2]],
  ['SkipSimplifiedLayerNormalization', [2]],
  ['QuantizeLinear', [1]],
  ['DequantizeLinear', [1]],
]);
const byChannel = new Set(
  'BatchNormalization InstanceNormalization GroupNormalization QuantizeLinear DequantizeLinear'.split(' '),
);

/** Whether a batch normalization follows a layer on a crossbar at once: it could be part of the weights. */
export function isFolded({ node, inputs, isShared }: MeetingPlace): boolean {
  const [name = ''] = node.inputs;
  return node.opType === 'BatchNormalization' && inputs[0]?.layerAxes !== undefined && !isShared(name);
}

export function scalesAlong({ opType }: Node, position: number): boolean {
  return scaling.get(opType)?.includes(position) ?? false;
}

/** Of some, the vector lies along the channels. */
export function alongChannels({ node, inputs }: MeetingPlace): Partial<Trace> {
  if (!byChannel.has(node.opType)) return {};
  const rank = inputs[0]?.shape?.length;
  const axis = intAttribute(node, 'axis') ?? 1;
  return { axes: rank === undefined ? undefined : [axis < 0 ? axis : axis - rank] };
}

/** A part of a value that a single number scales: with many others it is a term of a product. */
export function singleScale(place: MeetingPlace, content: Content): { trace: Trace } | undefined {
  const trace = traceOf(place, content, 'number', 'scale');
  const { part } = trace;
  return part && part.whole !== part.name
    ? { trace: { ...trace, part: { ...part, few: true }, wide: false, single: true } }
    : undefined;
}

export const refused = (why: string): Meeting => ({
  why,
  hint: `write the product as MatMul or Conv, or ${digital}`,
});
