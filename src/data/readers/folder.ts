/**
 * Pictures in folders: one folder per class, its name is the class. Classes are numbered in the order of their names (by
 * code unit, as Python sorts), or by value if all names are whole numbers. A folder that holds only `train` and `test`
 * (or `val`) has its own split; otherwise a seeded share of the pictures is `test`.
 */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { type Problem, TemperError } from '../../errors.js';
import { type Contents, exampleSize, type Split } from '../dataset.js';
import { decodePicture, type PictureTarget, pictureTarget } from '../picture.js';
import { defineReader, type ReadRequest } from '../reader.js';
import { sha256Hex } from '../source.js';
import { drawSplit } from '../split.js';

const extensions = ['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff', '.avif'];
const maxBytes = 2 ** 32;
const maxProblems = 20;

interface Listed {
  path: string;
  label: number;
}

export const folder = defineReader({
  name: 'folder',
  summary: 'pictures, one folder per class (or train/ and test/ with one folder per class in each)',
  location: 'directory',
  split: 'drawn',
  async read(request: ReadRequest): Promise<Contents> {
    const { classNames, listed, notes } = await listPictures(request);
    const chosen = listed.slice(0, request.limit);
    if (chosen.length === 0)
      return {
        shape: [1],
        classes: classNames.length,
        examples: new Uint8Array(),
        labels: new Int32Array(),
        files: [],
      };
    const target = await pictureTarget(request.shape, chosen[0]!.path);
    const size = exampleSize(target.shape);
    if (chosen.length * size > maxBytes)
      throw new TemperError('model', {
        what: `${chosen.length} pictures of ${target.shape.join(' x ')} need ${chosen.length * size} bytes of memory`,
        where: request.location,
        hint: 'use --limit',
      });
    const examples = new Uint8Array(chosen.length * size);
    const files = await decodeAll(chosen, target, examples);
    return {
      shape: target.shape,
      classes: classNames.length,
      classNames,
      examples,
      labels: Int32Array.from(chosen, ({ label }) => label),
      files,
      notes: [...notes, ...target.notes],
    };
  },
});

/** The pictures of the split in their drawn order: files are sorted by class, so the first N of them would be one class. */
async function listPictures({ location, split, testFraction, splitSeed }: ReadRequest) {
  const published = await splitFolders(location);
  const root = published === undefined ? location : join(location, published[split]);
  const classNames = sortClasses(await subfolders(root));
  const problems: Problem[] = [];
  if (classNames.length === 0)
    problems.push({
      what: `no class folders`,
      where: root,
      hint: 'expected one folder per class, pictures inside',
    });
  const listed: Listed[] = [];
  for (const [label, name] of classNames.entries()) {
    const paths = await picturesIn(join(root, name));
    if (paths.length === 0)
      problems.push({
        what: `class folder has no pictures`,
        where: join(root, name),
        hint: `looked for ${extensions.join(', ')}`,
      });
    listed.push(...paths.map((path) => ({ path, label })));
  }
  if (problems.length > 0) throw new TemperError('model', problems);
  const fraction = published === undefined ? testFraction : split === 'test' ? 1 : 0;
  const order = drawSplit(listed.length, fraction, splitSeed)[split];
  const numbered = classNames.every((name) => /^\d+$/.test(name)) && classNames.length > 10;
  return {
    classNames,
    listed: Array.from(order, (index) => listed[index]!),
    notes: numbered ? ['Class folders are numbers and were ordered by value, not as text.'] : [],
  };
}

async function splitFolders(location: string): Promise<Record<Split, string> | undefined> {
  const names = await subfolders(location);
  const test = ['test', 'val'].find((name) => names.includes(name));
  if (names.length !== 2 || test === undefined || !names.includes('train')) return undefined;
  return { train: 'train', test };
}

async function entries(location: string) {
  return readdir(location, { withFileTypes: true }).catch((cause) => {
    throw new TemperError(
      'io',
      { what: `folder ${location} cannot be opened (${cause.code ?? cause})` },
      { cause },
    );
  });
}

async function subfolders(location: string): Promise<string[]> {
  const all = await entries(location);
  return all.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
}

async function picturesIn(location: string): Promise<string[]> {
  const names = (await entries(location)).filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const pictures = names.filter(
    (name) => !name.startsWith('.') && extensions.includes(extname(name).toLowerCase()),
  );
  return pictures.sort(byCodeUnit).map((name) => join(location, name));
}

function sortClasses(names: string[]): string[] {
  const numbers = names.every((name) => /^\d+$/.test(name));
  return names.toSorted(numbers ? (a, b) => Number(a) - Number(b) : byCodeUnit);
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Decodes in groups, so that sharp's threads are busy and memory stays bounded. Every broken picture is a problem. */
async function decodeAll(chosen: Listed[], target: PictureTarget, examples: Uint8Array) {
  const size = exampleSize(target.shape);
  const problems: Problem[] = [];
  const files: { path: string; sha256: string }[] = [];
  const group = 32;
  for (let start = 0; start < chosen.length; start += group) {
    const tasks = chosen.slice(start, start + group).map(async ({ path }, i) => {
      try {
        const bytes = await readFile(path);
        examples.set(await decodePicture(bytes, target), (start + i) * size);
        files[start + i] = { path, sha256: await sha256Hex(bytes) };
      } catch (cause) {
        problems.push({ what: `picture cannot be used: ${(cause as Error).message}`, where: path });
      }
    });
    await Promise.all(tasks);
    if (problems.length >= maxProblems) break;
  }
  if (problems.length > 0) throw new TemperError('model', problems);
  return files;
}
