/**
 * A tfjs backend that computes when it is asked: kernels record ONNX nodes with the lowerings of src/compile, and reading
 * a tensor runs the graph recorded up to it in onnxruntime. What a test gives becomes an input of that graph, never a
 * known constant, so that nothing is folded.
 */
import * as tf from '@tensorflow/tfjs';
import { loweringOf } from '../../../src/compile/backend.js';
import type { KernelDefinition, ProgramType, Value } from '../../../src/compile/kernel.js';
import { kernels } from '../../../src/compile/kernels/index.js';
import { programOpset } from '../../../src/compile/program.js';
import { RecordedTensors } from '../../../src/compile/recordedTensors.js';
import { Recorder } from '../../../src/compile/recorder.js';
import { makeModel } from '../../../src/onnx/build.js';
import { encodeModel } from '../../../src/onnx/codec.js';
import type { Graph } from '../../../src/onnx/model.js';
import type { HostTensor } from '../../../src/runtime/host.js';
import { evaluate } from './evaluate.js';

export const lazyBackend = 'temper-lazy';

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
const output = 'read';

class LazyBackend extends RecordedTensors {
  private recorder = new Recorder();
  /** What tests gave, by the name of the input it became. */
  private hosts = new Map<string, { value: Value; host: HostTensor }>();
  private count = 0;

  protected override given(elements: tf.BackendValues, shape: readonly number[], dtype: tf.DataType): Value {
    if (!(dtype in arrays)) throw new Error(`a ${dtype} tensor cannot be recorded`);
    // Nothing is left of what was recorded before: a new recording, or it would grow from test to test.
    if (this.numDataIds() === 0) this.dispose();
    const type = dtype as ProgramType;
    const value = this.recorder.input(`given_${++this.count}`, { shape: [...shape], dtype: type });
    const data = arrays[type].from(elements as Float32Array) as Float32Array;
    this.hosts.set(value.name, { value, host: { type, dims: value.shape, data } });
    return value;
  }
  override readSync(dataId: object): tf.BackendValues {
    const value = this.get(dataId);
    const known = this.hosts.get(value.name)?.host.data.slice();
    return (known ?? this.compute(value)) as tf.BackendValues;
  }
  override async read(dataId: object): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  run(definition: KernelDefinition, inputs: object, attrs: object): tf.TensorInfo | tf.TensorInfo[] {
    const tensors = Object.entries(inputs).filter(([, tensor]) => tensor) as [string, tf.TensorInfo][];
    const values = tensors.map(([key, { dataId }]) => [key, this.get(dataId)]);
    const out = definition.lower(
      loweringOf(definition.name, this.recorder, Object.fromEntries(values), attrs),
    );
    const given = tensors.map(([, tensor]) => tensor);
    return Array.isArray(out) ? out.map((value) => this.made(value, given)) : this.made(out, given);
  }

  private compute(value: Value): HostTensor['data'] {
    const inputs = [...this.hosts.values()].map((entry) => entry.value);
    const whole = this.recorder.finish(output, inputs, { [output]: value });
    const used = new Set(whole.nodes.flatMap((node) => node.inputs));
    const graph: Graph = { ...whole, inputs: whole.inputs.filter(({ name }) => used.has(name)) };
    const feeds = graph.inputs.map(({ name }) => [name, this.hosts.get(name)!.host]);
    const model = encodeModel(makeModel(graph, { opset: programOpset }));
    const { type, dims, data } = evaluate({ model, feeds: Object.fromEntries(feeds) })[output]!;
    if (type !== value.dtype || String(dims) !== String(value.shape)) {
      throw new Error(`recorded as ${value.dtype}[${value.shape}], computed as ${type}[${dims}]`);
    }
    return data;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }
  override dispose(): void {
    this.recorder = new Recorder();
    this.hosts = new Map();
  }
}

/** Makes the backend known to tfjs, with every kernel that can be recorded. */
export function registerLazyBackend(): void {
  tf.registerBackend(lazyBackend, () => new LazyBackend(), 0);
  for (const definition of kernels) {
    tf.registerKernel({
      kernelName: definition.name,
      backendName: lazyBackend,
      kernelFunc: ({ inputs, attrs, backend }) =>
        (backend as LazyBackend).run(definition, inputs, attrs ?? {}),
    });
  }
}
