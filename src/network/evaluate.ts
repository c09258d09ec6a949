/** Runs a plan: node after node in tfjs, on whichever backend is active. Under the recorder this is the trace. */
import type * as tf from '@tensorflow/tfjs';
import { UnknownValue } from '../compile/index.js';
import { type Problem, TemperError } from '../errors.js';
import { DataType } from '../onnx/model.js';
import { operandsFor } from './codes.js';
import { tensorOf } from './constants.js';
import { codesOf } from './grid.js';
import type { ForwardMode, ForwardResult, Network } from './network.js';
import { type Evaluation, inputName, UnsupportedForm } from './operator.js';
import { originOf, type Parameter } from './parameters.js';
import type { Plan, PlannedNode } from './plan.js';

interface FlowingValue {
  readonly tensor: tf.Tensor;
  /** ONNX's type (DataType): codes, say, are int8 there and float32 here. */
  readonly elementType: number;
  /** Whether it, or its shape, depends on the network's inputs. */
  readonly fromInput: boolean;
  /** Whether it depends on a parameter that was given, not read from the file. */
  readonly fromParameter?: boolean;
  /** The axis along which examples are counted, if it is known. */
  readonly batchAxis?: number | undefined;
}

/** Who listens to a run. By default a failing node throws; a check collects, and goes on with what does not depend on it. */
export interface Listener {
  problem(problem: Problem, cause: unknown): void;
  note(text: string): void;
}

const thrower: Listener = {
  problem(problem, cause) {
    throw new TemperError('model', problem, { cause });
  },
  note() {},
};

export function evaluatePlan(
  plan: Plan,
  network: Network,
  parameters: Record<string, tf.Tensor>,
  inputs: Record<string, tf.Tensor>,
  mode: ForwardMode,
  listener: Listener = thrower,
): ForwardResult {
  const run = new Run(plan, network, parameters, inputs, mode, listener);
  for (const planned of plan.nodes) run.step(planned);
  const { fetch = [] } = mode;
  const absent = fetch.find((name) => !run.has(name));
  if (absent !== undefined) throw new Error(`no value "${absent}" lies on the way to the network's outputs`);
  return {
    outputs: run.collect(network.outputs),
    elementTypes: run.elementTypes(network.outputs),
    statistics: run.statistics,
    fetched: run.collect(fetch),
  };
}

class Run {
  readonly statistics: Record<string, tf.Tensor> = {};
  private readonly values = new Map<string, FlowingValue>();
  private readonly batch: { fixed?: number | undefined; actual?: number | undefined } = {};

  constructor(
    private readonly plan: Plan,
    network: Network,
    parameters: Record<string, tf.Tensor>,
    inputs: Record<string, tf.Tensor>,
    private readonly mode: ForwardMode,
    private readonly listener: Listener,
  ) {
    for (const name of Object.keys(parameters))
      if (!network.parameters.has(name)) throw new Error(`the network has no parameter "${name}"`);
    const declared = new Set(network.inputs.map(({ name }) => name));
    for (const name of Object.keys(inputs))
      if (!declared.has(name)) throw new Error(`the network has no input "${name}"`);
    for (const [name, constant] of plan.constants) {
      const { elementType } = constant;
      const tensor = parameters[name] ?? tensorOf(constant);
      this.values.set(name, { tensor, elementType, fromInput: false, fromParameter: name in parameters });
    }
    for (const name of Object.keys(parameters))
      this.placeCodes(network.parameters.get(name)!, parameters[name]!);
    for (const { name, elementType, shape, fixedBatch } of network.inputs) {
      const tensor = inputs[name];
      if (!tensor) throw new Error(`the network needs its input "${name}"`);
      checkShape(name, tensor.shape, shape);
      this.batch.fixed ??= fixedBatch;
      if (shape.length > 0) this.batch.actual ??= tensor.shape[0];
      const batchAxis = shape.length > 0 ? 0 : undefined;
      this.values.set(name, { tensor, elementType, fromInput: true, batchAxis });
    }
  }

  /** Computes one node, unless what it needs failed before, or what it makes is given. */
  step(planned: PlannedNode): void {
    const { node } = planned;
    if (node.outputs.every((name) => this.values.has(name))) return;
    const operands = node.inputs.map((name) => (name === '' ? undefined : this.values.get(name)));
    if (operands.some((operand, i) => !operand && node.inputs[i] !== '')) return;
    const tensors = operandsFor(node.opType, operands);
    try {
      const given = this.mode.replace?.(
        node,
        tensors.filter((tensor) => tensor !== undefined),
      );
      const at = this.evaluation(planned, operands);
      const outputs = given ?? planned.operator.evaluate(tensors, planned.attributes, at);
      const types = planned.operator.elementTypes(at.elementType, planned.attributes);
      const fromInput = operands.some((operand) => operand?.fromInput);
      const fromParameter = operands.some((operand) => operand?.fromParameter);
      node.outputs.forEach((name, i) => {
        const tensor = outputs[i];
        if (name === '' || !tensor) return;
        const batchAxis = this.batchAxisOf(planned, operands, tensor.shape);
        const elementType = types[i] ?? inheritedType(tensor, operands);
        this.values.set(name, { tensor, elementType, fromInput, fromParameter, batchAxis });
      });
    } catch (cause) {
      this.listener.problem(describeFailure(planned, tensors, this.plan.opset, cause), cause);
    }
  }

