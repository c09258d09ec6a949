/**
 * How operators changed between operator sets 7 and 21 (onnx/docs/Changelog.md), as far as a file written for the old
 * meaning needs other nodes to say the same. Versions that only widened types or added defaults are not listed.
 */
import { elementOf } from '../../lists/elementOf.js';
import { findAttribute, floatAttribute, intAttribute, stringAttribute } from '../../onnx/attributes.js';
import { makeAttribute, makeNode } from '../../onnx/build.js';
import { DataType, type Node } from '../../onnx/model.js';
import { tensorValues } from '../../onnx/tensor.js';
import type { LiftSite } from './site.js';

/** The node in the form of the new version, with helpers around it if need be; or the reason why that is impossible. */
export type LiftChange = (node: Node, site: LiftSite) => Node[] | string;

function without(node: Node, ...names: string[]): Node {
  return { ...node, attributes: node.attributes.filter(({ name }) => !names.includes(name)) };
}

function withInputs(node: Node, ...inputs: string[]): Node {
  while (inputs.at(-1) === '') inputs.pop();
  return { ...node, inputs };
}

/** int64 attributes become inputs, in this order, behind those the node has (filled up to `first`). */
function listsToInputs(first: number, ...names: string[]): LiftChange {
  return (node, site) => {
    const inputs = Array.from({ length: first }, (_, index) => node.inputs[index] ?? '');
    for (const name of names) {
      const { i, ints } = findAttribute(node, name) ?? {};
      const values = i === undefined ? ints : [i];
      inputs.push(values ? site.int64(`${node.outputs[0]}_${name}`, values) : '');
    }
    return [withInputs(without(node, ...names), ...inputs)];
  };
}

const inputOf = (node: Node) => elementOf(node.inputs, 0, 'input');

/** A scalar of the element type of the node's first input. */
function scalarLike(node: Node, site: LiftSite, name: string, value: number): string | undefined {
  const type = site.elementType(inputOf(node));
  return type === undefined ? undefined : site.constant(`${node.outputs[0]}_${name}`, type, [], [value]);
}

const unknownType = 'the element type of its input is not known: run ONNX shape inference on the file first';

const clip: LiftChange = (node, site) => {
  const limits: string[] = [];
  for (const name of ['min', 'max']) {
    const value = floatAttribute(node, name);
    const limit = value === undefined ? '' : scalarLike(node, site, name, value);
    if (limit === undefined) return unknownType;
    limits.push(limit);
  }
  return [withInputs(without(node, 'min', 'max'), inputOf(node), ...limits)];
};

const pad: LiftChange = (node, site) => {
  const pads = site.int64(`${node.outputs[0]}_pads`, findAttribute(node, 'pads')?.ints ?? []);
  const fill = floatAttribute(node, 'value') ?? 0;
  const value = fill === 0 ? '' : scalarLike(node, site, 'value', fill);
  if (value === undefined) return unknownType;
  return [withInputs(without(node, 'pads', 'value'), inputOf(node), pads, value)];
};

const dropout: LiftChange = (node, site) => {
  const ratio = floatAttribute(node, 'ratio');
  const input =
    ratio === undefined ? '' : site.constant(`${node.outputs[0]}_ratio`, DataType.FLOAT, [], [ratio]);
  return [withInputs(without(node, 'ratio'), inputOf(node), input)];
};

const dropoutMask: LiftChange = (node) => (node.outputs[1] ? 'its mask output changed type' : [node]);

/** Before version 13 everything from `axis` on was one row: flatten, take the softmax of rows, restore the shape. */
const softmax: LiftChange = (node, site) => {
  const axis = intAttribute(node, 'axis') ?? 1;
  const x = inputOf(node);
  const rank = site.rank(x);
  const last: Node = { ...without(node, 'axis'), attributes: [makeAttribute('axis', -1)] };
  if (axis === -1 || (rank !== undefined && axis === rank - 1)) return [last];
  const y = elementOf(node.outputs, 0, 'output');
  const [shape, rows, soft] = ['shape', 'rows', 'soft'].map((part) => site.fresh(`${y}_${part}`)) as [
    string,
    string,
    string,
  ];
  return [
    makeNode('Shape', [x], [shape]),
    makeNode('Flatten', [x], [rows], { axis }),
    { ...last, inputs: [rows], outputs: [soft] },
    makeNode('Reshape', [soft, shape], [y]),
  ];
};

const spatial: LiftChange = (node) =>
  intAttribute(node, 'spatial') === 0 ? 'spatial 0 has no newer form' : [without(node, 'spatial')];

