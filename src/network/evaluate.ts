/** Runs a plan: node after node in tfjs, on whichever backend is active. Under the recorder this is the trace. */

import * as tf from '@tensorflow/tfjs';
import { TemperError } from '../errors.js';
import { lookUp } from '../lists/lookUp.js';
import { dataTypeName } from '../onnx/tensor.js';
import { batchAxisOf, rebatchOf } from './batch/apart.js';
import { examplesIn } from './batch/examples.js';
import { outputBatch, placedAt } from './batch/follow.js';
import { operandsFor } from './codes.js';
import { AlreadyTold, type Body, type Flow } from './control/flow.js';
import { inheritedType } from './elementType.js';
import { madeRefusal, shapeRefusal } from './extents.js';
import { describeFailure } from './failure.js';
import { checkShape, checkSymbols } from './fedShapes.js';
import { codesOf } from './grid.js';
import type { ForwardMode, ForwardResult, Network } from './network.js';
import { type Evaluation, inputName, type Operator, UnsupportedForm } from './operator.js';
import { originOf, type Parameter } from './parameters.js';
import { ForwardPass, type PassListener, thrower } from './pass.js';
import type { Plan, PlannedNode } from './plan.js';
import { inFloats, refuseWide, saturated, wideAsFloats, widthOf } from './wideIntegers.js';

export function evaluatePlan(
  plan: Plan,
  network: Network,
  parameters: Record<string, tf.Tensor>,
  inputs: Record<string, tf.Tensor>,
  mode: ForwardMode,
  listener: PassListener = thrower,
): ForwardResult {
  const run = new GraphRun(plan, new ForwardPass(network, inputs, mode, listener));
  run.start(network, parameters, inputs);
  for (const planned of plan.nodes) run.step(planned);
  run.refuseMeetings(network.outputs);
  for (const name of network.outputs) run.saturate(name);
  const { fetch = [] } = mode;
  const absent = fetch.find((name) => !run.has(name));
  if (absent !== undefined) throw new Error(`no value "${absent}" lies on the way to the network's outputs`);
  return {
    outputs: run.collect(network.outputs),
    elementTypes: run.elementTypes(network.outputs),
    statistics: run.pass.statistics,
    fetched: run.collect(fetch),
    batchAxes: run.batchAxes([...network.outputs, ...fetch]),
  };
}

type Through = NonNullable<Operator['flow']>;

class GraphRun {
  private readonly values = new Map<string, Flow>();

  /** @param speculative whether it only counts if a condition, known when the network runs, holds */
  constructor(
    private readonly plan: Plan,
    readonly pass: ForwardPass,
    private readonly outer?: GraphRun,
    private readonly speculative: boolean = false,
  ) {}

  /** The graph itself: values of its inputs and parameters, or what the file holds. */
  start(network: Network, parameters: Record<string, tf.Tensor>, inputs: Record<string, tf.Tensor>): void {
    for (const name of Object.keys(parameters))
      if (!network.parameters.has(name)) throw new Error(`the network has no parameter "${name}"`);
    const declared = new Set(network.inputs.map(({ name }) => name));
    for (const name of Object.keys(inputs))
      if (!declared.has(name)) throw new Error(`the network has no input "${name}"`);
    this.store(parameters);
    for (const [name, weights] of Object.entries(parameters))
      this.placeCodes(lookUp(network.parameters, name, 'parameter'), weights);
    checkSymbols(network, inputs);
    for (const { name, elementType, shape, fixedBatch } of network.inputs) {
      const tensor = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
      if (!tensor) throw new Error(`the network needs its input "${name}"`);
      checkShape(name, tensor.shape, shape);
      const [count] = tensor.shape;
      const batch = count === undefined ? undefined : { axis: 0, rows: 1, count, fixed: fixedBatch };
      this.values.set(name, { tensor, elementType, fromInput: true, batch });
    }
  }

  /** @param given values of parameters in place of the file's */
  private store(given: Record<string, tf.Tensor> = {}): void {
    for (const [name, constant] of this.plan.constants) {
      const { elementType, beyond, shape } = constant;
      const own = Object.hasOwn(given, name) ? given[name] : undefined;
      const tensor = own ?? this.pass.constant(constant);
      const wide = beyond && {
        range: beyond.range,
        stored: true,
        approximate: () => tf.tensor(beyond.floats, [...shape]),
      };
      this.values.set(name, {
        tensor,
        elementType,
        fromInput: false,
        fromParameter: own !== undefined,
        ...wide,
      });
    }
  }

