/**
 * A part of a data set in place of all of it (`--limit`): a seeded sample in which every class keeps its share. The first N
 * of a file that is sorted by class would be one class, and any net that names it would score 100 %.
 */
import { randomStream } from '../random/stream.js';
import { type Dataset, exampleSize } from './dataset.js';
import { takeExamples } from './split.js';

/**
 * Which `size` of the examples (all, if there are no more), ascending. Each class gets the whole part of its share, the
 * places left over go to the largest remainders; classes with equal ones, and the examples of each class, in a drawn order.
 * Without labels (regression) every example has the same chance.
 */
export function sampleIndices(
  labels: ArrayLike<number>,
  count: number,
  size: number,
  seed: number,
): Uint32Array {
  const stream = randomStream('data/sample', seed);
  const order = stream.permutation(count);
  if (size >= count) return order.sort();
  if (labels.length === 0) return order.slice(0, size).sort();
  const members = new Map<number, number[]>();
  for (const index of order) {
    const label = labels[index]!;
    const known = members.get(label);
    if (known) known.push(index);
    else members.set(label, [index]);
  }
  const shares = [...members.values()].map((places) => {
    const exact = places.length * size; // in units of 1 / count: whole numbers, so that equal remainders are equal
    return { places, whole: Math.floor(exact / count), rest: exact % count };
  });
  let left = size - shares.reduce((sum, { whole }) => sum + whole, 0);
  const chosen = shares
    .sort((a, b) => b.rest - a.rest) // stable: ties stay in the drawn order in which classes were met
    .flatMap(({ places, whole }) => places.slice(0, left-- > 0 ? whole + 1 : whole));
  return Uint32Array.from(chosen).sort();
}

/** `size` examples of the data set, which notes it; the data set itself if it has no more. */
export function sampleDataset(dataset: Dataset, size: number, seed = 0): Dataset {
  const { count, labels, targets, targetShape = [], shape } = dataset;
  if (size >= count) return dataset;
  const indices = sampleIndices(labels, count, size, seed);
  return {
    ...dataset,
    count: size,
    examples: takeExamples(dataset.examples, exampleSize(shape), indices),
    labels: labels.length === 0 ? labels : takeExamples(labels, 1, indices),
    ...(targets && { targets: takeExamples(targets, exampleSize(targetShape), indices) }),
    sampled: { of: count, seed },
  };
}

/** What a reader of the results must know of a sample. */
export function sampleNotes({ sampled, count, split, targets }: Dataset): string[] {
  if (sampled === undefined) return [];
  const how = targets ? 'drawn at random' : 'class-balanced';
  return [
    `${told(count)} of ${told(sampled.of)} ${split} examples, ${how}, seed ${sampled.seed} (--split-seed).`,
  ];
}

/** 10000 as 10,000. */
export function told(count: number): string {
  return count.toLocaleString('en');
}
