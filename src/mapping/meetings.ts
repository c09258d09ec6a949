/** What to think of a stored value that meets activations at an operator, by the operand that it is. */
import { intAttribute } from '../onnx/attributes.js';
import type { Node } from '../onnx/model.js';
import { isStandard } from '../onnx/walk.js';
import { meet } from './axes.js';
import { type Content, type Size, type Stored, sizeOfContent, type Trace, variedAxes } from './contents.js';
import { integerOperators, weightPositions } from './crossbar.js';
import {
  alongChannels,
  isFolded,
  liesAlongLayer,
  ofLayer,
  refused,
  scaleOf,
  scalesAlong,
  singleScale,
} from './factors.js';
import { digital, type Meeting, type MeetingPlace, traceOf } from './place.js';
import { type Role, reasons, roleOf } from './roles.js';
import { broadcast, type Shape } from './shapes.js';

export function meetingAt(place: MeetingPlace, position: number): Meeting {
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

/** As a factor among others, equal weights are as many devices as different ones. */
function isSingle({ dims }: Stored): boolean {
  return dims.every((extent) => extent <= 1);
}

/** Roles that say less of a single number than that it is one. */
const elementwise: ReadonlySet<Role> = new Set(['scale', 'shift', 'beside', 'choice', 'slope']);

function asRole(role: Role, place: MeetingPlace, position: number, size: Size): Meeting {
  const { node, inputs, normalizations } = place;
  const content = inputs[position]!;
  const others = broadcast(inputs.filter(({ data }) => data).map(({ shape }) => shape));
  const repeated = inputs.flatMap((other) => (other.data ? (other.repeated ?? []) : []));
  const widens =
    isWiderThan(content.shape, others) || (repeated.length > 0 && meet(variedAxes(content.shape), repeated));
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
    case 'quantization':
      return scalesAlong(node, position) && !isFolded(place)
        ? harmless('scale', alongChannels(place))
        : harmless();
    case 'slope':
      if (node.opType === 'PRelu')
        return widens ? refused('each activation has several slopes') : harmless('scale');
      return size === 'vector' && !widens
        ? harmless('scale')
        : refused('every activation has an exponent of its own');
    case 'shift':
      if (!wide && (node.inputs.some((name) => normalizations.isProduct(name)) || ofLayer(place, content)))
        return { harmless: reasons.bias };
      // One of several biases of a layer's outputs: with the others it makes distances, no product with what it meets next.
      return harmless(
        compares(node) ? 'distance' : 'shift',
        !wide && (node.inputs.some((name) => normalizations.isLayer(name)) || liesAlongLayer(place, content))
          ? { full: false }
          : {},
      );
    case 'bound':
      return harmless('distance');
    case 'mask':
      // Signs or zeros for each activation, if they are summed.
      return harmless(node.opType === 'Where' ? 'scale' : undefined);
    case 'choice':
      if (size === 'vector') return harmless('scale');
      return inputs[0]!.data
        ? refused('activations choose among stored values')
        : harmless('beside', { full: true });
    case 'beside':
      return harmless('beside', { full: true, axes: besideAxes(node, content) });
    default:
      return harmless();
  }
}

/** Rows of a Concat stand along its axis too. */
function besideAxes(node: Node, { shape }: Content): readonly number[] | undefined {
  const axis = intAttribute(node, 'axis');
  const own = variedAxes(shape);
  if (node.opType !== 'Concat' || !shape || !own || axis === undefined) return undefined;
  return [...new Set([...own, axis < 0 ? axis : axis - shape.length])];
}

function compares({ opType }: Node): boolean {
  return !opType.startsWith('Scatter') && !['Add', 'Sub', 'Sum', 'Mean', 'Mod'].includes(opType);
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
