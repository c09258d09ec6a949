/**
 * Scan (ONNX), unrolled over the slices of its inputs: state, y[t] = body(state, x[t]). Opset 8 scans axis 1 of every
 * example of a batch (axis 0), each from its own states; later ones scan axes of the file's choice, and a batch is the
 * body's own business.
 */

import type * as tf from '@tensorflow/tfjs';
import { extentOf } from '../../compile/shapes.js';
import { elementOf } from '../../lists/elementOf.js';
import { lookUp } from '../../lists/lookUp.js';
import { zip } from '../../lists/zip.js';
import { type AttributeValues, graph, int, ints } from '../attributes.js';
import { axisOf, integers } from '../axes.js';
import { slicedBatch } from '../batch/follow.js';
import { UnsupportedForm } from '../operator.js';
import { defineControl, described, emptyStack, stacked } from './control.js';
import type { Body, Flow } from './flow.js';

interface Scanned {
  readonly flow: Flow;
  readonly axis: number;
  readonly backward: boolean;
}

const attributes = {
  body: graph(undefined, { required: true }),
  num_scan_inputs: int(1, { required: true }),
  directions: ints(undefined, { until: 9 }),
  scan_input_axes: ints(undefined, { since: 9 }),
  scan_input_directions: ints(undefined, { since: 9 }),
  scan_output_axes: ints(undefined, { since: 9 }),
  scan_output_directions: ints(undefined, { since: 9 }),
};
type ScanAttributes = AttributeValues<typeof attributes>;

export const Scan = defineControl({
  type: 'Scan',
  since: [8, 9, 11, 16, 19, 21, 23, 24, 25],
  // In opset 8 the first of them is the length of each sequence.
  inputs: ['initial_state_and_scan_inputs*'],
  attributes,
  flow(operands, values, bodies, { opset, resolved }) {
    const body = lookUp(bodies, 'body', 'body');
    const outputs = opset === 8 ? batchScan(operands, values, body) : scan(operands as Flow[], values, body);
    resolved('unrolled over its slices');
    return outputs;
  },
});

function scan(operands: readonly Flow[], attributes: ScanAttributes, body: Body): Flow[] {
  const states = split(operands, attributes, body);
  const count = attributes.num_scan_inputs;
  const inputs = operands.slice(states.length).map((flow, k): Scanned => {
    const axis = axisOf(attributes.scan_input_axes?.[k] ?? 0, flow.tensor.rank);
    return { flow, axis, backward: attributes.scan_input_directions?.[k] === 1 };
  });
  checkLists(attributes, count, body.outputs.length - states.length);
  const { finals, outputs, template } = unroll(states, inputs, slicesIn(inputs), body);
  const collected = template.map((example, k) => {
    const axis = axisOf(attributes.scan_output_axes?.[k] ?? 0, example.tensor.rank + 1);
    const slices = outputs.map((row) => elementOf(row, k, 'output'));
    if (attributes.scan_output_directions?.[k] === 1) slices.reverse();
    return slices.length > 0 ? stacked(slices, axis) : emptyStack(example, axis);
  });
  return [...finals, ...collected];
}

/** Opset 8. Elements beyond the length of a sequence are undefined in ONNX; here they are zeros, as in onnxruntime. */
function batchScan(operands: readonly (Flow | undefined)[], attributes: ScanAttributes, body: Body): Flow[] {
  const [lengths, ...rest] = operands;
  const states = split(rest as Flow[], attributes, body);
  const sequences = (rest as Flow[]).slice(states.length);
  const [batch = 0, longest = 0] = sequences[0]?.tensor.shape ?? [];
  if ((rest as Flow[]).some(({ tensor }) => tensor.shape[0] !== batch) || batch === 0)
    throw new UnsupportedForm(
      `a batch of ${(rest as Flow[]).map(({ tensor }) => `[${tensor.shape}]`).join(', ')}`,
    );
  const steps = lengths ? integers(lengths.tensor) : undefined;
  const rows = Array.from({ length: batch }, (_, example) => {
    const inputs = sequences.map((flow, k): Scanned => {
      const own = slice(flow, 0, example);
      const length = steps?.[example];
      const cut = length === undefined ? own : { ...own, tensor: first(own.tensor, length) };
      return { flow: cut, axis: 0, backward: attributes.directions?.[k] === 1 };
    });
    const own = states.map((state) => slice(state, 0, example));
    const { finals, outputs, template } = unroll(own, inputs, slicesIn(inputs), body);
    const collected = template.map((like, k) => {
      const slices = outputs.map((row) => elementOf(row, k, 'output'));
      const zero = { ...like, tensor: like.tensor.zerosLike() };
      return longest > 0
        ? stacked([...slices, ...Array.from({ length: longest - slices.length }, () => zero)])
        : emptyStack(like);
    });
    return [...finals, ...collected];
  });
  return zip(...rows).map((examples) => stacked(examples));
}

