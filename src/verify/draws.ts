/**
 * Chips drawn: chip c, tensor t -> programmed weights. The noise is addressed by (seed, chip, tensor name), so a chip is the
 * same in any worker, shard and order, and the same noise meets every device and every model it is compared on.
 */
import type { CrossbarTensor } from '../mapping/crossbar.js';
import { randomStream } from '../random/stream.js';
import { float32 } from '../runtime/host.js';
import { openSession, type Session } from '../runtime/session.js';
import type { Weight } from './bakeWeights.js';

/** A device as ONNX bytes, one small program per tensor shape; plain data, so that it can be sent to a worker. */
export interface DeviceProgram {
  spec: string;
  noiseCount: number;
  /** `weights`, `noise` [noiseCount, ...dims] and `strength` [] -> `programmed`, by `shapeKey(dims)`. */
  programs: Record<string, Uint8Array>;
}

export function shapeKey(dims: readonly number[]): string {
  return dims.join('x');
}

export interface ChipPrinter {
  /** Programmed weights of chip 0, 1, 2, ... for every crossbar tensor, in order. */
  chip(number: number): Promise<Weight[]>;
  release(): Promise<void>;
}

/** `tensors`: the clean effective weights of the model. */
export function openPrinter(
  { programs, noiseCount }: DeviceProgram,
  tensors: readonly Weight[],
  seed: number,
): ChipPrinter {
  const sessions = new Map<string, Promise<Session>>();
  const sessionFor = (dims: readonly number[]) => {
    const key = shapeKey(dims);
    const session = sessions.get(key) ?? openSession(programs[key]!, { threads: 1 });
    sessions.set(key, session);
    return session;
  };
  return {
    async chip(number) {
      const weights: Weight[] = [];
      for (const { name, dims, dataType, values } of tensors) {
        const noise = randomStream('chip', seed, number, name).normals(noiseCount * values.length);
        const session = await sessionFor(dims);
        const { programmed } = await session.run({
          weights: float32(dims, values),
          noise: float32([noiseCount, ...dims], noise),
          strength: float32([], Float32Array.of(1)),
        });
        weights.push({ name, dims, dataType, values: programmed!.data as Float32Array });
      }
      return weights;
    },
    async release() {
      for (const session of sessions.values()) await (await session).release();
      sessions.clear();
    },
  };
}

/** The effective weights of each crossbar tensor. */
export function cleanWeights(tensors: readonly CrossbarTensor[]): Weight[] {
  return tensors.map(({ name, dims, dataType, values }) => ({ name, dims, dataType, values: values() }));
}