  /** The graph wants the codes of weights on a grid. They are not rounded: whoever gives the weights knows what a chip holds. */
  private placeCodes({ name, grid }: Parameter, weights: tf.Tensor): void {
    if (!grid) return;
    const { elementType, quantized = name } = grid;
    const flow = { tensor: codesOf(weights, grid), elementType, fromInput: false, fromParameter: true };
    this.values.set(quantized, flow);
  }

  private get(name: string): Flow | undefined {
    return this.plan.own.has(name) ? this.values.get(name) : this.outer?.get(name);
  }

  private body(plan: Plan): Body {
    const { pass } = this;
    return {
      inputs: plan.inputs,
      outputs: plan.outputs,
      origin: (output) => originOf(output, plan.producers),
      reserve: (runs) => pass.budget.reserve(plan, runs),
      run: (inputs, speculative = false) => {
        for (const problem of plan.problems) pass.listener.problem(problem, undefined);
        if (plan.problems.length > 0) throw new AlreadyTold();
        const run = new GraphRun(plan, pass, this, speculative || this.speculative);
        run.store();
        inputs.forEach((flow, i) => void run.values.set(plan.inputs[i]?.name ?? '', flow));
        for (const planned of plan.nodes) run.step(planned);
        const outputs = plan.outputs.map((name) => run.get(name));
        if (outputs.some((flow) => !flow)) throw new AlreadyTold();
        return outputs as Flow[];
      },
    };
  }

  /** Computes one node, unless what it needs failed before, or what it makes is given. */
  step(planned: PlannedNode): void {
    const { node } = planned;
    if (node.outputs.every((name) => this.values.has(name))) return;
    const operands = node.inputs.map((name) => (name === '' ? undefined : this.get(name)));
    const captured = planned.captured.map((name) => this.get(name));
    if (operands.some((operand, i) => !operand && node.inputs[i] !== '')) return;
    // The other branch of an If may do without what failed.
    if (!planned.operator.conditional && captured.some((value) => !value)) return;
    const tensors = operandsFor(node.opType, operands);
    try {
      const given = this.pass.mode.replace?.(
        node,
        tensors.filter((tensor) => tensor !== undefined),
      );
      const { flow } = planned.operator;
      if (flow && !given) this.flow(planned, flow, operands);
      else this.compute(planned, operands, tensors, given);
    } catch (cause) {
      // Problems inside of bodies name their place themselves.
      if (cause instanceof AlreadyTold) return;
      if (planned.operator.flow && cause instanceof TemperError) throw cause;
      if (operands.map((operand) => this.pass.meeting(operand?.batch)).includes(true)) return;
      this.pass.listener.problem(describeFailure(planned, tensors, cause), cause);
    }
  }

  private compute(
    planned: PlannedNode,
    operands: readonly (Flow | undefined)[],
    tensors: readonly (tf.Tensor | undefined)[],
    given?: tf.Tensor[],
  ): void {
    const { node, operator, attributes } = planned;
    const at = this.evaluation(planned, operands);
    if (!given) refuseWide(planned, operands);
    const outputs = given ?? wideAsFloats(planned, operands) ?? operator.evaluate(tensors, attributes, at);
    const types = operator.elementTypes(at.elementType, attributes);
    const fromInput = operands.some((operand) => operand?.fromInput);
    const fromParameter = operands.some((operand) => operand?.fromParameter);
    const examples = examplesIn(planned, operands, outputs, at, this.pass.rebatched);
    node.outputs.forEach((name, i) => {
      const tensor = outputs[i];
      if (name === '' || !tensor) return;
      const size = operands.reduce((sum, operand) => sum + (operand?.tensor.size ?? 0), 0);
      const isMade = !fromInput && !fromParameter;
      const refusal = shapeRefusal(tensor.shape) ?? (isMade ? madeRefusal(tensor.shape, size) : undefined);
      if (refusal !== undefined) throw new UnsupportedForm(refusal);
      const elementType = types[i] ?? inheritedType(tensor, tensors, operands);
      const result = { tensor, elementType };
      const wide = widthOf(planned, operands, result, () => inFloats(planned, operands, at));
      this.values.set(name, { ...result, fromInput, fromParameter, ...examples[i], ...wide });
    });
    this.told(planned);
  }

