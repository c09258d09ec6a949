/**
 * The ways in which pictures are usually scaled before a net sees them, by name. Each is (x - mean) / std of values on the
 * 0..1 scale. Sources: torchvision (ImageNet), the means and standard deviations of the training sets that most training
 * scripts quote; for CIFAR-10 two standard deviations are common, the second (of kuangliu/pytorch-cifar) averaged per picture.
 */
import { type Dataset, pictureShape } from './dataset.js';
import { type Normalization, unitScale } from './normalize.js';

export interface Scaling {
  name: string;
  /** In words, for lists. */
  words: string;
  normalization: Normalization;
}

/** What the readers give, unchanged. */
export const asis: Scaling = {
  name: 'asis',
  words: 'as the reader gives it: 0..1 for bytes',
  normalization: unitScale,
};

const cifar10Mean = [0.4914, 0.4822, 0.4465];

export const scalings = [
  asis,
  { name: '0..1', words: 'pixels on 0..1', normalization: unitScale },
  { name: '-1..1', words: 'pixels on -1..1', normalization: { mean: [0.5], std: [0.5] } },
  { name: 'bytes', words: 'pixels on 0..255', normalization: { mean: [0], std: [1 / 255] } },
  {
    name: 'imagenet',
    words: 'ImageNet',
    normalization: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  },
  {
    name: 'cifar10',
    words: 'CIFAR-10',
    normalization: { mean: cifar10Mean, std: [0.247, 0.2435, 0.2616] },
  },
  {
    name: 'cifar10-narrow',
    words: 'CIFAR-10, standard deviations averaged per picture',
    normalization: { mean: cifar10Mean, std: [0.2023, 0.1994, 0.201] },
  },
  {
    name: 'cifar100',
    words: 'CIFAR-100',
    normalization: { mean: [0.5071, 0.4867, 0.4408], std: [0.2675, 0.2565, 0.2761] },
  },
  { name: 'mnist', words: 'MNIST', normalization: { mean: [0.1307], std: [0.3081] } },
  { name: 'fashion-mnist', words: 'Fashion-MNIST', normalization: { mean: [0.286], std: [0.353] } },
] as const satisfies readonly Scaling[];

export type ScalingName = (typeof scalings)[number]['name'];

export const scalingNames = scalings.map(({ name }) => name) as [ScalingName, ...ScalingName[]];

/** Floats within these limits may be pixels on 0..1 that interpolation carried a little beyond; MNIST's black is -0.42. */
const [unitLeast, unitMost] = [-0.2, 1.5];
/** Above this they are on 0..255; in between they are no pixels. */
const byteLimit = 10;

/** On which scale the values of the examples are, 1 or 255; undefined if they look like no pixels (negative ones, say). */
export function pixelScale({ examples }: Pick<Dataset, 'examples'>): 1 | 255 | undefined {
  if (examples instanceof Uint8Array) return 1; // the readers' own division
  let [least, most] = [0, 0];
  for (let i = 0; i < examples.length; i++) {
    const value = examples[i]!;
    if (value < least) least = value;
    else if (value > most) most = value;
  }
  if (least < unitLeast) return undefined;
  if (most <= unitMost) return 1;
  return least >= 0 && most > byteLimit && most <= 255.5 ? 255 : undefined;
}

/** A normalization for pixels on 0..1 as one for these examples: `asis` and foreign values stay as they are. */
export function onScaleOf(
  data: Pick<Dataset, 'examples'>,
  { name, normalization }: Pick<Scaling, 'name' | 'normalization'>,
): Normalization {
  const scale = name === asis.name ? 1 : (pixelScale(data) ?? 1);
  const { mean, std } = normalization;
  return scale === 1 ? normalization : { mean: mean.map((m) => m * scale), std: std.map((s) => s * scale) };
}

/**
 * The usual scalings that these examples could need, none twice: `asis`, then those of the data set itself, then the others.
 * Only `asis` if the examples look like no pixels.
 */
export function usualScalings(data: Pick<Dataset, 'examples' | 'shape' | 'spec'>): Scaling[] {
  if (pixelScale(data) === undefined) return [asis];
  const { channels } = pictureShape(data.shape);
  const known: Scaling[] = [];
  const [reader = ''] = data.spec.split(':', 1);
  const ofData = ({ name }: Scaling) =>
    name === asis.name || name.startsWith(reader === 'digits' ? 'mnist' : reader);
  for (const scaling of [...scalings.filter(ofData), ...scalings.filter((other) => !ofData(other))]) {
    const grey = scaling.name === 'mnist' || scaling.name === 'fashion-mnist';
    if (![1, channels].includes(scaling.normalization.mean.length) || (grey && channels > 1)) continue;
    const normalization = onScaleOf(data, scaling);
    if (!known.some((other) => sameNormalization(other.normalization, normalization)))
      known.push({ ...scaling, normalization });
  }
  return known;
}

/** Whether two do the same; one value stands for all channels. */
export function sameNormalization(a: Normalization, b: Normalization): boolean {
  const same = (one: readonly number[], other: readonly number[]) => {
    const channels = Math.max(one.length, other.length);
    const at = (values: readonly number[], i: number) => (values.length === 1 ? values[0] : values[i]);
    return Array.from({ length: channels }, (_, i) => at(one, i) === at(other, i)).every(Boolean);
  };
  return same(a.mean, b.mean) && same(a.std, b.std);
}
