/** How much a device moves the weights of each layer: declared by the device, and as drawn on the first chip. */
import type { Device } from '../../devices/index.js';
import { rangeOfEach } from '../../mapping/channels.js';
import type { CrossbarTensor } from '../../mapping/crossbar.js';
import type { LayerNoise } from '../report/report.js';
import { openChips } from './chips.js';
import { type CleanWeight, cleanWeights, type DeviceProgram, rangeFor } from './draws.js';

export async function layerNoise(
  device: Device,
  program: DeviceProgram,
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
