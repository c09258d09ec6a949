/**
 * Where stored values that met activations element by element become a product after all: scaled activations that are summed,
 * differences that are bent and summed, stored rows that are multiplied with activations. Which operators hand traces on is in
 * mixing.ts; by exclusion, what nothing is known of mixes everything.
 */
import { intAttribute, stringAttribute } from '../onnx/attributes.js';
import type { Node } from '../onnx/model.js';
import { type Axes, meet, movedAxes, summedAxes, withoutAxes } from './axes.js';
import { type Content, isPlain, type Trace, traceUnion } from './contents.js';
import { type Mixing, mixingOf } from './mixing.js';
import { joinedParts, stacked } from './parts.js';
import { isReduction, type OperandShapes } from './shapes.js';

export interface Operation {
  readonly node: Node;
  readonly inputs: readonly Content[];
  readonly operands: OperandShapes;
  /** The operand that the node divides by a norm of its own (normalizations.ts). */
  readonly normalized: string | undefined;
  /** Whether that, or what the node sums, is an exponential: a softmax written out. */
  readonly exponential: boolean;
}

const adding = new Set(['Add', 'Sub', 'Sum', 'Mean']);
/** As their second operand, activations are the kernel. */
const withKernel = new Set(['Gemm', 'Conv', 'ConvTranspose', 'DeformConv', 'CausalConvWithState']);

/** Places at which other activations are read: they take no part in a sum. */
const reading = new Set(['GridSample', 'RoiAlign', 'MaxRoiPool']);

function read({ node, inputs }: Operation): readonly Content[] {
  return reading.has(node.opType) ? inputs.slice(0, 1) : inputs;
}

/** The traces that an operator hands on. */
export function tracesAfter(operation: Operation): readonly Trace[] {
  const { node, operands, normalized, exponential } = operation;
  const inputs = read(operation);
  if (inputs.every(({ traces }) => traces.length === 0)) return [];
  if (normalized !== undefined) {
    const kept = scales(inputs[node.inputs.indexOf(normalized)]!.traces);
    return exponential ? kept.filter(({ kind }) => kind === 'scale') : kept;
  }
  const lists = inputs.map(({ traces }) => traces);
  const all = traceUnion(lists);
  switch (mixingOf(node)) {
    case 'linear':
      return linear(node, inputs);
    case 'bending':
      return bent(all);
    case 'placing':
      return node.opType === 'Concat' ? stacked(node, inputs, operands, all) : all;
    case 'moving':
      return all.map((trace) => ({ ...trace, axes: movedAxes(operation, trace.axes) }));
    case 'summing':
    case 'norm':
    case 'extreme':
      return summed(operation, all);
    case 'normalizing':
      return scales(all);
    case 'softmax':
      return scales(all).filter(({ axes }) => !meet(axes, summedAxes(operation)));
    case 'layer':
      return node.opType === 'MatMul' ? multiplied(inputs) : [];
    case 'choosing':
    case 'unknown':
      return [];
  }
}

/** What a normalization leaves: of what is added to its operand, its sums take away as much. */
function scales(traces: readonly Trace[]): readonly Trace[] {
  return traces.filter(({ kind, turned }) => !turned && (kind === 'scale' || kind === 'distance'));
}

function linear(node: Node, inputs: readonly Content[]): readonly Trace[] {
  const { opType } = node;
  const lists = inputs.map(({ traces }) => traces);
  // Only a denominator bends.
  if (opType === 'Div') return traceUnion([lists[0] ?? [], bent(lists[1] ?? [])]);
  if (opType !== 'Mul') return traceUnion(lists);
  if (node.inputs[0] === node.inputs[1]) return bent(lists[0] ?? []);
  if (inputs.filter(({ data }) => data).length < 2) {
    const all = traceUnion(lists);
    // The halves that a rotation adds are no terms of a product.
    return all.some(({ turned }) => turned) ? all.map(({ part: _, ...trace }) => trace) : all;
  }
  // What is stored plus something of the activations, times activations: weights that are modulated.
  const modulated = (trace: Trace): Trace =>
    trace.kind === 'shift' || trace.kind === 'beside' ? { ...trace, kind: 'scale' } : trace;
  return traceUnion(lists.map((list) => list.map(modulated)));
}

/** A difference that is bent is none whose sum is the difference of sums. */
function bent(traces: readonly Trace[]): readonly Trace[] {
  return traces.map((trace) => (trace.kind === 'shift' ? { ...trace, kind: 'distance' } : trace));
}

function summed(operation: Operation, all: readonly Trace[]): readonly Trace[] {
  const { node, operands } = operation;
  const axes = summedAxes(operation);
  const removed = isReduction(node.opType) && !(intAttribute(node, 'keepdims') ?? 1);
  const rank = operands.shapes[0]?.length;
  return all.flatMap((trace) => {
    if (node.opType.startsWith('Cum')) return [trace];
    const left = remaining(trace.axes, axes);
    if (trace.kind === 'beside' || (trace.axes && trace.axes.length > 0 && left?.length === 0)) return [];
    if (!left) return meet(trace.axes, axes) ? [] : [trace];
    const places = removed && rank !== undefined ? withoutAxes(left, axes!) : left;
    return [{ ...trace, axes: places, full: trace.full && left.length > 1 }];
  });
}

