/** How much a device moves the weights of each layer: declared by the device, and as drawn on the first chip. */
import { rangeOfEach } from '../../mapping/channels.js';
import type { CrossbarTensor } from '../../mapping/crossbar.js';
import { openChips } from './chips.js';
import type { CompiledDevice } from './deviceProgram.js';
import { type CleanWeight, cleanWeights, rangeFor } from './draws.js';

/** What the device does to one stored tensor. */
export interface LayerNoise {
  tensor: string;
  nodes: readonly string[];
  opType: string;
  dims: readonly number[];
  absoluteMaximum: number;
  /** Root mean square over the tensor's weights of the device's declared standard deviation, in units of the weights. */
  std: number;
  /** `std` / `absoluteMaximum`: the effective sigma of the layer. */
  effectiveSigma: number;
  /** Root mean square deviation actually drawn, on the first chip. */
  sampledStd: number;
}

export async function layerNoise(
  { device, program }: CompiledDevice,
  tensors: readonly CrossbarTensor[],
  seed: number,
  noiseFrom?: readonly CleanWeight[],
): Promise<LayerNoise[]> {
  const weights = cleanWeights(tensors);
  const places = new Map(weights.map(({ name }, i) => [name, i]));
  const sampler = openChips(program, weights, seed, noiseFrom);
  const drawnOn = new Map((noiseFrom ?? weights).map((weight) => [weight.array, weight]));
  try {
    const layers: LayerNoise[] = [];
    for (const { name, nodes, opType, dims } of tensors) {
      const place = places.get(name)!;
      const weight = weights[place]!;
      const programmed = await sampler.weight(0, place);
      const { values } = weight;
      const source = drawnOn.get(weight.array)!;
      const range = rangeFor(device, source);
      const absoluteMaximum = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      const std = rootMeanSquare(device.moments(source.values, range && rangeOfEach(range, dims)).std);
      const sampledStd = rootMeanSquare(programmed.values.map((value, i) => value - values[i]!));
      const effectiveSigma = absoluteMaximum === 0 ? 0 : std / absoluteMaximum;
      layers.push({ tensor: name, nodes, opType, dims, absoluteMaximum, std, effectiveSigma, sampledStd });
    }
    return layers;
  } finally {
    await sampler.release();
  }
}

function rootMeanSquare(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / Math.max(1, values.length));
}
