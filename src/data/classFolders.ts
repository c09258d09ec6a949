/**
 * Which pictures a folder of classes holds: one folder per class, its name is the class. Classes are numbered in the order
 * of their names (by code unit, as Python sorts), or by value if all names are whole numbers. A folder that holds only
 * `train` and `test` (or `val`) is two such folders; a class has the same number in both. What is left out is said.
 */

import { extname, join } from 'node:path';
import { type Problem, TemperError } from '../errors.js';
import { lookUp } from '../lists/lookUp.js';
import type { Split } from './dataset.js';
import { type FolderEntry, listFolder } from './listFolder.js';

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
  const listed = new Map<string, FolderEntry[]>();
  for (const each of roots) listed.set(each, await listFolder(each));
  const classNames = sortClasses([...new Set([...listed.values()].flatMap(foldersOf))]);
  const entriesOfRoot = lookUp(listed, root, 'folder');
  const present = foldersOf(entriesOfRoot);
  const problems: Problem[] = [];
  if (present.length === 0)
    problems.push({
      what: 'no class folders',
      where: root,
      hint: 'expected one folder per class, pictures inside',
    });
  const leftOut = filesOf(entriesOfRoot);
  const dotted = (await Promise.all(roots.map(dottedIn))).flat();
  const pictures: ClassFolders['pictures'] = [];
  for (const [label, name] of classNames.entries()) {
    if (!present.includes(name)) continue;
    const entries = await listFolder(join(root, name));
    dotted.push(...(await dottedIn(join(root, name))).map((hidden) => `${name}/${hidden}`));
    const names = filesOf(entries).filter(isPicture).sort(byCodeUnit);
    pictures.push(...names.map((file) => ({ path: join(root, name, file), label })));
    leftOut.push(
      ...entries
        .filter((entry) => entry.isFolder || !isPicture(entry.name))
        .map((entry) => `${name}/${entry.name}${entry.isFolder ? '/' : ''}`),
    );
    if (names.length === 0)
      problems.push({
        what: 'class folder has no pictures',
        where: join(root, name),
        hint: `looked for ${extensions.join(', ')}`,
      });
  }
  if (problems.length > 0) throw new TemperError('model', problems);
  const byValue = classNames.length > 10 && classNames.every(isWholeNumber);
  const notes = [
    ...(byValue ? ['Class folders are numbers and were ordered by value, not as text.'] : []),
    ...leftOutNotes('they are no pictures in a class folder', [...(published?.others ?? []), ...leftOut]),
    ...leftOutNotes('their names begin with a dot', dotted),
  ];
  return { classNames, pictures, published: published !== undefined, notes };
}

/** Names of what may be the test part, the first that is there; the others are left out. */
const testNames = ['test', 'val', 'valid', 'validation'];

async function splitFolders(
  location: string,
): Promise<(Record<Split, string> & { others: string[] }) | undefined> {
  const names = foldersOf(await listFolder(location));
  const [test, ...others] = testNames.filter((name) => names.includes(name));
  const known = names.every((name) => name === 'train' || testNames.includes(name));
  if (test === undefined || !known || !names.includes('train')) return undefined;
  return {
    train: join(location, 'train'),
    test: join(location, test),
    others: others.map((name) => `${name}/`),
  };
}

/** Folders and pictures that their names hide; what else begins with a dot is of systems and programs. */
async function dottedIn(location: string): Promise<string[]> {
  const entries = await listFolder(location, 'dotted');
  return entries.flatMap(({ name, isFolder }) => (isFolder ? [`${name}/`] : isPicture(name) ? [name] : []));
}

function leftOutNotes(why: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const first = names.slice(0, 3).join(', ');
  return [`Left out, as ${why}: ${first}${names.length > 3 ? ` and ${names.length - 3} more` : ''}.`];
}

function foldersOf(entries: readonly FolderEntry[]): string[] {
  return entries.filter(({ isFolder }) => isFolder).map(({ name }) => name);
}

function filesOf(entries: readonly FolderEntry[]): string[] {
  return entries.filter(({ isFolder }) => !isFolder).map(({ name }) => name);
}

function isPicture(name: string): boolean {
  return extensions.includes(extname(name).toLowerCase());
}

function sortClasses(names: string[]): string[] {
  if (!names.every(isWholeNumber)) return names.toSorted(byCodeUnit);
  return names.toSorted((a, b) => Number(a) - Number(b) || byCodeUnit(a, b));
}

function isWholeNumber(name: string): boolean {
  return /^\d+$/.test(name);
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
