/** A tfjs function as an ONNX program, run by onnxruntime. */
import { makeModel } from '../onnx/build.js';
import { encodeModel } from '../onnx/codec.js';
import type { Model } from '../onnx/model.js';
import type { HostTensor } from '../runtime/host.js';
import { openSession } from '../runtime/session.js';
import { type TensorFunction, type TensorSpec, trace } from './trace.js';

/** The operator set that programs are written in. */
export const programOpset = 21;

export interface CompiledFunction {
  readonly model: Model;
  run(feeds: Record<string, HostTensor>): Promise<Record<string, HostTensor>>;
  release(): Promise<void>;
}

/** `fn` as a plain ONNX model that any runtime can read; `parameters` become its initializers. */
export function traceModel(
  fn: TensorFunction,
  inputs: readonly TensorSpec[],
  options: { name?: string; parameters?: Record<string, HostTensor> } = {},
): Model {
  return makeModel(trace(fn, inputs, options), { opset: programOpset });
}

export async function compileFunction(
  fn: TensorFunction,
  inputs: readonly TensorSpec[],
  { threads, ...options }: { threads?: number; name?: string; parameters?: Record<string, HostTensor> } = {},
): Promise<CompiledFunction> {
  const model = traceModel(fn, inputs, options);
  const session = await openSession(encodeModel(model), threads === undefined ? {} : { threads });
  return { model, run: (feeds) => session.run(feeds), release: () => session.release() };
}
