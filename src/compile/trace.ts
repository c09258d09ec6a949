/** Runs a tfjs function once on the recording backend and returns what it computed as an ONNX graph. */
import type * as tf from '@tensorflow/tfjs';
import type { Graph } from '../onnx/model.js';
import { tensorOver } from '../onnx/tensor.js';
import type { HostTensor } from '../runtime/host.js';
import { recordedTensor, recordedValue, withRecorder } from './backend.js';
import type { ProgramType, Value } from './kernel.js';
import { type NodeRule, onnxTypes, Recorder } from './recorder.js';

export interface TensorSpec {
  name: string;
  shape: readonly number[];
  dtype: ProgramType;
}

export type Tensors = Record<string, tf.Tensor>;
/** A pure function of named tensors. */
export type TensorFunction = (inputs: Tensors) => Tensors;

/**
 * @param inputs    become graph inputs, in this order
 * @param parameters  become initializers of the given names, and reach `fn` as inputs too
 * @param budget  elements that all constants together may have (`withRecorder`)
 * @returns a graph whose outputs are named as `fn` names them
 */
export function trace(
  fn: TensorFunction,
  inputs: readonly TensorSpec[],
  {
    name = 'program',
    parameters = {},
    rule,
    budget,
  }: {
    name?: string;
    parameters?: Record<string, HostTensor>;
    rule?: NodeRule | undefined;
    budget?: number;
  } = {},
): Graph {
  const recorder = new Recorder(rule);
  const record = () => {
    const values = inputs.map((spec) => recorder.input(spec.name, spec));
    const named: Record<string, Value> = Object.fromEntries(values.map((value) => [value.name, value]));
    for (const [parameter, tensor] of Object.entries(parameters)) {
      named[parameter] = declareParameter(recorder, parameter, tensor);
    }
    const tensors = Object.fromEntries(
      Object.entries(named).map(([key, value]) => [key, recordedTensor(value)]),
    );
    const outputs = Object.entries(fn(tensors)).map(([key, tensor]) => [key, recordedValue(tensor)] as const);
    return recorder.finish(name, values, Object.fromEntries(outputs));
  };
  return withRecorder(recorder, record, budget);
}

function declareParameter(recorder: Recorder, name: string, tensor: HostTensor): Value {
  if (tensor.type !== 'float32' && tensor.type !== 'int32' && tensor.type !== 'bool') {
    throw new Error(`parameter ${name} is ${tensor.type}; a program holds float32, int32 and bool`);
  }
  const values = tensor.data as Float32Array | Int32Array | Uint8Array;
  const stored = tensorOver(name, onnxTypes[tensor.type], tensor.dims, values);
  return recorder.parameter(name, stored, { shape: tensor.dims, dtype: tensor.type });
}
