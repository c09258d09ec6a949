/**
 * The folder of one `temper harden`: recipe.json first, then what the stages leave. Starting again on the same folder
 * goes on where the last start ended; a finished stage is recognised by the SHA-256 of the files it wrote.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Problem, TemperError } from '../../errors.js';
import { belongsToLock, type Lock } from '../../files/lock.js';
import { isWorkshop } from '../../files/workshop.js';
import { writeJson } from '../write/outputFile.js';
import { lockFolder, lockName } from './lockedFolder.js';
import { isRecord, ownFiles, recordName } from './ownFiles.js';
import {
  decisiveHash,
  differences,
  environmentChanges,
  isUnedited,
  parseRecipe,
  type Recipe,
} from './recipe.js';
import type { RunFile, RunSubfolder } from './runFiles.js';
import { sealed } from './seal.js';
import { stageRunner } from './stageRecord.js';

export interface RunFolder {
  readonly path: string;
  /** An earlier start of the same recipe got here. */
  readonly resumed: boolean;
  /** What is different around this start and the first one: versions, processor. */
  readonly changes: readonly string[];
  file(name: RunFile | RunSubfolder): string;
  /** Takes names for files that are written beside those of a stage (ownFiles.ts). */
  claim(names: readonly RunFile[]): Promise<void>;
  /** Removes a file that the run has made, if it is there. */
  remove(name: RunFile): Promise<void>;
  /**
   * Runs `work`, which writes `files`, unless an earlier start finished it and the files are still what it wrote.
   * Returns whether it ran. Once a stage runs, all later ones run too.
   */
  stage(
    name: string,
    files: readonly RunFile[],
    work: (note: (text: string) => void) => Promise<void>,
  ): Promise<boolean>;
  /** What a reader of the results should know, also of stages that an earlier start finished. */
  readonly notes: readonly string[];
  /** Adds to `notes` and tells it, unless that was done. */
  note(text: string): void;
  /** Says if another process took the folder over. */
  readonly lock: Pick<Lock, 'signal' | 'check'>;
  close(): Promise<void>;
}

/**
 * Opens `path` for `recipe`: makes it, or goes on with it. Throws TemperError('usage') if it holds another recipe or
 * something else altogether, 'io' if another process works in it or its recipe is damaged. `onWarning` hears of other damage,
 * which is made good.
 */
export async function openRunFolder(
  path: string,
  recipe: Recipe,
  options: {
    fresh?: boolean;
    onNote?: (text: string) => void;
    onWarning?: (text: string) => void;
    /** Told before waiting for an owner of the folder that cannot be seen; `signal` ends that. */
    onWait?: (text: string) => void;
    signal?: AbortSignal;
  } = {},
): Promise<RunFolder> {
  await refuseForeign(path);
  const lock = await lockFolder(path, { tell: options.onWait, signal: options.signal });
  try {
    await refuseForeign(path);
    const own = await ownFiles(path);
    if (options.fresh) await own.discard();
    await own.claim(['recipe.json', 'stages.json']);
    const old = await begin(join(path, 'recipe.json'), recipe);
    const changes = old ? environmentChanges(old, recipe) : [];
    const notes: string[] = [];
    const note = (text: string) => {
      if (notes.includes(text)) return;
      notes.push(text);
      options.onNote?.(text);
    };
    const warn = options.onWarning ?? (() => {});
    const stage = await stageRunner(path, decisiveHash(recipe), { note, warn });
    return {
      path,
      notes,
      note,
      resumed: old !== undefined,
      changes,
      file: (name) => join(path, name),
      claim: (names) => own.claim(names),
      remove: (name) => own.remove(name),
      lock,
      close: () => lock.release(),
      async stage(name, files, work) {
        lock.check();
        return stage(name, files, async (tell) => {
          await own.claim(files);
          await work(tell);
          lock.check();
        });
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Whether a run was begun in the folder. */
export async function holdsRun(path: string): Promise<boolean> {
  const names: string[] = await list(path).catch(() => []);
  return names.includes('recipe.json');
}

async function list(path: string): Promise<string[]> {
  return readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

/** A folder is a run's by its recipe alone; without one there may only be what a start that was killed at once leaves. */
async function refuseForeign(path: string): Promise<void> {
  const names = await list(path);
  if (names.includes('recipe.json')) return;
  const foreign: string[] = [];
  for (const name of names) {
    const own = belongsToLock(name, lockName) || isWorkshop(name);
    if (!own && !(name === recordName && (await isRecord(join(path, name))))) foreign.push(name);
  }
  if (foreign.length === 0) return;
  throw new TemperError('usage', {
    what: `the folder is not empty and holds no run of temper (${foreign.slice(0, 3).join(', ')}${foreign.length > 3 ? ', …' : ''})`,
    where: path,
    hint: 'give a new or empty folder to --out',
  });
}

/** Writes the recipe into a new folder; in an old one, checks that it is the same and returns the old one. */
async function begin(file: string, recipe: Recipe): Promise<Recipe | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) {
    await writeJson(file, sealed(recipe));
    return undefined;
  }
  const old = parseIntact(text, file);
  const differing = differences(old, recipe);
  if (differing.length === 0) return old;
  throw new TemperError(
    'usage',
    differing.map((what, index) => ({
      what,
      ...(index === differing.length - 1 && {
        where: file,
        hint: 'this folder holds a run of another recipe: give another --out, or --fresh to discard that run',
      }),
    })),
  );
}

function parseIntact(text: string, where: string): Recipe {
  const hint = 'restore it from a copy, or give another --out, or --fresh to discard the run';
  const damaged = (problems: readonly Problem[], cause?: unknown) =>
    new TemperError(
      'io',
      problems.map((problem) => ({ hint, ...problem })),
      { cause },
    );
  let recipe: Recipe;
  try {
    recipe = parseRecipe(text, where);
  } catch (error) {
    throw error instanceof TemperError ? damaged(error.problems, error) : error;
  }
  const unedited = isUnedited(text);
  if (unedited) return recipe;
  const why = unedited === false ? 'is not what was written, damaged or edited' : 'has no SHA-256 of its own';
  throw damaged([{ what: `the recipe of this run ${why}`, where }]);
}
