/** Inputs for a model, from its own metadata: reproducible values between -1 and 1, symbolic dimensions as 2. */
import { encodeModel } from '../../src/onnx/codec.js';
import type { Model } from '../../src/onnx/model.js';
import { float32, type HostTensor } from '../../src/runtime/host.js';
import { openSession, type Session } from '../../src/runtime/session.js';

export function madeUpFeeds(session: Session): Record<string, HostTensor> {
  return Object.fromEntries(
    session.inputs.map(({ name, shape }) => {
      const dims = shape.map((size) => (typeof size === 'number' ? size : 2));
      const count = dims.reduce((a, b) => a * b, 1);
      return [
        name,
        float32(
          dims,
          Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898) ** 3),
        ),
      ];
    }),
  );
}

/** The outputs of a model for these made-up inputs. */
export async function outputsOf(model: Model, optimization: 'all' | 'disabled' = 'disabled') {
  const session = await openSession(encodeModel(model), { optimization, threads: 1 });
  const outputs = await session.run(madeUpFeeds(session));
  await session.release();
  return outputs;
}

/** Largest difference, relative to the largest value, over all outputs. */
export function relativeDifference(a: Record<string, HostTensor>, b: Record<string, HostTensor>): number {
  let largest = 0;
  let difference = 0;
  for (const [name, { data }] of Object.entries(a)) {
    const other = b[name]!.data as Float32Array;
    (data as Float32Array).forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value));
      difference = Math.max(difference, Math.abs(value - other[i]!));
    });
  }
  return difference / largest;
}
