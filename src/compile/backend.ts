/**
 * The recording backend of tfjs: it computes nothing. Each kernel that tfjs calls is emitted into the current
 * `Recorder`; results that depend on constants alone are computed at once with tfjs's cpu kernels, so that shape
 * arithmetic folds away and its values can be read.
 */
import * as tf from '@tensorflow/tfjs';
import { constantElements, constantValue, isSplat, splatValue } from './constants.js';
import { type KernelDefinition, type Lowering, type ProgramType, sizeOf, type Value } from './kernel.js';
import { gradientForTfjs } from './kernelGradient.js';
import { kernels } from './kernels/index.js';
import { RecordedTensors } from './recordedTensors.js';
import { Recorder } from './recorder.js';

export const recorderBackend = 'temper-recorder';
const eagerBackends = ['cpu', 'tensorflow'];
/** Constants are folded up to this many elements: enough for any shape arithmetic, little to carry in a program. */
export const foldLimit = 4096;
/** A result larger than this is recorded instead of folded, however small the constants that it comes from. */
const foldedLimit = 2 ** 16;
/** A constant of one number throughout is written out, to be read, up to this many elements. */
const readLimit = 2 ** 24;

/** Thrown where code under the recorder reads a value that only a run of the program can know. */
export class UnknownValue extends Error {}

class RecordingBackend extends RecordedTensors {
  recorder: Recorder | undefined;
  /** Elements of constants that may still be made, see `withRecorder`. */
  budget = Number.POSITIVE_INFINITY;

  protected override given(elements: tf.BackendValues, shape: readonly number[], dtype: tf.DataType): Value {
    return asConstant(elements, shape, dtype);
  }
  override readSync(dataId: object): tf.BackendValues {
    const value = this.get(dataId);
    if (isSplat(value)) spend(sizeOf(value.shape), readLimit);
    const elements = constantElements(value);
    if (!elements) {
      throw new UnknownValue(
        `the value of ${value.name} [${value.shape}] was read while tracing, but it depends on the inputs of the program`,
      );
    }
    return elements;
  }
  override async read(dataId: object): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }
}

/** Thrown where a recording would hold more constants than it may. */
export class TooManyConstants extends Error {}

function spend(elements: number, most = Number.POSITIVE_INFINITY): void {
  if (!(elements <= Math.min(most, backend.budget)))
    throw new TooManyConstants(`a constant of ${elements} elements would be made while tracing`);
  backend.budget -= elements;
}

/** Elements of a constant that is not copied. */
const large = 2 ** 22;

function asConstant(values: tf.BackendValues, shape: readonly number[], dtype: tf.DataType): Value {
  const list = values as Float32Array | number[];
  spend(list.length);
  // As tfjs does itself, over the caller's array. Small ones are copied: they cost nothing, and may be used again.
  if (dtype === 'float32' && list instanceof Float32Array && list.length >= large)
    return constantValue(list, shape, dtype);
  if (dtype === 'float32') return constantValue(Float32Array.from(list), shape, dtype);
  if (dtype === 'int32') return constantValue(Int32Array.from(list), shape, dtype);
  if (dtype === 'bool') return constantValue(Uint8Array.from(list), shape, dtype);
  throw new Error(`a ${dtype} tensor cannot be recorded`);
}

const backend = new RecordingBackend();

/** The recorder of the trace under way, if any. */
export function currentRecorder(): Recorder | undefined {
  return backend.recorder;
}

/**
 * Runs tfjs code on the recording backend. tfjs holds one backend at a time, so this is synchronous.
 * @param budget elements that all constants made meanwhile may have together; more throw TooManyConstants
 */
export function withRecorder<T>(
  recorder: Recorder,
  body: () => T,
  budget: number = Number.POSITIVE_INFINITY,
): T {
  const before = {
    backend: tf.getBackend() || 'cpu',
    recorder: backend.recorder,
    budget: backend.budget,
  };
  backend.recorder = recorder;
  backend.budget = budget;
  void tf.setBackend(recorderBackend);
  tf.engine().startScope('trace');
  try {
    return body();
  } finally {
    tf.engine().endScope();
    backend.recorder = before.recorder;
    backend.budget = before.budget;
    void tf.setBackend(before.backend);
  }
}

export function recordedTensor(value: Value): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(backend.add(value), backend);
}

export function recordedValue(tensor: tf.TensorInfo): Value {
  return backend.get(tensor.dataId);
}

function recordKernel(
  definition: KernelDefinition,
  inputs: object,
  attrs: object,
): tf.TensorInfo | tf.TensorInfo[] {
  const recorder = backend.recorder;
  if (!recorder) throw new Error(`kernel ${definition.name} called on the recording backend outside a trace`);
  const values: Record<string, Value> = {};
  for (const [key, tensor] of Object.entries(inputs))
    if (tensor) values[key] = recordedValue(tensor as tf.TensorInfo);
  const folded = foldsSmall(definition, values, attrs) && fold(definition, inputs, values, attrs);
  if (folded) return folded;
  const out = definition.lower(loweringOf(definition.name, recorder, values, attrs));
  const given = Object.values(inputs).filter(Boolean) as tf.TensorInfo[];
  return each(out, (value) => backend.made(value, given));
}

