/** What to think of a stored value that meets activations at an operator, by the operand that it is. */
import { elementOf } from '../lists/elementOf.js';
import type { Node } from '../onnx/model.js';
import { isStandard } from '../onnx/walk.js';
import { type Content, type Size, type Stored, sizeOfContent, type Trace, variedAxes } from './contents.js';
import { integerOperators, weightPositions } from './crossbar.js';
import type { Normalizations } from './normalizations.js';
import { type Role, reasons, roleOf } from './roles.js';
import { broadcast, type Shape } from './shapes.js';

export type Meeting =
  | { readonly harmless: string; readonly trace?: Trace }
  | { readonly why: string; readonly hint: string };

export interface Place {
  readonly node: Node;
  /** How messages name it. */
  readonly label: string;
  readonly inputs: readonly Content[];
  readonly normalizations: Pick<Normalizations, 'isNormalized' | 'isProduct'>;
  /** The value that one was taken out of (slices.ts). */
  readonly wholeOf: (name: string) => string;
}

/** Leaves room for what is said before it. */
const digital = 'keep it on digital hardware (--digital NAME)';

export function meetingAt(place: Place, position: number): Meeting {
  const { node, inputs } = place;
  const content = elementOf(inputs, position, 'input');
  const size = sizeOfContent(content);
  const role = roleOf(node, position);
  if (size === 'number' && (role || content.stored.every(isSingle)))
    return { harmless: role && !elementwise.has(role) ? reasons[role] : 'single number' };
  if (role === undefined) return refusalOf(node, position, content);
  return asRole(role, place, content, size);
}

/** As a factor among others, equal weights are as many devices as different ones. */
function isSingle({ dims }: Stored): boolean {
  return dims.every((extent) => extent <= 1);
}

/** Roles that say less of a single number than that it is one. */
const elementwise: ReadonlySet<Role> = new Set(['scale', 'shift', 'beside', 'choice', 'slope']);

function asRole(role: Role, place: Place, content: Content, size: Size): Meeting {
  const { node, inputs, normalizations } = place;
  const others = broadcast(inputs.filter(({ data }) => data).map(({ shape }) => shape));
  const widens = isWiderThan(content.shape, others);
  // By exclusion, where shapes are unknown.
  const wide = widens || (size === 'tensor' && (!content.shape || !others));
  const harmless = (kind?: Trace['kind']): Meeting => ({
    harmless: reasons[role],
    ...(kind && { trace: { ...traceOf(place, content, size, kind), wide } }),
  });
  switch (role) {
    case 'scale':
      // Which activations they meet is told by indices, not by shapes.
      if (node.opType.startsWith('Scatter')) return refused('activations are multiplied with them in place');
      if (widens) return refused(`each activation is multiplied with several stored values`);
      if (size === 'vector') return harmless('scale');
      return !wide && node.inputs.some((name) => normalizations.isNormalized(name))
        ? { ...harmless('scale'), harmless: reasons.normalization }
        : refused('every activation is multiplied with a value of its own');
    case 'slope':
      if (node.opType === 'PRelu') return harmless('scale');
      return size === 'vector' && !widens
        ? harmless()
        : refused('every activation has an exponent of its own');
    case 'shift':
      if (!wide && node.inputs.some((name) => normalizations.isProduct(name)))
        return { harmless: reasons.bias };
      return harmless(compares(node) ? 'distance' : 'shift');
    case 'bound':
      return harmless('distance');
    case 'choice':
      if (size === 'vector') return harmless('scale');
      return inputs[0]?.data ? refused('activations choose among stored values') : harmless('beside');
    case 'beside':
      return harmless(size === 'tensor' ? 'beside' : undefined);
    default:
      return harmless();
  }
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
  const name = node.inputs.find((_, position) => inputs[position]?.data);
  const part = kind === 'scale' && name ? { part: { name, whole: wholeOf(name) } } : {};
  return { stored, where: label, kind, axes: variedAxes(shape), full: size === 'tensor', ...part };
}

/** Whether one activation meets several stored values: an axis along which only the stored ones vary. */
function isWiderThan(shape: Shape, other: Shape): boolean {
  const varied = variedAxes(shape);
  if (!varied || !other) return false;
  return varied.some((axis) => other.length + axis < 0 || other[other.length + axis] === 1);
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
    const direct = stored.length === 1 && stored.every(({ name }) => node.inputs.includes(name));
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
