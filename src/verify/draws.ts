/**
 * Chips drawn: chip c, tensor t -> programmed weights. The noise is addressed by (seed, chip, tensor name), so a chip is the
 * same in any worker, shard and order, and the same noise meets every device and every model it is compared on.
 */
import { type Channels, channelRange, type Range } from '../mapping/channels.js';
import type { CrossbarTensor } from '../mapping/crossbar.js';
import { randomStream } from '../random/stream.js';
import { float32 } from '../runtime/host.js';
import { openSession, type Session } from '../runtime/session.js';
import type { Weight } from './bakeWeights.js';

/** A device as ONNX bytes, one small program per tensor shape; plain data, so that it can be sent to a worker. */
export interface DeviceProgram {
  spec: string;
  noiseCount: number;
  goesByChannel: boolean;
  /**
   * `weights`, `noise` [noiseCount, ...dims], `strength` [] and, if the device goes by channels, `range` -> `programmed`,
   * by `shapeKey` of the dims and of those of the range.
   */
  programs: Record<string, Uint8Array>;
}

export function shapeKey(dims: readonly number[], range: Range | undefined): string {
  return [dims, ...(range ? [range.dims] : [])].map((shape) => shape.join('x')).join(' by ');
}

/** A weight as it is before it is programmed. */
export interface CleanWeight extends Weight {
  /** Name its noise is drawn under: one array, one draw, whatever number of values is made of it. */
  array: string;
  channels(): Channels;
}

/** The ranges of its output channels, for devices that go by them. */
export function rangeFor(
  { goesByChannel }: Pick<DeviceProgram, 'goesByChannel'>,
  { values, dims, channels }: CleanWeight,
): Range | undefined {
  return goesByChannel ? channelRange(values, dims, channels()) : undefined;
}

export interface ChipPrinter {
  /** Programmed weights of chip 0, 1, 2, ..., in the order of the clean ones. */
  chip(number: number): Promise<Weight[]>;
  release(): Promise<void>;
}

export function openPrinter(
  device: DeviceProgram,
  tensors: readonly CleanWeight[],
  seed: number,
): ChipPrinter {
  const { programs, noiseCount } = device;
  const sessions = new Map<string, Promise<Session>>();
  const ranges = tensors.map((tensor) => rangeFor(device, tensor));
  const sessionFor = (key: string) => {
    const session = sessions.get(key) ?? openSession(programs[key]!, { threads: 1 });
    sessions.set(key, session);
    return session;
  };
  return {
    async chip(number) {
      const weights: Weight[] = [];
      for (const [i, { name, dims, dataType, values, array }] of tensors.entries()) {
        const noise = randomStream('chip', seed, number, array).normals(noiseCount * values.length);
        const range = ranges[i];
        const session = await sessionFor(shapeKey(dims, range));
        const { programmed } = await session.run({
          weights: float32(dims, values),
          noise: float32([noiseCount, ...dims], noise),
          strength: float32([], Float32Array.of(1)),
          ...(range && { range: float32(range.dims, range.values) }),
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

/** The effective weights of each crossbar tensor, under every name that layers read them by. */
export function cleanWeights(tensors: readonly CrossbarTensor[]): CleanWeight[] {
  return tensors.flatMap(({ name, copies, array, dims, dataType, values, channels }) => {
    const own = { dims, dataType, values: values(), array, channels };
    return [name, ...copies].map((value) => ({ name: value, ...own }));
  });
}
