/** A model whose output has its time first, [2, batch, 3], and data that it fits exactly. */
import type { Dataset } from '../../src/data/dataset.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';
import { float32 } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';
import { patterns } from './nets.js';

export const inputs = 4;
export const values = 3;
const steps = 2;

/** Two linear maps of x, stacked: [2, batch, 3]. */
export function timeMajor(batch: number | string): Model {
  const weight = (name: string) =>
    makeTensor(
      name,
      DataType.FLOAT,
      [inputs, values],
      randomStream('timeMajor', name).normals(inputs * values),
    );
  const axes = makeTensor('first', DataType.INT64, [1], [0n]);
  return makeModel(
    makeGraph({
      nodes: [
        makeNode('MatMul', ['x', 'W'], ['a']),
        makeNode('MatMul', ['x', 'V'], ['b']),
        makeNode('Unsqueeze', ['a', 'first'], ['a1']),
        makeNode('Unsqueeze', ['b', 'first'], ['b1']),
        makeNode('Concat', ['a1', 'b1'], ['y'], { axis: 0 }),
      ],
      initializers: [weight('W'), weight('V'), axes],
      inputs: [tensorInfo('x', DataType.FLOAT, [batch, inputs])],
      outputs: [tensorInfo('y', DataType.FLOAT, [steps, batch, values])],
    }),
    { opset: 17, irVersion: 8 },
  );
}

/** Data with the model's own outputs as targets, an example at a time. */
export async function ownTargets(model: Model, count: number): Promise<Dataset> {
  const data = patterns(count, { shape: [inputs], classes: 3 });
  const examples = data.examples as Float32Array;
  const session = await openSession(encodeModel(model));
  const targets = new Float32Array(count * steps * values);
  for (let i = 0; i < count; i++) {
    const { y } = await session.run({
      x: float32([1, inputs], examples.slice(i * inputs, (i + 1) * inputs)),
    });
    targets.set(y!.data as Float32Array, i * steps * values);
  }
  await session.release();
  return { ...data, targets, targetShape: [steps, values] };
}
