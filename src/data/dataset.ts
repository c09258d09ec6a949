/** A data set in memory: examples as one flat planar array, labels (or regression targets), and where they came from. */

export type Split = 'train' | 'test';

export interface DataFile {
  path: string;
  /** SHA-256 of the file as stored (compressed, if it is), lower-case hex. */
  sha256: string;
}

/** What a limit left of a split (sample.ts). */
export interface Sampled {
  /** Examples there were. */
  of: number;
  seed: number;
}

/** What a reader delivers: one split of a data set, complete, in a fixed order. */
export interface Contents {
  /** Shape of one example; pictures are `[channels, height, width]`, planar. */
  shape: number[];
  /** Number of classes; 0 when `targets` replace the labels. */
  classes: number;
  /** True when `classes` is only the highest label + 1: a model may then have more outputs. */
  classesInferred?: boolean;
  classNames?: string[];
  /**
   * Whether a reader of pictures delivered these. `mirrorable`: no class changes if left and right are exchanged, as those of
   * digits and traffic signs do.
   */
  pictures?: 'mirrorable' | 'oriented';
  /** count x prod(shape). Bytes are pixels, 255 = 1.0; floats are taken as they are. */
  examples: Uint8Array | Float32Array;
  /** One class per example; empty when there are `targets`. */
  labels: Int32Array;
  /** count x prod(targetShape): what a regression (mean squared error) is trained towards. */
  targets?: Float32Array;
  targetShape?: number[];
  files: DataFile[];
  /** These are all of somebody's own data, which have no train and test parts. */
  undivided?: boolean;
  /** Absent if these are all examples of the split. */
  sampled?: Sampled;
  /** What a reader of a report must know about these data, one sentence each. */
  notes?: string[];
}

export interface Dataset extends Contents {
  /** Canonical spec, with its split unless the data are undivided: `cifar10:DIR:test`. */
  spec: string;
  split: Split;
  count: number;
}

/** Values in one example, and the channel structure augmentation and normalisation work on. */
export interface Picture {
  channels: number;
  height: number;
  width: number;
}

/** `[c, h, w]` and `[h, w]` (one channel) are pictures; anything else is one channel, one row. */
export function pictureShape(shape: readonly number[]): Picture {
  if (shape.length !== 2 && shape.length !== 3) return { channels: 1, height: 1, width: exampleSize(shape) };
  const [height = 1, width = 1] = shape.slice(-2);
  return { channels: exampleSize(shape.slice(0, -2)), height, width };
}

export function exampleSize(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Examples `start` to `end` - 1, without copying. E.g. MNIST without the 10,000 pictures that `digits` consists of. */
export function sliceDataset(dataset: Dataset, start: number, end = dataset.count): Dataset {
  const cut = <T extends Uint8Array | Float32Array | Int32Array>(values: T, size: number) =>
    values.subarray(start * size, end * size) as T;
  const examples = cut(dataset.examples, exampleSize(dataset.shape));
  const { targets, targetShape = [] } = dataset;
  return {
    ...dataset,
    count: examples.length / exampleSize(dataset.shape),
    examples,
    labels: cut(dataset.labels, 1),
    ...(targets && { targets: cut(targets, exampleSize(targetShape)) }),
  };
}
