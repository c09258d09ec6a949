/** Pictures in folders, one folder per class (see classFolders.ts), decoded and scaled to the model's input. */

import { createHash } from 'node:crypto';
import { relative, sep } from 'node:path';
import { type Problem, TemperError } from '../../errors.js';
import { elementOf } from '../../lists/elementOf.js';
import { zip } from '../../lists/zip.js';
import { listPictures } from '../classFolders.js';
import { type Contents, exampleSize } from '../dataset.js';
import { decodePicture, type PictureTarget, pictureTarget } from '../picture.js';
import { defineReader, type ReadRequest } from '../reader.js';
import { sampleIndices } from '../sample.js';
import { readRegular, sha256Hex } from '../source.js';
import { drawSplit, partOf } from '../split.js';

const maxBytes = 2 ** 32;
const maxProblems = 20;
/** Pictures in flight: enough to keep sharp's threads busy, few enough to bound memory. */
const group = 32;

export const folder = defineReader({
  name: 'folder',
  summary: 'pictures, one folder per class (or train/ and test/ with one folder per class in each)',
  location: 'directory',
  split: 'drawn',
  async read(request: ReadRequest): Promise<Contents> {
    const { location, split, splitSeed, limit, shape } = request;
    const { classNames, pictures, published, notes } = await listPictures(location, split);
    // In the drawn order: files are sorted by class, so the first of them would be one class.
    const fraction = { test: 1, train: 0 }[split];
    const { indices, note } = published
      ? { indices: drawSplit(pictures.length, fraction, splitSeed)[split], note: undefined }
      : partOf(pictures.length, request);
    const part = Array.from(indices, (index) => elementOf(pictures, index, 'picture'));
    const sampled = limit !== undefined && limit < part.length;
    const labels = part.map(({ label }) => label);
    const chosen = sampled
      ? Array.from(sampleIndices(labels, part.length, limit, splitSeed), (index) =>
          elementOf(part, index, 'picture'),
        )
      : part;
    const target = await targetOf(shape, elementOf(pictures, 0, 'picture').path);
    const size = exampleSize(target.shape);
    if (chosen.length * size > maxBytes)
      throw new TemperError('model', {
        what: `${chosen.length} pictures of [${target.shape}] need ${chosen.length * size} bytes of memory`,
        where: location,
        hint: 'use --limit',
      });
    const paths = chosen.map(({ path }) => path);
    const { examples, hashes, animated } = await decodeAll(paths, target);
    return {
      shape: target.shape,
      pictures: 'oriented',
      classes: classNames.length,
      classNames,
      examples,
      labels: Int32Array.from(chosen, ({ label }) => label),
      files: [{ path: location, sha256: hashOfHashes(location, paths, hashes) }],
      undivided: !published && request.undivided === 'whole',
      ...(sampled && { sampled: { of: part.length, seed: splitSeed } }),
      notes: [...notes, ...(note === undefined ? [] : [note]), ...target.notes, ...framesNotes(animated)],
    };
  },
});

async function targetOf(shape: ReadRequest['shape'], path: string): Promise<PictureTarget> {
  try {
    return await pictureTarget(shape, () => readRegular(path));
  } catch (cause) {
    const what = `picture cannot be used: ${(cause as Error).message}`;
    throw new TemperError('model', { what, where: path }, { cause });
  }
}

/** Every broken picture is a problem (the first twenty or so are told). */
async function decodeAll(paths: string[], target: PictureTarget) {
  const size = exampleSize(target.shape);
  const examples = new Uint8Array(paths.length * size);
  const hashes = new Array<string>(paths.length);
  const problems: Problem[] = [];
  const animated: string[] = [];
  for (let start = 0; start < paths.length && problems.length < maxProblems; start += group) {
    const tasks = paths.slice(start, start + group).map(async (path, i) => {
      try {
        const bytes = await readRegular(path);
        hashes[start + i] = await sha256Hex(bytes);
        const { pixels, frames } = await decodePicture(bytes, target);
        examples.set(pixels, (start + i) * size);
        if (frames > 1) animated.push(path);
      } catch (cause) {
        problems.push({ what: `picture cannot be used: ${(cause as Error).message}`, where: path });
      }
    });
    await Promise.all(tasks);
  }
  if (problems.length > 0) throw new TemperError('model', problems);
  return { examples, hashes, animated };
}

function framesNotes(animated: readonly string[]): string[] {
  if (animated.length === 0) return [];
  return [
    `The first frame of pictures that have several was taken: ${animated.length} such, ${animated.toSorted()[0]} the first.`,
  ];
}

/** One hash for all pictures read: SHA-256 of what `sha256sum` prints for them (relative path, `/`), sorted by path. */
function hashOfHashes(location: string, paths: string[], hashes: string[]): string {
  const lines = zip(paths, hashes)
    .map(([path, hash]) => [relative(location, path).split(sep).join('/'), hash] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, sha256]) => `${sha256}  ${path}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}