  private told(planned: PlannedNode): void {
    const made = planned.node.outputs.flatMap((name) => this.values.get(name) ?? []);
    this.pass.listener.computed?.(planned, made);
  }

  private flow(planned: PlannedNode, through: Through, operands: readonly (Flow | undefined)[]): void {
    const { node, attributes, bodies } = planned;
    const ready = Object.fromEntries(Object.entries(bodies).map(([name, plan]) => [name, this.body(plan)]));
    const flows = through(operands, attributes, ready, this.evaluation(planned, operands));
    node.outputs.forEach((name, i) => {
      const flow = flows[i] && placedAt(flows[i], planned.label);
      if (name === '' || !flow) return;
      const refusal = shapeRefusal(flow.tensor.shape);
      if (refusal !== undefined) throw new UnsupportedForm(refusal);
      this.values.set(name, flow);
    });
    this.told(planned);
  }

  /** An output of integers that int32 may not hold: beyond it, its ends. */
  saturate(name: string): void {
    const flow = this.values.get(name);
    const within = flow && saturated(flow);
    if (!within) return;
    const type = dataTypeName(flow.elementType);
    this.pass.listener.note(`output "${name}": ${type} values beyond int32 are given as its ends`);
    this.values.set(name, within);
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** Outputs in which examples met that the file would have kept apart, or that count them. */
  refuseMeetings(outputs: readonly string[]): void {
    for (const name of outputs) {
      const value = this.values.get(name);
      if (value) this.pass.meeting(outputBatch(name, value));
    }
  }

  collect(names: readonly string[]): Record<string, tf.Tensor> {
    return this.ofEach(names, ({ tensor }) => tensor);
  }

  batchAxes(names: readonly string[]): Record<string, number | undefined> {
    return this.ofEach(names, ({ batch, tensor }) => batchAxisOf(batch, tensor.shape));
  }

  elementTypes(names: readonly string[]): Record<string, number> {
    return this.ofEach(names, ({ elementType }) => elementType);
  }

  private ofEach<T>(names: readonly string[], tell: (value: Flow) => T): Record<string, T> {
    const known = names.flatMap((name): [string, T][] => {
      const value = this.values.get(name);
      return value ? [[name, tell(value)]] : [];
    });
    return Object.fromEntries(known);
  }

  private evaluation(
    { node, operator, label, opset }: PlannedNode,
    operands: readonly (Flow | undefined)[],
  ): Evaluation {
    const { mode, listener } = this.pass;
    const nameOf = (input: string) =>
      node.inputs[node.inputs.findIndex((_, i) => inputName(operator.inputs, i) === input)] ?? '';
    const [data, ...others] = operands;
    const constant = others.some((operand) => operand?.fromInput === false);
    const rebatch = constant ? rebatchOf(data?.batch) : undefined;
    return {
      opset,
      training: mode.training ?? false,
      outputCount: node.outputs.length,
      elementType: (input) => this.get(nameOf(input))?.elementType,
      known: (input) => {
        const value = this.get(nameOf(input));
        return value !== undefined && !value.fromInput && !value.fromParameter;
      },
      update: (input, follow) => this.update(nameOf(input), follow),
      note: (text) => listener.note(`${label}: ${text}`),
      resolved: (text) => listener.resolved?.(label, text),
      ...(rebatch && { rebatch }),
    };
  }

  /** A statistic is kept under its parameter's name and shape; layers that share it move it one after the other. */
  private update(operand: string, follow: (running: tf.Tensor) => tf.Tensor): void {
    const name = originOf(operand, this.plan.producers);
    const [stored, given] = [this.get(name), this.get(operand)];
    if (!stored || !given) throw new Error(`no stored tensor is behind the statistic "${operand}"`);
    const hint = 'train with frozen batch normalization';
    if (this.speculative)
      throw new UnsupportedForm('running statistics move or do not, by a condition on the data', hint);
    if (this.storedInside(name))
      throw new UnsupportedForm('running statistics are stored inside of a body', hint);
    const { shape } = given.tensor;
    const { statistics } = this.pass;
    const running = statistics[name] ?? stored.tensor;
    statistics[name] = follow(running.reshape(shape)).reshape(stored.tensor.shape);
  }

  private storedInside(name: string): boolean {
    return this.outer !== undefined && (this.plan.own.has(name) || this.outer.storedInside(name));
  }
}
