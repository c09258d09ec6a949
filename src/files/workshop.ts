/**
 * Where files are made before they get their names: a folder beside them, `.temper-` and 32 drawn digits, that says whose it is and
 * what is made in it. The next process to write there tidies away what a killed one left: only folders of such a name, with
 * such a record, of an owner that is gone, and of those only the files that the record names.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { lifeOf, ownerSchema, ownProcess } from './owner.js';

const record = 'owner.json';
const recordSchema = z.strictObject({
  owner: ownerSchema,
  /** What is made here. */
  files: z.array(z.string().regex(/^[^/\\]+$/)),
});

/** Whether a name is that of such a folder. */
export function isWorkshop(name: string): boolean {
  return /^\.temper-[0-9a-f]{32}$/.test(name);
}

/** Owners that cannot be seen from here get so much time, by the clock of the file system alone. */
const longestWork = 24 * 3600 * 1000;

const tidied = new Set<string>();

/**
 * Makes `files` in a folder of their own inside `folder`, which exists; `work` moves the finished ones there. Files that belong
 * together are made and moved from the last to the first: then what was killed in between can be told (see `takeBack`).
 */
export async function inWorkshop<T>(
  folder: string,
  files: readonly string[],
  work: (workshop: string) => Promise<T>,
): Promise<T> {
  const workshop = join(resolve(folder), `.temper-${randomBytes(16).toString('hex')}`);
  await mkdir(workshop);
  try {
    await writeFile(join(workshop, record), JSON.stringify({ owner: ownProcess(), files }), { flag: 'wx' });
    await tidy(workshop);
    return await work(workshop);
  } finally {
    await clear(workshop, files);
  }
}

/** Once for each folder: what is left there later was left by a process that is still to die. */
async function tidy(workshop: string): Promise<void> {
  const folder = dirname(workshop);
  if (tidied.has(folder)) return;
  tidied.add(folder);
  const now = (await stat(workshop)).mtimeMs;
  for (const name of (await readdir(folder)).filter(isWorkshop)) {
    const left = join(folder, name);
    const known = left === workshop ? undefined : await recordOf(left);
    if (!known) continue;
    const life = lifeOf(known.owner);
    const age = now - (await stat(left).catch(() => ({ mtimeMs: now }))).mtimeMs;
    if (life === 'alive' || (life === 'unknown' && age < longestWork)) continue;
    await takeBack(left, known.files);
    await clear(left, known.files);
  }
}

/** Where the first file was made and not moved, those that are not here any more were: alone they are worth nothing. */
async function takeBack(left: string, [first, ...others]: readonly string[]): Promise<void> {
  const folder = dirname(left);
  if (first === undefined || !existsSync(join(left, first)) || existsSync(join(folder, first))) return;
  for (const other of others)
    if (!existsSync(join(left, other))) await unlink(join(folder, other)).catch(() => {});
}

async function recordOf(workshop: string) {
  try {
    return recordSchema.parse(JSON.parse(await readFile(join(workshop, record), 'utf8')));
  } catch {
    return undefined;
  }
}

async function clear(workshop: string, files: readonly string[]): Promise<void> {
  // The record last: what is cut short here goes on with the next process.
  for (const name of [...files, record]) await unlink(join(workshop, name)).catch(() => {});
  await rmdir(workshop).catch(() => {});
}
