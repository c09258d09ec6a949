/**
 * Chips drawn: chip c, tensor t -> programmed weights. The noise is addressed by (seed, chip, tensor name), so a chip is the
 * same in any worker, shard and order, and the same noise meets every device and every model it is compared on.
 */
import { type ChannelRange, type Channels, channelRange } from '../../mapping/channels.js';
import type { CrossbarTensor } from '../../mapping/crossbar.js';
import { randomStream } from '../../random/stream.js';
import { float32 } from '../../runtime/host.js';
import { openSession, type Session } from '../../runtime/session.js';
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

export function shapeKey(dims: readonly number[], range: ChannelRange | undefined): string {
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
  weight: CleanWeight,
): ChannelRange | undefined {
  return goesByChannel ? channelRange(weight.values, weight.dims, weight.channels()) : undefined;
}

export interface ChipSampler {
  /** Programmed weights of chip 0, 1, 2, ..., in the order of the clean ones. */
  chip(number: number): Promise<Weight[]>;
  /** The same, each drawn when it is asked for. */
  inTurn(number: number): AsyncIterable<Weight>;
  /** The one at this place. */
  weight(number: number, place: number): Promise<Weight>;
  release(): Promise<void>;
}

export function openSampler(
  device: DeviceProgram,
  tensors: readonly CleanWeight[],
  seed: number,
): ChipSampler {
  const { programs, noiseCount } = device;
  const sessions = new Map<string, Promise<Session>>();
  const ranges = tensors.map((tensor) => rangeFor(device, tensor));
  const sessionFor = (key: string, isLarge: boolean) => {
    // What the arena keeps of a large tensor is several times its size.
    const session = sessions.get(key) ?? openSession(programs[key]!, { threads: 1, frugal: isLarge });
    sessions.set(key, session);
    return session;
  };
  const weight = async (number: number, place: number): Promise<Weight> => {
    const { name, dims, dataType, values, array } = tensors[place]!;
    const noise = randomStream('chip', seed, number, array).normals(noiseCount * values.length);
    const range = ranges[place];
    const session = await sessionFor(shapeKey(dims, range), values.length >= large);
    const { programmed } = await session.run({
      weights: float32(dims, values),
      noise: float32([noiseCount, ...dims], noise),
      strength: float32([], Float32Array.of(1)),
      ...(range && { range: float32(range.dims, range.values) }),
    });
    return { name, dims, dataType, values: programmed!.data as Float32Array };
  };
  return {
    ...sampled(tensors.length, weight),
    async release() {
      for (const session of sessions.values()) await (await session).release();
      sessions.clear();
    },
  };
}

/** What a sampler gives, of so many weights. */
export function sampled(count: number, weight: ChipSampler['weight']): Omit<ChipSampler, 'release'> {
  async function* inTurn(number: number) {
    for (let place = 0; place < count; place++) yield await weight(number, place);
  }
  return { weight, inTurn, chip: (number) => allOf(inTurn(number)) };
}

export async function allOf<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Tensors of so many values cost more to keep than to make anew. */
const large = 2 ** 24;

/** The effective weights of each crossbar tensor, under every name that layers read them by. */
export function cleanWeights(tensors: readonly CrossbarTensor[]): CleanWeight[] {
  return tensors.flatMap((tensor) => {
    const { name, copies, array, dims, dataType, channels } = tensor;
    let known: Float32Array | undefined;
    const read = (): Float32Array => {
      const values = known ?? tensor.values();
      if (values.length < large) known = values;
      return values;
    };
    return [name, ...copies].map((value) => ({
      ...{ name: value, dims, dataType, array, channels },
      get values() {
        return read();
      },
    }));
  });
}