  /** The graph wants the codes of weights on a grid. They are not rounded: whoever gives the weights knows what a chip holds. */
  private placeCodes({ name, grid }: Parameter, weights: tf.Tensor): void {
    if (!grid) return;
    const { elementType, quantized = name } = grid;
    this.values.set(quantized, { tensor: codesOf(weights, grid), elementType, fromInput: false });
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  collect(names: readonly string[]): Record<string, tf.Tensor> {
    return Object.fromEntries(
      names.flatMap((name) => {
        const value = this.values.get(name);
        return value ? [[name, value.tensor]] : [];
      }),
    );
  }

  elementTypes(names: readonly string[]): Record<string, number> {
    return Object.fromEntries(
      names.flatMap((name) => {
        const value = this.values.get(name);
        return value ? [[name, value.elementType]] : [];
      }),
    );
  }

  private evaluation(
    { node, operator, label }: PlannedNode,
    operands: readonly (FlowingValue | undefined)[],
  ): Evaluation {
    const { plan, mode, listener } = this;
    const nameOf = (input: string) =>
      node.inputs[node.inputs.findIndex((_, i) => inputName(operator.inputs, i) === input)] ?? '';
    const { fixed, actual } = this.batch;
    const [data, ...others] = operands;
    const constant = others.some((operand) => operand?.fromInput === false);
    const rebatched = data?.fromInput && constant && fixed !== undefined && actual !== undefined;
    return {
      opset: plan.opset,
      training: mode.training ?? false,
      outputCount: node.outputs.length,
      elementType: (input) => this.values.get(nameOf(input))?.elementType,
      known: (input) => {
        const value = this.values.get(nameOf(input));
        return value !== undefined && !value.fromInput && !value.fromParameter;
      },
      update: (input, follow) => this.update(nameOf(input), follow),
      note: (text) => listener.note(`${label}: ${text}`),
      ...(rebatched ? { rebatch: { fixed, actual, axis0: data.batchAxis === 0 } } : {}),
    };
  }

  /** A statistic is kept under its parameter's name and shape; layers that share it move it one after the other. */
  private update(operand: string, follow: (running: tf.Tensor) => tf.Tensor): void {
    const name = originOf(operand, this.plan.producers);
    const stored = this.values.get(name);
    if (!stored) throw new Error(`no stored tensor is behind the statistic "${operand}"`);
    const { shape } = this.values.get(operand)!.tensor;
    const running = this.statistics[name] ?? stored.tensor;
    this.statistics[name] = follow(running.reshape(shape)).reshape(stored.tensor.shape);
  }

  /** Where the examples are in a result. Only Transpose moves the axis; an operator that keeps its extent keeps it. */
  private batchAxisOf(
    { node, attributes }: PlannedNode,
    operands: readonly (FlowingValue | undefined)[],
    shape: readonly number[],
  ): number | undefined {
    const source = operands.find((operand) => operand?.batchAxis !== undefined);
    if (!source || node.opType === 'Shape') return undefined;
    const axis = source.batchAxis!;
    if (node.opType === 'Transpose') {
      const perm = (attributes.perm as number[] | undefined) ?? [...shape.keys()].reverse();
      return perm.indexOf(axis);
    }
    const kept = shape[axis] === this.batch.actual && (axis === 0 || shape.length === source.tensor.rank);
    return kept ? axis : undefined;
  }
}

const usualTypes: Readonly<Record<string, number>> = {
  float32: DataType.FLOAT,
  int32: DataType.INT64,
  bool: DataType.BOOL,
};

/** The type of the first operand that is kept as the result is. */
function inheritedType(result: tf.Tensor, operands: readonly (FlowingValue | undefined)[]): number {
  const source = operands.find((operand) => operand?.tensor.dtype === result.dtype);
  return source?.elementType ?? usualTypes[result.dtype]!;
}

function checkShape(
  name: string,
  actual: readonly number[],
  declared: readonly (number | undefined)[],
): void {
  const fits =
    actual.length === declared.length && declared.every((n, i) => n === undefined || n === actual[i]);
  if (fits) return;
  const wanted = declared.map((extent, i) => extent ?? (i === 0 ? 'batch' : '?'));
  throw new TemperError('model', {
    what: `input "${name}" is [${actual}] where [${wanted.join(', ')}] belongs`,
  });
}

function describeFailure(
  { label, node }: PlannedNode,
  tensors: readonly (tf.Tensor | undefined)[],
  opset: number,
  cause: unknown,
): Problem {
  const name = `${node.opType} (opset ${opset})`;
  if (cause instanceof UnsupportedForm)
    return { what: `${name}: ${cause.what}`, where: label, ...(cause.hint ? { hint: cause.hint } : {}) };
  if (cause instanceof UnknownValue)
    return {
      what: `${name}: what decides about its shapes depends on the inputs`,
      where: label,
      hint: 'it must be constant, or computed from shapes',
    };
  const shapes = tensors.map((tensor) => (tensor ? `[${tensor.shape}]` : '-')).join(', ');
  return { what: `${name} of ${shapes}: ${(cause as Error).message}`, where: label };
}
