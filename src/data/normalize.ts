/** Normalisation of pixels, as PyTorch's ToTensor and Normalize do it: (x / 255 - mean) / std, each step in float32. */

import type { Problem } from '../errors.js';
import { elementOf } from '../lists/elementOf.js';

/** One value per channel, or one for all, on the 0..1 scale. Float data are not divided by 255. */
export interface Normalization {
  mean: number[];
  std: number[];
}

/** Leaves pixels on the 0..1 scale. */
export const unitScale: Normalization = { mean: [0], std: [1] };

export function normalizationProblems({ mean, std }: Normalization, channels: number): Problem[] {
  const problems: Problem[] = [];
  for (const [name, values] of [['mean', mean] as const, ['std', std] as const]) {
    if (values.length !== 1 && values.length !== channels)
      problems.push({
        what: `--${name} has ${values.length} values, the data have ${channels} ${channels === 1 ? 'channel' : 'channels'}`,
        hint: 'give one value, or one per channel',
      });
    const wrong = values.find((value) => !Number.isFinite(value) || (name === 'std' && value <= 0));
    if (wrong !== undefined)
      problems.push({ what: `--${name} ${wrong} is not a ${name === 'std' ? 'positive ' : ''}number` });
  }
  return problems;
}

/** Mean and deviation of a channel. */
export function ofChannel({ mean, std }: Normalization, channel: number): [number, number] {
  const valueIn = (values: number[]) => elementOf(values, values.length === 1 ? 0 : channel, 'channel');
  return [valueIn(mean), valueIn(std)];
}

/** What each of the 256 pixel values becomes, in one channel. */
export function pixelTable(normalization: Normalization, channel: number): Float32Array {
  const [mean, std] = ofChannel(normalization, channel);
  const [m, s] = [Math.fround(mean), Math.fround(std)];
  return Float32Array.from({ length: 256 }, (_, pixel) => Math.fround(Math.fround(pixel / 255) - m) / s);
}
