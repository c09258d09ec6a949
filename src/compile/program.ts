/** A tfjs function as an ONNX program, run by onnxruntime. */
import { makeModel, tensorInfo } from '../onnx/build.js';
import type { Model, ValueInfo } from '../onnx/model.js';
import type { HostTensor } from '../runtime/host.js';
import { openProgram } from './openProgram.js';
import { type TensorFunction, type TensorSpec, trace } from './trace.js';

/** The operator set that programs are written in. */
export const programOpset = 21;

export interface CompiledFunction {
  readonly model: Model;
  /** @param what  what for, should it take too long: as in "when the model is validated" */
  run(feeds: Record<string, HostTensor>, what?: string): Promise<Record<string, HostTensor>>;
  release(): Promise<void>;
}

/**
 * `fn` as a plain ONNX model that any runtime can read; `parameters` become its initializers.
 * @param batch  a symbol for the first dimension of inputs and outputs, if the model shall take any batch. `fn` must
 *   then treat examples alike; trace it with a batch of at least 2, so that no rule mistakes the batch for a 1.
 */
export function traceModel(
  fn: TensorFunction,
  inputs: readonly TensorSpec[],
  { batch, ...options }: { name?: string; parameters?: Record<string, HostTensor>; batch?: string } = {},
): Model {
  const graph = trace(fn, inputs, options);
  if (batch === undefined) return makeModel(graph, { opset: programOpset });
  return makeModel(
    { ...graph, inputs: withBatch(graph.inputs, batch), outputs: withBatch(graph.outputs, batch) },
    { opset: programOpset },
  );
}

function withBatch(infos: readonly ValueInfo[], batch: string): ValueInfo[] {
  return infos.map(({ name, tensorType }) => {
    if (!tensorType?.shape) throw new Error(`${name} is no tensor of known rank`);
    return tensorInfo(name, tensorType.elemType, [batch, ...tensorType.shape.slice(1)]);
  });
}

/** A program is written by us, and takes a batch of a size that nobody tried apart. */
const freeShapes = 4;

export async function compileFunction(
  fn: TensorFunction,
  inputs: readonly TensorSpec[],
  { threads, ...options }: { threads?: number; name?: string; parameters?: Record<string, HostTensor> } = {},
): Promise<CompiledFunction> {
  const model = traceModel(fn, inputs, options);
  const session = await openProgram(model, threads === undefined ? {} : { threads });
  return {
    model,
    run: (feeds, what = 'run') => session.run(feeds, undefined, { what, batches: freeShapes }),
    release: () => session.release(),
  };
}