function remaining(axes: Axes, gone: Axes): number[] | undefined {
  return axes && gone && axes.filter((axis) => !gone.includes(axis));
}

/** A product sums along one axis of each operand. Tables were refused. */
function multiplied(inputs: readonly Content[]): readonly Trace[] {
  const lists = inputs.slice(0, 2).map(({ traces, shape }, position) => {
    const contracted = position === 0 || shape?.length === 1 ? -1 : -2;
    return scales(traces).flatMap((trace): Trace[] => {
      const axes = remaining(trace.axes, [contracted]);
      return axes && axes.length > 0 ? [{ ...trace, axes, full: trace.full && axes.length > 1 }] : [];
    });
  });
  return traceUnion(lists);
}

/** A trace that becomes a product here, and how. */
export interface Product {
  readonly trace: Trace;
  readonly how: string;
}

/** @param isNormalizing whether a sum only serves to normalize what it sums */
export function productsAt(operation: Operation, isNormalizing: () => boolean): Product[] {
  const { node } = operation;
  const inputs = read(operation);
  if (inputs.every(({ traces }) => traces.length === 0)) return [];
  const mixing = mixingOf(node);
  // A single number is no more than that until many parts were put together.
  const all = inputs
    .flatMap(({ traces }) => traces)
    .filter(({ single, axes }) => !single || axes?.length !== 0);
  const told = (traces: readonly Trace[], how: string) => traces.map((trace) => ({ trace, how }));
  switch (mixing) {
    case 'linear': {
      const joined = adding.has(node.opType) ? joinedParts(inputs) : [];
      return told(joined, 'are added to other parts of the same value');
    }
    case 'bending':
    case 'placing':
    case 'moving':
      return [];
    case 'normalizing':
      return told(tables(all), 'are normalized');
    case 'layer':
      return [...told(tables(all), 'are multiplied with others'), ...multipliedAt(node, inputs)];
    case 'choosing':
    case 'softmax': {
      const axes = summedAxes(operation);
      const several = all.filter((trace) => trace.wide && trace.kind !== 'beside' && meet(trace.axes, axes));
      return told(mixing === 'softmax' ? [...tables(all), ...several] : axes ? several : [], 'are compared');
    }
    case 'unknown':
      return told(
        all.filter(({ kind }) => kind !== 'beside'),
        'reach an operator of which nothing is known',
      );
    default: {
      const axes = summedAxes(operation);
      const found = all.filter(
        (trace) => trace.table || (dangers(mixing, node, trace) && meet(trace.axes, axes)),
      );
      if (found.length === 0 || !isNormalizing()) return told(found, 'are summed');
      // A softmax over sums of one activation with several stored values divides by their product.
      return told(operation.exponential ? found.filter(({ wide }) => wide) : [], 'are summed');
    }
  }
}

/** Activations that each met a number of its own: behind them, nothing may be computed but element by element. */
function tables(traces: readonly Trace[]): readonly Trace[] {
  return traces.filter(({ table }) => table);
}

function multipliedAt(node: Node, inputs: readonly Content[]): Product[] {
  const data = inputs.filter((content) => content.data);
  const weighing = ({ kind }: Trace) => kind === 'scale' || kind === 'distance';
  if (data.length === 1) {
    const plain = inputs.slice(0, 2).some(isPlain);
    if (node.opType !== 'Einsum' && !plain) return [];
    const how = node.opType === 'Einsum' ? 'may be summed' : 'are summed';
    const traces = data[0]!.traces.filter((trace) => weighing(trace) && trace.axes?.length !== 0);
    return traces.map((trace) => ({ trace, how }));
  }
  const lost = node.opType === 'Einsum' ? summedAlone(node, inputs) : [];
  return inputs.flatMap((content, position) => {
    const alone = (trace: Trace) =>
      weighing(trace) && node.opType === 'Einsum' && meet(trace.axes, lost[position]);
    const asKernel = position === 1 && withKernel.has(node.opType);
    return content.traces
      .filter((trace) => !trace.table && (trace.full || (asKernel && trace.kind === 'scale') || alone(trace)))
      .map((trace) => ({ trace, how: 'are multiplied with others' }));
  });
}

/** They multiply what they are given: with each other, and with what stands among it. */
const multiplying = new Set(['Det', 'ReduceProd', 'CumProd']);

function dangers(mixing: Mixing, { opType }: Node, { kind }: Trace): boolean {
  if (multiplying.has(opType)) return true;
  if (mixing === 'summing') return kind === 'scale' || kind === 'distance';
  return kind !== 'beside';
}

/** Of each operand of an Einsum, the axes that are summed without the others. */
function summedAlone(node: Node, inputs: readonly Content[]): Axes[] {
  const [left = '', result] = (stringAttribute(node, 'equation') ?? '').replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (result === undefined || left.includes('.') || terms.length !== inputs.length)
    return inputs.map(() => undefined);
  return terms.map((term, at) => {
    const isLost = (letter: string) =>
      !result.includes(letter) && terms.every((other, i) => i === at || !other.includes(letter));
    return [...term].flatMap((letter, axis) => (isLost(letter) ? [axis - term.length] : []));
  });
}