/** The kernel computed on constants by tfjs's cpu backend, if all its inputs are small constants. */
function fold(definition: KernelDefinition, inputs: object, values: Record<string, Value>, attrs: object) {
  const operands = Object.values(values);
  const cpu = tf.getKernel(definition.name, 'cpu');
  if (!cpu) return undefined;
  if (definition.eager) return foldEager(definition.eager, values, attrs);
  const cpuBackend = tf.engine().findBackend('cpu');
  const onCpu = (value: Value) => {
    const shape = [...value.shape];
    return { dataId: cpuBackend.write(knownElements(value), shape, value.dtype), shape, dtype: value.dtype };
  };
  const cpuInputs: Record<string, tf.TensorInfo> | tf.TensorInfo[] = Array.isArray(inputs)
    ? operands.map(onCpu)
    : Object.fromEntries(Object.entries(values).map(([key, value]) => [key, onCpu(value)]));
  const out = cpu.kernelFunc({
    inputs: cpuInputs as tf.NamedTensorInfoMap,
    attrs: attrs as tf.NamedAttrMap,
    backend: cpuBackend,
  });
  const results = each(out, (info) =>
    backend.add(asConstant(cpuBackend.readSync(info.dataId), info.shape, info.dtype)),
  );
  for (const { dataId } of [...Object.values(cpuInputs), ...[out].flat()]) {
    cpuBackend.disposeData(dataId, true);
  }
  return results;
}

/** The same for a kernel of ours, which computes with tensors: of integers only, as shape arithmetic is. */
function foldEager(
  eager: NonNullable<KernelDefinition['eager']>,
  values: Record<string, Value>,
  attrs: object,
): tf.TensorInfo | tf.TensorInfo[] | undefined {
  if (Object.values(values).some(({ dtype }) => dtype === 'float32')) return undefined;
  void tf.setBackend('cpu');
  try {
    const tensors = Object.entries(values).map(([key, value]): [string, tf.Tensor] => [
      key,
      tf.tensor(knownElements(value), [...value.shape], value.dtype),
    ]);
    return each(eager(Object.fromEntries(tensors), attrs), (y) =>
      backend.add(asConstant(y.dataSync(), y.shape, y.dtype)),
    );
  } finally {
    void tf.setBackend(recorderBackend);
  }
}

/** What is made of the one output of a kernel, or of each of several. */
function each<Output, Made>(out: Output | Output[], make: (output: Output) => Made): Made | Made[] {
  return Array.isArray(out) ? out.map(make) : make(out);
}

function knownElements(value: Value): Float32Array | Int32Array | Uint8Array {
  const elements = constantElements(value);
  if (!elements) throw new Error(`${value.name} is no constant`);
  return elements;
}

/** Whether a kernel has small constants and makes small ones of them, which an attempt at recording it tells in advance. */
function foldsSmall(definition: KernelDefinition, values: Record<string, Value>, attrs: object): boolean {
  const operands = Object.values(values);
  if (operands.length === 0 || !operands.every(isSmallConstant)) return false;
  try {
    const out = definition.lower(loweringOf(definition.name, new Recorder(), values, attrs));
    return [out].flat().every(({ shape }) => sizeOf(shape) <= foldedLimit);
  } catch (cause) {
    // What cannot be recorded may still be known.
    return !(cause instanceof TooManyConstants);
  }
}

function isSmallConstant(value: Value): boolean {
  return (value.constant !== undefined || isSplat(value)) && sizeOf(value.shape) <= foldLimit;
}

/** What a lowering sees of one call of a kernel. */
export function loweringOf(
  kernel: string,
  recorder: Recorder,
  inputs: Record<string, Value>,
  attrs: object,
): Lowering {
  return {
    recorder,
    inputs,
    attrs,
    input(name) {
      const value = inputs[name];
      if (!value) throw new Error(`kernel ${kernel} was called without its input ${name}`);
      return value;
    },
    list: () => Object.values(inputs),
    node: (opType, operands, out, attributes) => recorder.node(opType, operands, out, attributes),
    nodes: (opType, operands, outs, attributes) => recorder.emit(opType, operands, outs, attributes),
    constant(values, shape, dtype: ProgramType = 'float32') {
      if (typeof values === 'number') return splatValue(values, shape ?? [], dtype);
      return asConstant(values as Float32Array, shape ?? [values.length], dtype);
    },
    int64: (values) => recorder.int64(values),
  };
}

tf.enableProdMode();
tf.registerBackend(recorderBackend, () => backend, 0);
for (const definition of kernels) {
  const { name, eager, gradient } = definition;
  tf.registerKernel({
    kernelName: name,
    backendName: recorderBackend,
    kernelFunc: ({ inputs, attrs }) => recordKernel(definition, inputs, attrs ?? {}),
  });
  if (gradient) tf.registerGradient(gradientForTfjs(name, gradient));
  if (!eager) continue;
  for (const backendName of eagerBackends) {
    tf.registerKernel({
      kernelName: name,
      backendName,
      kernelFunc: ({ inputs, attrs }) => eager(inputs as Record<string, tf.Tensor>, attrs ?? {}),
    });
  }
}
