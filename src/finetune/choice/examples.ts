/** The examples that candidates are judged on: all on the same ones, and on the same chips. */
import { randomStream } from '../../random/stream.js';
import type { Run } from '../run/run.js';

/** Examples that are enough to tell candidates apart. */
const mostExamples = 2048;

/** A seeded share of the validation examples; without any, of those that are trained on. */
export function examplesFor({ validation, feeds, settings }: Run): Uint32Array {
  const all = validation.length > 0 ? validation : feeds.train;
  if (all.length <= mostExamples) return all;
  const order = randomStream('finetune/choice', settings.seed).permutation(all.length);
  return order
    .slice(0, mostExamples)
    .sort()
    .map((position) => all[position]!);
}
