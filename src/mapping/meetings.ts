/** What to think of a stored value that meets activations at an operator, by the operand that it is. */
import type { Node } from '../onnx/model.js';
import { isStandard } from '../onnx/walk.js';
import { type Content, type Size, type Stored, sizeOfContent, type Trace, variedAxes } from './contents.js';
import { integerOperators, weightPositions } from './crossbar.js';
import type { Fixed } from './fixed.js';
import type { Normalizations } from './normalizations.js';
import { type Role, reasons, roleOf } from './roles.js';
import type { Rotations } from './rotations.js';
import { broadcast, type Shape } from './shapes.js';

export type Meeting =
  | {
      readonly harmless: string;
      readonly trace?: Trace;
      /** A product all the same, of numbers that nobody has trained: taken to be digital. */
      readonly fixed?: boolean;
    }
  | { readonly why: string; readonly hint: string };

export interface Place {
  readonly node: Node;
  /** How messages name it. */
  readonly label: string;
  readonly inputs: readonly Content[];
  readonly normalizations: Pick<Normalizations, 'isNormalized' | 'isProduct'>;
  readonly rotations: Pick<Rotations, 'turns' | 'arePair'>;
  /** What the numbers of a stored value are, if nobody has trained them. */
  readonly fixedOf: (name: string) => Fixed | undefined;
  /** The value that one was taken out of (slices.ts). */
  readonly wholeOf: (name: string) => string;
}

/** Leaves room for what is said before it. */
const digital = 'keep it on digital hardware (--digital NAME)';

export function meetingAt(place: Place, position: number): Meeting {
  const { node, inputs } = place;
  const content = inputs[position]!;
  const size = sizeOfContent(content);
  const role = roleOf(node, position);
  if (size === 'number' && (role || content.stored.every(isSingle)))
    return {
      harmless: role && !elementwise.has(role) ? reasons[role] : 'single number',
      ...(role === 'scale' && singleScale(place, content)),
    };
  if (role === undefined) return refusalOf(node, position, content);
  return asRole(role, place, position, size);
}

/** A part of a value that a single number scales: with many others it is a term of a product. */
function singleScale(place: Place, content: Content): { trace: Trace } | undefined {
  const trace = traceOf(place, content, 'number', 'scale');
  const { part } = trace;
  return part && part.whole !== part.name ? { trace: { ...trace, part: { ...part, few: true }, wide: false, single: true } }
    : undefined;
}

/** As a factor among others, equal weights are as many devices as different ones. */
function isSingle({ dims }: Stored): boolean {
  return dims.every((extent) => extent <= 1);
}

/** Roles that say less of a single number than that it is one. */
const elementwise: ReadonlySet<Role> = new Set(['scale', 'shift', 'beside', 'choice', 'slope']);

function asRole(role: Role, place: Place, position: number, size: Size): Meeting {
  const { node, inputs, normalizations } = place;
  const content = inputs[position]!;
  const others = broadcast(inputs.filter(({ data }) => data).map(({ shape }) => shape));
  const widens = isWiderThan(content.shape, others);
  // By exclusion, where shapes are unknown.
  const wide = widens || (size === 'tensor' && (!content.shape || !others));
  const harmless = (kind?: Trace['kind'], more: Partial<Trace> = {}): Meeting => ({
    harmless: reasons[role],
    ...(kind && { trace: { ...traceOf(place, content, size, kind), wide: widens, ...more } }),
  });
  switch (role) {
    case 'scale':
      return scaleOf(place, position, size, widens) ?? harmless('scale', { table: size === 'tensor' });
    case 'normalization':
      return scalesAlong(node, position) && !isFolded(place) ? harmless('scale', alongChannels(place)) : harmless();
    case 'slope':
      if (node.opType === 'PRelu') return harmless('scale');
      return size === 'vector' && !widens
        ? harmless()
        : refused('every activation has an exponent of its own');
    case 'shift':
      if (!wide && (node.inputs.some((name) => normalizations.isProduct(name)) || ofLayer(place, content)))
        return { harmless: reasons.bias };
      return harmless(compares(node) ? 'distance' : 'shift');
    case 'bound':
      return harmless('distance');
    case 'choice':
      if (size === 'vector') return harmless('scale');
      return inputs[0]!.data
        ? refused('activations choose among stored values')
        : harmless('beside', { full: true });
    case 'beside':
      return harmless('beside', { full: true });
    default:
      return harmless();
  }
}

/** What else a factor can be than one that leaves a trace of a scale. */
function scaleOf(place: Place, position: number, size: Size, widens: boolean): Meeting | undefined {
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
  if (node.opType === 'STFT') return refused('every element of a frame is multiplied with one, and then summed');
  // Which activations they meet is told by indices, not by shapes.
  if (node.opType.startsWith('Scatter')) return refused('activations are multiplied with them in place');
  if (rotations.turns(node)) {
    const trace = traceOf({ ...place, wholeOf: (name) => name }, content, size, 'scale');
    const { part: _, ...rest } = trace;
    return { harmless: turning, trace: { ...rest, full: false, wide: false, turned: true } };
  }
  if (widens) return refused('each activation is multiplied with several stored values');
  if (ofLayer(place, content)) return { harmless: 'scale of the outputs of a layer on a crossbar' };
  const normalized = size === 'tensor' && node.inputs.some((name) => normalizations.isNormalized(name));
  return normalized
    ? { harmless: reasons.normalization, trace: { ...traceOf(place, content, size, 'scale'), wide: false } }
    : undefined;
}

