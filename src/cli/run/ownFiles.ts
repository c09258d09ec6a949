/**
 * files.json: the files that a run has made or is about to make. Written before the first byte of each, so that whatever else lies in
 * the folder, under whatever name, is somebody else's: it is neither replaced nor removed.
 */
import { lstat, readFile, realpath, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TemperError } from '../../errors.js';
import { externalFiles } from '../../onnx/file.js';
import { writeJson } from '../write/outputFile.js';
import { type RunFile, runFiles, runFolders } from './runFiles.js';
import { isIntact, sealed } from './seal.js';

export const recordName = 'files.json';

const recordSchema = z.strictObject({
  schema: z.literal(1),
  files: z.array(z.enum(runFiles)),
  sha256: z.string(),
});

export interface OwnFiles {
  /** Takes names for the run. Throws TemperError('usage') with those that a file of somebody else has. */
  claim(names: readonly RunFile[]): Promise<void>;
  /** Removes a file that the run has made, if it is there. */
  remove(name: RunFile): Promise<void>;
  /** Removes all that the run has made, and the folders of it that are then empty. */
  discard(): Promise<void>;
}

/** The record of the run in `folder`. Throws TemperError('io') for a damaged one, ('usage') for files that it does not name. */
export async function ownFiles(folder: string): Promise<OwnFiles> {
  const record = join(folder, recordName);
  const own = new Set(await read(record));
  await refuseOthers(folder, runFiles, own);
  return {
    async claim(names) {
      const added = names.filter((name) => !own.has(name));
      if (added.length === 0) return;
      await refuseOthers(folder, added, own);
      for (const name of added) own.add(name);
      await writeJson(record, sealed({ schema: 1, files: [...own] }));
    },
    async remove(name) {
      if (own.has(name)) await removeFile(folder, name);
    },
    async discard() {
      // The recipe and the record last: cut short, this can be done again.
      const names = [...own].sort((a, b) => Number(a === 'recipe.json') - Number(b === 'recipe.json'));
      for (const name of [...names, recordName]) await removeFile(folder, name);
      for (const inner of runFolders) await rmdir(join(folder, inner)).catch(() => {});
      own.clear();
    },
  };
}

/** Whether a file is such a record. */
export async function isRecord(file: string): Promise<boolean> {
  return read(file).then(
    (names) => names.length > 0,
    () => false,
  );
}

async function read(file: string): Promise<RunFile[]> {
  const text = await readFile(file, 'utf8').catch(ifAny);
  if (text === undefined) return [];
  try {
    const content = recordSchema.parse(JSON.parse(text));
    if (!isIntact(content)) throw new Error('not what was written');
    return content.files;
  } catch (cause) {
    throw new TemperError(
      'io',
      {
        what: 'damaged, or no record of temper: it says which files a run made, and none can be replaced without it',
        where: file,
        hint: 'restore it from a copy, or give another --out',
      },
      { cause },
    );
  }
}

/** A run makes regular files: a link or pipe under a name of its own is not of its making. */
async function refuseOthers(
  folder: string,
  names: readonly RunFile[],
  own: ReadonlySet<RunFile>,
): Promise<void> {
  const others: string[] = [];
  for (const name of names) {
    const model = await lstat(join(folder, name)).catch(ifAny);
    if (model && !(own.has(name) && model.isFile())) others.push(name);
    const data = name.endsWith('.onnx') ? await lstat(join(folder, `${name}.data`)).catch(ifAny) : undefined;
    // Killed between the two, a run leaves data without a model.
    const isOwn = own.has(name) && (!model || (await dataOf(folder, name)) !== undefined);
    if (data && !(isOwn && data.isFile())) others.push(`${name}.data`);
  }
  if (others.length === 0) return;
  throw new TemperError(
    'usage',
    others.map((path) => ({
      what: 'this file is not one that the run made, and would be replaced',
      where: join(folder, path),
      hint: 'move it away, or give another --out',
    })),
  );
}

async function removeFile(folder: string, name: string): Promise<void> {
  const data = await dataOf(folder, name);
  if (data !== undefined) await unlink(data).catch(ifAny);
  await unlink(join(folder, name)).catch(ifAny);
}

/** A model beyond 2 GiB has a file beside it, which it names: another file of that name is not the run's. */
async function dataOf(folder: string, name: string): Promise<string | undefined> {
  if (!name.endsWith('.onnx')) return undefined;
  const data = join(folder, `${name}.data`);
  if (!(await lstat(data).catch(ifAny))) return undefined;
  const real = await realpath(folder);
  return (await externalFiles(join(folder, name))).includes(join(real, `${name}.data`)) ? data : undefined;
}

function ifAny(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  return undefined;
}