/** The states among the operands, after a look at the numbers of everything. */
function split(operands: readonly Flow[], { num_scan_inputs }: ScanAttributes, body: Body): readonly Flow[] {
  const states = operands.length - num_scan_inputs;
  if (num_scan_inputs < 1 || states < 0 || operands.some((operand) => !operand))
    throw new UnsupportedForm(`${operands.length} operands, ${num_scan_inputs} of them to be scanned`);
  if (body.inputs.length !== operands.length || body.outputs.length < states)
    throw new UnsupportedForm(
      `${states} states and ${num_scan_inputs} inputs for a body of ${body.inputs.length} inputs and ${body.outputs.length} outputs`,
    );
  return operands.slice(0, states);
}

function checkLists(attributes: ScanAttributes, inputs: number, outputs: number): void {
  const expected = {
    scan_input_axes: inputs,
    scan_input_directions: inputs,
    scan_output_axes: outputs,
    scan_output_directions: outputs,
  };
  for (const [name, length] of Object.entries(expected)) {
    const list = attributes[name as keyof typeof expected];
    if (list && list.length !== length)
      throw new UnsupportedForm(`attribute "${name}" has ${list.length} elements where ${length} belong`);
  }
}

function slicesIn(inputs: readonly Scanned[]): number {
  const counts = new Set(inputs.map(({ flow, axis }) => extentOf(flow.tensor.shape, axis)));
  if (counts.size > 1) throw new UnsupportedForm(`inputs of ${[...counts].join(' and ')} slices`);
  return elementOf([...counts], 0, 'number of slices');
}

/** @returns `template`: what one iteration gives, even if there is none */
function unroll(states: readonly Flow[], inputs: readonly Scanned[], extent: number, body: Body) {
  body.reserve(Math.max(1, extent));
  let finals = states;
  const outputs: Flow[][] = [];
  for (let i = 0; i < extent; i++) {
    const slices = inputs.map(({ flow, axis, backward }) => slice(flow, axis, backward ? extent - 1 - i : i));
    const results = body.run([...finals, ...slices]);
    const next = results.slice(0, states.length);
    if (described(next) !== described(finals))
      throw new UnsupportedForm(`a state changes from ${described(finals)} to ${described(next)}`);
    finals = next;
    outputs.push(results.slice(states.length));
  }
  const template = outputs[0] ?? body.run([...states, ...inputs.map(blank)], true).slice(states.length);
  return { finals, outputs, template };
}

function slice(flow: Flow, axis: number, index: number): Flow {
  const { tensor, batch, own } = flow;
  const begin = tensor.shape.map((_, i) => (i === axis ? index : 0));
  const size = tensor.shape.map((extent, i) => (i === axis ? 1 : extent));
  const left = { batch: slicedBatch(batch, axis), own: own && ('unknown' as const) };
  return { ...flow, tensor: without(tensor.slice(begin, size), axis), ...left };
}

/** A slice of an input that has none. */
function blank({ flow, axis }: Scanned): Flow {
  const { tensor } = flow;
  const shape = tensor.shape.map((extent, i) => (i === axis ? 1 : extent));
  const one = tensor.pad(shape.map((_, i): [number, number] => (i === axis ? [0, 1] : [0, 0])));
  return { ...flow, tensor: without(one, axis), batch: slicedBatch(flow.batch, axis) };
}

function first(tensor: tf.Tensor, count: number): tf.Tensor {
  return tensor.slice(
    tensor.shape.map(() => 0),
    tensor.shape.map((extent, axis) => (axis === 0 ? Math.min(count, extent) : extent)),
  );
}

function without(tensor: tf.Tensor, axis: number): tf.Tensor {
  return tensor.reshape(tensor.shape.filter((_, i) => i !== axis));
}
