/**
 * Which pictures a folder of classes holds: one folder per class, its name is the class. Classes are numbered in the order
 * of their names (by code unit, as Python sorts), or by value if all names are whole numbers. A folder that holds only
 * `train` and `test` (or `val`) is two such folders; a class has the same number in both.
 */
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { type Problem, TemperError } from '../errors.js';
import type { Split } from './dataset.js';

const extensions = ['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff', '.avif'];

export interface ClassFolders {
  classNames: string[];
  /** Sorted by class, then by name. */
  pictures: { path: string; label: number }[];
  /** Whether the folder itself says what is train and what is test. */
  published: boolean;
  notes: string[];
}

/** Lists the pictures of the split, or all of them if the folder has no split. Throws TemperError 'io' or 'model'. */
export async function listPictures(location: string, split: Split): Promise<ClassFolders> {
  const published = await splitFolders(location);
  const roots = published === undefined ? [location] : [published.train, published.test];
  const root = published?.[split] ?? location;
  const classNames = sortClasses([...new Set((await Promise.all(roots.map(subfolders))).flat())]);
  const present = await subfolders(root);
  const problems: Problem[] = [];
  if (present.length === 0)
    problems.push({
      what: 'no class folders',
      where: root,
      hint: 'expected one folder per class, pictures inside',
    });
  const pictures: ClassFolders['pictures'] = [];
  for (const [label, name] of classNames.entries()) {
    if (!present.includes(name)) continue;
    const paths = await picturesIn(join(root, name));
    pictures.push(...paths.map((path) => ({ path, label })));
    if (paths.length === 0)
      problems.push({
        what: 'class folder has no pictures',
        where: join(root, name),
        hint: `looked for ${extensions.join(', ')}`,
      });
  }
  if (problems.length > 0) throw new TemperError('model', problems);
  const byValue = classNames.length > 10 && classNames.every(isWholeNumber);
  const notes = byValue ? ['Class folders are numbers and were ordered by value, not as text.'] : [];
  return { classNames, pictures, published: published !== undefined, notes };
}

async function splitFolders(location: string): Promise<Record<Split, string> | undefined> {
  const names = await subfolders(location);
  const test = ['test', 'val'].find((name) => names.includes(name));
  if (names.length !== 2 || test === undefined || !names.includes('train')) return undefined;
  return { train: join(location, 'train'), test: join(location, test) };
}

async function subfolders(location: string): Promise<string[]> {
  const names = await visibleNames(location);
  const folders = await Promise.all(names.map((name) => isFolder(join(location, name))));
  return names.filter((_, i) => folders[i]);
}

async function picturesIn(location: string): Promise<string[]> {
  const names = await visibleNames(location);
  return names
    .filter((name) => extensions.includes(extname(name).toLowerCase()))
    .sort(byCodeUnit)
    .map((name) => join(location, name));
}

async function visibleNames(location: string): Promise<string[]> {
  const names = await readdir(location).catch((cause) => {
    const what = `folder ${location} cannot be opened (${cause.code ?? cause})`;
    throw new TemperError('io', { what }, { cause });
  });
  return names.filter((name) => !name.startsWith('.'));
}

/** Follows links: a linked class folder counts. */
function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}

function sortClasses(names: string[]): string[] {
  return names.toSorted(names.every(isWholeNumber) ? (a, b) => Number(a) - Number(b) : byCodeUnit);
}

function isWholeNumber(name: string): boolean {
  return /^\d+$/.test(name);
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
