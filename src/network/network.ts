/**
 * An imported graph as one pure tfjs function of its parameters and inputs. The graph stays the truth: parameters keep
 * the names and shapes of the file, and values flow in ONNX's layout (NCHW).
 */
import type * as tf from '@tensorflow/tfjs';
// Registers the kernels that operators call.
import '../compile/index.js';
import type { ProgramType } from '../compile/kernel.js';
import { type Problem, TemperError } from '../errors.js';
import type { Inlined } from '../onnx/inline.js';
import type { Model, Node, ValueInfo } from '../onnx/model.js';
import { dataTypeName } from '../onnx/tensor.js';
import { fedInputs } from '../onnx/walk.js';
import { dtypeOf } from './constants.js';
import { evaluatePlan } from './evaluate.js';
import { shapeRefusal } from './extents.js';
import { findParameters, type Parameter } from './parameters.js';
import { type Plan, planGraph } from './plan.js';
import { statisticsProblems } from './statistics.js';

export type { ParameterRole as Role } from './operator.js';
export type { Parameter } from './parameters.js';

export interface NetworkInput {
  readonly name: string;
  readonly dtype: ProgramType;
  /** The type in the file (DataType), kept here as `dtype`. */
  readonly elementType: number;
  /** The first is the batch, open even if the file fixes it; undefined where the file leaves an extent open. */
  readonly shape: readonly (number | undefined)[];
  /** Names of extents that the file leaves open, by axis; inputs that share one agree in it. */
  readonly symbols: readonly (string | undefined)[];
  /** The batch that the file fixes, if it does. */
  readonly fixedBatch?: number;
}

export interface ForwardMode {
  /** BatchNormalization by the statistics of the batch, which also update the running ones. Dropout stays off. */
  training?: boolean;
  /** Names of further values to return; they must lie on the way to an output. */
  fetch?: readonly string[];
  /** Called before each node; outputs it returns stand in for the node's own. */
  replace?: (node: Node, inputs: tf.Tensor[]) => tf.Tensor[] | undefined;
}

export interface ForwardResult {
  outputs: Record<string, tf.Tensor>;
  /** ONNX's types (DataType) of the outputs, which tfjs keeps as float32, int32 or bool. */
  elementTypes: Record<string, number>;
  /** Running means and variances after this batch, by parameter; empty unless training. */
  statistics: Record<string, tf.Tensor>;
  fetched: Record<string, tf.Tensor>;
  /** The axis along which an output or a fetched value holds the examples, one after the other, where it is known. */
  batchAxes: Record<string, number | undefined>;
}

export interface Network {
  readonly inputs: readonly NetworkInput[];
  readonly outputs: readonly string[];
  /** In the order of the file's initializers, Constant nodes last. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Why batch normalization cannot be trained, but only frozen; empty if it can. */
  readonly frozenOnly: readonly Problem[];
  /** Values that would sit on a crossbar and stay digital: import is told, see `keptDigital`. */
  readonly digital: readonly string[];
  /**
   * @param parameters values by name, of codes the weights that they stand for, on their grid or off it as on a chip; those
   *   left out keep the file's values
   * @param inputs     values by name, all of them
   * Throws TemperError('model') for shapes that do not fit, naming the node.
   */
  forward(
    parameters: Record<string, tf.Tensor>,
    inputs: Record<string, tf.Tensor>,
    mode?: ForwardMode,
  ): ForwardResult;
}

/** Throws TemperError('model') with every problem of the graph that can be found without computing. */
export function buildNetwork(model: Model): Network {
  const { network, problems } = inspectNetwork(model);
  if (problems.length > 0) throw new TemperError('model', problems);
  return network;
}

/** What `buildNetwork` does, returning the problems. With problems, the network must not be run. */
export function inspectNetwork(model: Model): {
  network: Network;
  plan: Plan;
  problems: Problem[];
  inlined: Inlined;
} {
  const { plan, problems, inlined } = planGraph(model);
  const inputs = fedInputs(model).flatMap((value) => readInput(value, problems));
  const parameters = findParameters(plan);
  const { misshapen, shared } = statisticsProblems(plan);
  for (const problem of misshapen) problems.push(problem);
  const network: Network = {
    inputs,
    outputs: model.graph.outputs.map(({ name }) => name),
    parameters,
    frozenOnly: shared,
    digital: [],
    forward: (given, feeds, mode = {}) => evaluatePlan(plan, network, given, feeds, mode),
  };
  return { network, plan, problems, inlined };
}

/** The network with some crossbar weights on digital hardware: trained as any parameter, neither perturbed nor clipped. */
export function keptDigital(
  network: Network,
  weights: readonly { readonly name: string; readonly stored?: string }[],
): Network {
  const stored = new Set(weights.map(({ name, stored: tensor = name }) => tensor));
  const parameters = [...network.parameters].map(([name, parameter]): [string, Parameter] => [
    name,
    stored.has(name) ? { ...parameter, crossbar: false } : parameter,
  ]);
  return { ...network, parameters: new Map(parameters), digital: weights.map(({ name }) => name) };
}

function readInput({ name, tensorType }: ValueInfo, problems: Problem[]): NetworkInput[] {
  const dtype = tensorType && dtypeOf(tensorType.elemType);
  if (!tensorType?.shape || !dtype) {
    const type = tensorType ? dataTypeName(tensorType.elemType) : 'no dense tensor';
    const what = dtype ? 'an input without a rank' : `an input of type ${type} is not supported`;
    problems.push({ what, where: `input "${name}"` });
    return [];
  }
  const shape = tensorType.shape.map((extent) =>
    typeof extent === 'number' && extent > 0 ? extent : undefined,
  );
  const refusal = shapeRefusal(shape.map((extent) => extent ?? 1));
  if (refusal !== undefined) {
    problems.push({ what: refusal, where: `input "${name}"` });
    return [];
  }
  const [batch, ...rest] = shape;
  const symbols = tensorType.shape.map((extent) =>
    typeof extent === 'string' && extent ? extent : undefined,
  );
  const type = { name, dtype, elementType: tensorType.elemType, symbols };
  if (shape.length === 0) return [{ ...type, shape }];
  return [{ ...type, shape: [undefined, ...rest], ...(batch === undefined ? {} : { fixedBatch: batch }) }];
}
