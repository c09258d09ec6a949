/**
 * The binary layout of CIFAR-10 and CIFAR-100: records of label bytes followed by 3 x 32 x 32 planar pixel bytes.
 * Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images"; https://www.cs.toronto.edu/~kriz/cifar.html.
 */
import { type Problem, TemperError } from '../errors.js';
import type { Contents } from './dataset.js';
import { labelProblems } from './labels.js';
import { everyProblem, findFiles, readSource, type SourceFile } from './source.js';

const pixels = 3 * 32 * 32;

export interface CifarLayout {
  /** Where else under DIR the files may lie. */
  folders: string[];
  /** Names of the files of the split, in order, and how many records each has as published. */
  names: string[];
  published: number;
  /** Label bytes before the pixels of each record, and which of them is the label. */
  labelBytes: number;
  label: number;
  classNames: string[];
}

/** Reads one split. Throws TemperError 'io' (files missing) or 'model' (truncated, wrong labels). */
export async function readCifar(directory: string, layout: CifarLayout): Promise<Contents> {
  const wanted = layout.names.map((name) => [name]);
  const files = await everyProblem((await findFiles(directory, layout.folders, wanted)).map(readSource));
  const recordBytes = layout.labelBytes + pixels;
  const problems = files.flatMap((file) => sizeProblems(file, recordBytes));
  if (problems.length > 0) throw new TemperError('model', problems);

  const count = files.reduce((total, { bytes }) => total + bytes.length / recordBytes, 0);
  const examples = new Uint8Array(count * pixels);
  const labels = new Int32Array(count);
  let at = 0;
  for (const { bytes } of files)
    for (let start = 0; start < bytes.length; start += recordBytes, at++) {
      labels[at] = bytes[start + layout.label]!;
      examples.set(bytes.subarray(start + layout.labelBytes, start + recordBytes), at * pixels);
    }
  const wrong = labelProblems(labels, layout.classNames.length, directory);
  if (wrong.length > 0) throw new TemperError('model', wrong);
  return {
    shape: [3, 32, 32],
    pictures: 'mirrorable',
    classes: layout.classNames.length,
    classNames: layout.classNames,
    examples,
    labels,
    files: files.map(({ path, sha256 }) => ({ path, sha256 })),
    notes: files
      .map(({ path, bytes }) => ({ path, records: bytes.length / recordBytes }))
      .filter(({ records }) => records !== layout.published)
      .map(
        ({ path, records }) =>
          `${path} holds ${records} pictures; the published file has ${layout.published}.`,
      ),
  };
}

function sizeProblems({ path, bytes }: SourceFile, recordBytes: number): Problem[] {
  if (bytes.length > 0 && bytes.length % recordBytes === 0) return [];
  return [
    {
      what: `${bytes.length} bytes are not a whole number of records of ${recordBytes} bytes`,
      where: path,
      hint: 'truncated, or not the "binary version" of the data set: download it again',
    },
  ];
}