const inferenceOnly: LiftChange = (node) =>
  node.outputs.filter(Boolean).length > 1 ? 'it is in training mode (more than one output)' : [node];

const upsampleScales: LiftChange = (node, site) => {
  const scales = findAttribute(node, 'scales')?.floats ?? [];
  const input = site.constant(`${node.outputs[0]}_scales`, DataType.FLOAT, [scales.length], scales);
  return [withInputs(without(node, 'scales'), inputOf(node), input)];
};

/** Upsample, and Resize of version 10, place pixels asymmetrically and take the lower neighbour when enlarging. */
const resize: LiftChange = (node, site) => {
  const scales = site.stored(node.inputs[1]) ?? site.added.find(({ name }) => name === node.inputs[1]);
  const enlarging = scales && (tensorValues(scales) as Float32Array).every((scale) => scale >= 1);
  if (!enlarging)
    return 'it does not enlarge by constant scales, and older versions did not define that alike';
  const mode = stringAttribute(node, 'mode') ?? 'nearest';
  const attributes = { mode, coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  const inputs = [inputOf(node), '', elementOf(node.inputs, 1, 'input')];
  return [makeNode('Resize', inputs, node.outputs, attributes, { name: node.name })];
};

const oldNearest: LiftChange = (node) =>
  stringAttribute(node, 'coordinate_transformation_mode') === 'tf_half_pixel_for_nn'
    ? 'the coordinate transformation tf_half_pixel_for_nn was removed'
    : [node];

const splitEvenly: LiftChange = (node) =>
  node.inputs[1]
    ? [node]
    : [{ ...node, attributes: [...node.attributes, makeAttribute('num_outputs', node.outputs.length)] }];

const refuse =
  (reason: string): LiftChange =>
  () =>
    reason;

const axesToInput = listsToInputs(1, 'axes');
const reduction = { 18: axesToInput };
const rowwise = { 13: softmax };

/** Operators Temper can lift, each with its changes by version. */
export const changes: Readonly<Record<string, Readonly<Record<number, LiftChange>>>> = {
  ...Object.fromEntries(
    (
      'Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BitShift BitwiseAnd ' +
      'BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil Celu Compress Concat Constant ConstantOfShape ' +
      'Conv ConvInteger ConvTranspose Cos Cosh CumSum DepthToSpace DequantizeLinear Det Div ' +
      'DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather ' +
      'GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater ' +
      'GreaterOrEqual HardSigmoid HardSwish Identity If InstanceNormalization IsInf IsNaN LRN LSTM ' +
      'LayerNormalization LeakyRelu Less LessOrEqual Log Loop MatMul MatMulInteger Max MaxPool Mean Min ' +
      'Mish Mod Mul Neg NonZero Not OneHot Or PRelu Pow QLinearConv QLinearMatMul QuantizeLinear RNN Range ' +
      'Reciprocal Relu Reshape ReverseSequence Round ScatterElements ScatterND Selu Shape Shrink Sigmoid ' +
      'Sign Sin Sinh Size Softplus Softsign SpaceToDepth Sqrt Sub Sum Tan Tanh ThresholdedRelu Tile ' +
      'Transpose Trilu Where Xor'
    )
      .split(' ')
      .map((operator) => [operator, {}]),
  ),
  BatchNormalization: { 9: spatial, 14: inferenceOnly },
  Dropout: { 10: dropoutMask, 12: dropout },
  Clip: { 11: clip },
  Pad: { 11: pad },
  Slice: { 10: listsToInputs(1, 'starts', 'ends', 'axes') },
  Squeeze: { 13: axesToInput },
  Unsqueeze: { 13: axesToInput },
  Split: { 13: listsToInputs(1, 'split'), 18: splitEvenly },
  ReduceSum: { 13: axesToInput },
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ReduceProd: reduction,
  ReduceL1: reduction,
  ReduceL2: reduction,
  ReduceLogSum: reduction,
  ReduceLogSumExp: reduction,
  ReduceSumSquare: reduction,
  Softmax: rowwise,
  LogSoftmax: rowwise,
  Hardmax: rowwise,
  Upsample: { 9: upsampleScales, 10: (node) => [{ ...node, opType: 'Resize' }] },
  Resize: { 11: resize, 13: oldNearest },
  TopK: { 10: listsToInputs(1, 'k') },
  Scan: { 9: refuse('its inputs and outputs were batched') },
  GroupNormalization: { 21: refuse('its scale and shift were per group, and are per channel now') },
};