const turning = 'cosines and sines of a rotation by position';

/** Whether it varies along the outputs of a layer on a crossbar alone, which nothing has bent: it could be part of the weights. */
function ofLayer({ inputs }: Place, { shape }: Content): boolean {
  const data = inputs.filter((other) => other.data);
  const axes = variedAxes(shape);
  const along = data.length === 1 ? data[0]!.layerAxes : undefined;
  return axes !== undefined && along !== undefined && axes.every((axis) => along.includes(axis));
}

/** The operands of normalizations that scale what they normalize. */
const scaling: ReadonlyMap<string, readonly number[]> = new Map([
  ['BatchNormalization', [1, 4]],
  ['InstanceNormalization', [1]],
  ['GroupNormalization', [1]],
  ['LayerNormalization', [1]],
  ['RMSNormalization', [1]],
  ['SimplifiedLayerNormalization', [1]],
  ['SkipLayerNormalization', [2]],
  ['SkipSimplifiedLayerNormalization', [2]],
]);
const byChannel = new Set(['BatchNormalization', 'InstanceNormalization', 'GroupNormalization']);

/** Whether a batch normalization follows a layer on a crossbar at once: it could be part of the weights. */
function isFolded({ node, inputs }: Place): boolean {
  return node.opType === 'BatchNormalization' && inputs[0]?.layerAxes !== undefined;
}

function scalesAlong({ opType }: Node, position: number): boolean {
  return scaling.get(opType)?.includes(position) ?? false;
}

/** Of some normalizations, the vector lies along axis 1. */
function alongChannels({ node, inputs }: Place): Partial<Trace> {
  if (!byChannel.has(node.opType)) return {};
  const rank = inputs[0]?.shape?.length;
  return { axes: rank === undefined ? undefined : [1 - rank] };
}

const refused = (why: string): Meeting => ({
  why,
  hint: `write the product as MatMul or Conv, or ${digital}`,
});

function compares({ opType }: Node): boolean {
  return !opType.startsWith('Scatter') && !['Add', 'Sub', 'Sum', 'Mean', 'Mod'].includes(opType);
}

function traceOf(
  { label, node, inputs, wholeOf }: Place,
  content: Content,
  size: Size,
  kind: Trace['kind'],
): Omit<Trace, 'wide'> {
  const { stored, shape } = content;
  const name = node.inputs.find((_, position) => inputs[position]!.data);
  const part = kind === 'scale' && name ? { part: { name, whole: wholeOf(name) } } : {};
  return { stored, where: label, kind, axes: variedAxes(shape), full: size === 'tensor', ...part };
}

/** Whether one activation meets several stored values: an axis along which only the stored ones vary. */
function isWiderThan(shape: Shape, other: Shape): boolean {
  if (!shape || !other) return false;
  // Examples are not told apart by what is stored: a first axis of unknown extent counts as one.
  const single = (axis: number) => other[axis] === 1 || (axis === 0 && other[0] === undefined);
  return variedAxes(shape)!.some((axis) => other.length + axis < 0 || single(other.length + axis));
}

const recurrent = { why: 'recurrent layers are not mapped', hint: digital };
const embedding = {
  why: 'activations choose among their rows',
  hint: `write the choice as a product with MatMul, or ${digital}`,
};

/** Operators with weights for which there is no mapping. */
const unplaced: ReadonlyMap<string, { why: string; hint: string }> = new Map([
  ['RNN', recurrent],
  ['LSTM', recurrent],
  ['GRU', recurrent],
  [
    'Einsum',
    { why: 'its equation is not mapped', hint: `write the product as MatMul or Conv, or ${digital}` },
  ],
  ['DeformConv', { why: 'its kernel moves from place to place', hint: digital }],
  ['CausalConvWithState', { why: 'convolutions with a state are not mapped', hint: digital }],
  ['Gather', embedding],
  ['GatherElements', embedding],
  ['GatherND', embedding],
  ['SequenceAt', embedding],
  ['GridSample', { why: 'coordinates between elements are the weights of their mean', hint: digital }],
  ['RoiAlign', { why: 'coordinates between elements are the weights of their mean', hint: digital }],
]);

function refusalOf(node: Node, position: number, { stored }: Content): { why: string; hint: string } {
  if (integerOperators.has(node.opType)) {
    return {
      why: `${node.opType} multiplies integer codes directly`,
      hint: `export the quantized model in the QDQ form (DequantizeLinear before Conv, MatMul, Gemm), or ${digital}`,
    };
  }
  if (!isStandard(node)) return foreign(node);
  if (weightPositions(node).includes(position)) {
    const direct = stored.length === 1 && node.inputs.includes(stored[0]!.name);
    return direct
      ? { why: 'they are of a type that is not mapped', hint: `store them as float, or ${digital}` }
      : {
          why: 'they are computed from constants',
          hint: `fold the constants first, e.g. with onnxsim, or ${digital}`,
        };
  }
  return unplaced.get(node.opType) ?? { why: 'nothing is known of this operand', hint: digital };
}

/** Layers that onnxruntime makes of several when it saves an optimized model, and operators of others. */
export function foreign({ domain }: Node): { why: string; hint: string } {
  return domain.startsWith('com.microsoft') || domain.startsWith('com.ms.')
    ? {
        why: 'the operator is one of onnxruntime alone',
        hint: `use the model as it was before onnxruntime optimized it, or ${digital}`,
      }
    : { why: `nothing is known of operators of ${domain}`, hint: digital };
}
