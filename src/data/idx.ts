/**
 * IDX, the file format of MNIST: two zero bytes, type (8 = unsigned byte), rank, sizes as big-endian int32, values.
 * Layout: http://yann.lecun.com/exdb/mnist/ ("the IDX file format").
 */

import { type Problem, TemperError } from '../errors.js';
import { elementOf } from '../lists/elementOf.js';
import type { Contents, Split } from './dataset.js';
import { labelProblems } from './labels.js';
import { everyProblem, findFiles, readSource, type SourceFile } from './source.js';

export interface IdxArray {
  sizes: number[];
  values: Uint8Array;
}

/** Decodes an IDX file of unsigned bytes and the given rank. Throws TemperError 'model'. */
export function decodeIdx({ path, bytes }: Pick<SourceFile, 'path' | 'bytes'>, rank: number): IdxArray {
  const refuse = (what: string) => new TemperError('model', { what, where: path, hint: 'download it again' });
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes)
    throw refuse(`IDX file is truncated: ${bytes.length} bytes, not even a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  if (magic !== 0x0800 + rank) {
    const wanted = `0x${(0x0800 + rank).toString(16).padStart(8, '0')}`;
    throw refuse(`IDX magic number is 0x${magic.toString(16).padStart(8, '0')}, expected ${wanted}`);
  }
  const sizes = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = headerBytes + sizes.reduce((a, b) => a * b, 1);
  if (bytes.length !== expected) {
    const how = bytes.length < expected ? 'truncated' : 'too long';
    throw refuse(`IDX file is ${how}: ${bytes.length} bytes, its header [${sizes}] needs ${expected}`);
  }
  return { sizes, values: bytes.subarray(headerBytes) };
}

/** Reads one split in the four-file layout of MNIST. `folders`: where else under DIR the files may lie. */
export async function readIdxSplit(
  directory: string,
  split: Split,
  folders: string[],
  classNames: string[],
): Promise<Contents> {
  const prefix = split === 'train' ? 'train' : 't10k';
  const paths = await findFiles(directory, folders, [
    [`${prefix}-images-idx3-ubyte`, `${prefix}-images.idx3-ubyte`],
    [`${prefix}-labels-idx1-ubyte`, `${prefix}-labels.idx1-ubyte`],
  ]);
  const files = await everyProblem(paths.map(readSource));
  const decoded = await everyProblem(files.map(async (file, i) => decodeIdx(file, i === 0 ? 3 : 1)));
  const [images, labels] = [elementOf(decoded, 0, 'file'), elementOf(decoded, 1, 'file')];
  const [count, height, width] = images.sizes as [number, number, number];
  const problems: Problem[] = [];
  if (labels.sizes[0] !== count)
    problems.push({ what: `${count} pictures but ${labels.sizes[0]} labels`, where: paths.join(' and ') });
  problems.push(...labelProblems(labels.values, classNames.length, elementOf(paths, 1, 'file')));
  if (problems.length > 0) throw new TemperError('model', problems);
  return {
    shape: [1, height, width],
    pictures: 'oriented',
    classes: classNames.length,
    classNames,
    examples: images.values,
    labels: Int32Array.from(labels.values),
    files: files.map(({ path, sha256 }) => ({ path, sha256 })),
  };
}
