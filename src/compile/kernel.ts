/**
 * What a kernel is to Temper: a tfjs kernel name and how to say it in ONNX.
 * TensorFlow.js calls kernels by name; the recording backend answers each call by emitting ONNX nodes (`lower`).
 * A kernel that tfjs does not have (grouped convolution, say) also brings an eager form in tfjs, used by the
 * reference engines, and its gradient.
 */
import type * as tf from '@tensorflow/tfjs';
import type { AttributeValue } from '../onnx/build.js';
import type { Recorder } from './recorder.js';

export type ProgramType = 'float32' | 'int32' | 'bool';

/** A tensor of the program being recorded. `constant` holds its values if they are known while tracing. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: ProgramType;
  readonly constant?: Float32Array | Int32Array | Uint8Array;
}

/** Shape and type of an output. `like(value)` is the common case. */
export interface ValueSpec {
  readonly shape: readonly number[];
  readonly dtype: ProgramType;
}

/** The attributes of a kernel by name: tfjs declares a type of its own for each kernel, which the definition knows. */
export type KernelAttributes = Record<string, any>;

/** What a lowering sees: its inputs by tfjs's names (arrays, as for Concat, by index), attributes, and the means to emit. */
export interface Lowering {
  /** For the rewriting rules of rewrite.ts. */
  readonly recorder: Recorder;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly attrs: Readonly<KernelAttributes>;
  /** The input of that name; throws if tfjs did not pass it. */
  input(name: string): Value;
  /** All inputs in order, for kernels that take a list. */
  list(): Value[];
  /** Emits a node with one output. `undefined` inputs are optional ONNX inputs left out. */
  node(
    opType: string,
    inputs: (Value | undefined)[],
    out: ValueSpec,
    attributes?: Record<string, AttributeValue>,
  ): Value;
  /** Emits a node with several outputs. */
  nodes(
    opType: string,
    inputs: (Value | undefined)[],
    outs: ValueSpec[],
    attributes?: Record<string, AttributeValue>,
  ): Value[];
  /** A constant of the program: float32 (or int32/bool); scalar unless a shape is given. */
  constant(
    values: number | readonly number[] | Float32Array | Int32Array | Uint8Array,
    shape?: readonly number[],
    dtype?: ProgramType,
  ): Value;
  /** An int64 constant vector, as ONNX wants for shapes, axes, pads, starts ... (invisible to tfjs, hence typed int32). */
  int64(values: readonly number[]): Value;
}

export interface KernelDefinition<Input extends string = string, Needed extends string = string> {
  readonly name: string;
  lower(at: Lowering): Value | Value[];
  /** The inputs of `eager`. */
  readonly inputs?: readonly Input[];
  /** The kernel in terms of other tfjs operations, for engines that do not know it. Called outside the gradient tape. */
  eager?(inputs: Record<Input, tf.Tensor>, attrs: KernelAttributes): tf.Tensor | tf.Tensor[];
  readonly gradient?: KernelGradient<Needed>;
}

export interface KernelGradient<Needed extends string = string> {
  /** The inputs and outputs that it is computed from, besides the slopes. */
  readonly needs?: readonly Needed[];
  /** Names of all outputs, if one of them is needed. */
  readonly outputs?: readonly string[];
  /** The slopes of inputs by name, from those of the (first) output: `dy`. */
  of(
    dy: tf.Tensor,
    given: Record<Needed, tf.Tensor>,
    attrs: KernelAttributes,
  ): Record<string, () => tf.Tensor>;
}

/** Identity function: declares a kernel. Add it to the list in kernels/index.ts. */
export function defineKernel<const Input extends string, const Needed extends string>(
  definition: KernelDefinition<Input, Needed>,
): KernelDefinition {
  return definition;
}

/** What tfjs's own checks of a kernel's operands look at. */
export function infoOf(value: Value): tf.TensorInfo {
  return { dataId: value, shape: [...value.shape], dtype: value.dtype };
}

export function like(value: Value, dtype: ProgramType = value.dtype): ValueSpec {
  return { shape: value.shape, dtype };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
