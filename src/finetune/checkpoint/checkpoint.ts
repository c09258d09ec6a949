/**
 * A training run on disk: everything needed to continue it bit for bit, in one file with a digest (safetensors.ts). A new one is
 * finished beside the old one, which is kept under another name: a run killed at any moment finds one of them whole, and so does
 * one whose last checkpoint was damaged. From either it ends at the same bits.
 */
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TemperError } from '../../errors.js';
import { failing } from '../../files/ioError.js';
import { placeOf } from '../../files/place.js';
import { inWorkshop } from '../../files/workshop.js';
import { putInPlace } from '../../files/write.js';
import type { History } from '../history/history.js';
import type { HostTensors } from '../step/host.js';
import { historyText, parseHistory } from './historySchema.js';
import { readTensors, writeTensors } from './safetensors.js';

export interface Checkpoint {
  /** Hash of everything that decides the run; a checkpoint of another recipe is refused. */
  readonly recipe: string;
  /** Steps done. */
  readonly step: number;
  readonly history: History;
  readonly state: HostTensors;
  /** Trained parameters and statistics of the best epoch so far, by parameter name; empty before the first epoch ends. */
  readonly best: HostTensors;
}

/** What a run has, of whose tensors names and shapes count. */
export interface Expected extends Pick<Checkpoint, 'state' | 'best'> {
  /** Steps of the whole run. */
  readonly steps: number;
}

const latest = 'checkpoint.safetensors';
const previous = 'previous.safetensors';
/** What the folder of a run's checkpoints holds. */
export const checkpointNames = [latest, previous] as const;
const version = '2';
const otherRun = 'use another folder, or delete this one to begin again';

export async function saveCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const { recipe, step, history, state, best } = checkpoint;
  const notes = { version, recipe, step: String(step), history: historyText(history) };
  await mkdir(folder, { recursive: true });
  const path = join(folder, latest);
  const place = await placeOf(path);
  if (place.kind !== 'file' || place.linked)
    throw new TemperError('io', { what: 'is no regular file, so no checkpoint of temper', where: path });
  await inWorkshop(folder, [latest], async (workshop) => {
    const made = join(workshop, latest);
    await writeTensors(made, notes, { ...prefixed('state/', state), ...prefixed('best/', best) });
    await rename(path, join(folder, previous)).catch(ifMissing(undefined));
    await putInPlace(made, place);
  }).catch(failing('write', path));
}

/**
 * The checkpoint in `folder`, or undefined if there is none. Where the last one is damaged, the one before takes its place, and
 * `tell` hears of it. Throws TemperError('io') if there is no whole one and for tensors that are not those of the run, ('usage')
 * for a checkpoint of another recipe or version.
 */
export async function loadCheckpoint(
  folder: string,
  recipe: string,
  run: Expected,
  tell: (text: string) => void = () => {},
): Promise<Checkpoint | undefined> {
  const [path, before] = [join(folder, latest), join(folder, previous)];
  const last = await read(path, recipe, run);
  if (last && 'state' in last) return last;
  const earlier = await read(before, recipe, run);
  if (earlier && 'state' in earlier) {
    await rename(before, path);
    const why = last ? `is damaged: ${last.damage}` : 'is missing';
    tell(
      `The last checkpoint ${why} (${path}). The run goes on from the one before, at step ${earlier.step}.`,
    );
    return earlier;
  }
  const damage = last ?? earlier;
  if (!damage) return undefined;
  throw new TemperError('io', {
    what: `damaged checkpoint: ${damage.damage}`,
    where: last ? path : before,
    hint: `restore it from a copy, or delete ${checkpointNames.join(' and ')} there to begin training again`,
  });
}

const notesSchema = z.object({
  version: z.literal(version),
  recipe: z.string(),
  step: z.string().regex(/^\d{1,15}$/, 'is no number of steps'),
  history: z.string(),
});

async function read(
  path: string,
  recipe: string,
  run: Expected,
): Promise<Checkpoint | { damage: string } | undefined> {
  const content = await readTensors(path).catch(ifMissing(path));
  if (!content) return undefined;
  if (typeof content === 'string') {
    if (await isFirstVersion(path))
      throw new TemperError('usage', {
        what: 'the checkpoint was written by an earlier version of temper',
        where: path,
        hint: `go on with that version, or ${otherRun}`,
      });
    return { damage: content };
  }
  const notes = notesSchema.safeParse(content.notes);
  if (!notes.success) return { damage: `its notes: ${notes.error.issues[0]!.message}` };
  if (notes.data.recipe !== recipe)
    throw new TemperError('usage', {
      what: 'the run folder holds a run with other options, data or model',
      where: path,
      hint: otherRun,
    });
  const history = parseHistory(notes.data.history);
  if (typeof history === 'string') return { damage: `its history: ${history}` };
  const state = withPrefix('state/', content.tensors);
  const best = withPrefix('best/', content.tensors);
  const checkpoint = { recipe, step: Number(notes.data.step), history, state, best };
  const contradiction = contradictionIn(checkpoint, run);
  if (contradiction) return { damage: contradiction };
  requireTensors(checkpoint, run, path);
  return checkpoint;
}

/** Without a digest: its header names its version. */
async function isFirstVersion(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return buffer.toString('latin1', 8).startsWith('{"__metadata__":{"version":"1"');
  } finally {
    await file.close();
  }
}

/** What cannot be: whole bytes that tell of no run. */
function contradictionIn({ step, history, best }: Checkpoint, { steps }: Expected): string | undefined {
  if (step > steps) return `it is at step ${step} of ${steps}`;
  if (step > 0 && !history.choice) return 'it tells of steps, and of no choice before them';
  if ((history.records.at(-1)?.step ?? 0) > step) return 'it tells of epochs after its last step';
  const ended = history.records.length > 0;
  if (ended !== Object.keys(best).length > 0)
    return ended ? 'the parameters of the best epoch are missing' : 'it has a best epoch before one ended';
  return undefined;
}

function requireTensors(checkpoint: Checkpoint, run: Expected, path: string): void {
  const { state, best } = checkpoint;
  const differences = [
    ...differencesOf('state/', state, run.state),
    // Before the first epoch has ended there is no best one.
    ...(Object.keys(best).length > 0 ? differencesOf('best/', best, run.best) : []),
  ];
  if (differences.length === 0) return;
  const shown = differences.slice(0, 5);
  if (shown.length < differences.length) shown.push(`${differences.length - shown.length} more`);
  throw new TemperError('io', {
    what: `the checkpoint does not hold the tensors of this run: ${shown.join('; ')}`,
    where: path,
    hint: 'delete it to begin again',
  });
}

/** How tensors differ from those of the run in name or shape. */
function differencesOf(prefix: string, found: HostTensors, run: HostTensors): string[] {
  const names = new Set([...Object.keys(run), ...Object.keys(found)]);
  return [...names].flatMap((name) => {
    const [here, there] = [found[name], run[name]].map((tensor) => tensor && `[${tensor.dims}]`);
    if (here === there) return [];
    if (!here) return [`${prefix}${name} is missing`];
    return [`${prefix}${name} is ${here}, ${there ? `in the run ${there}` : 'which the run does not have'}`];
  });
}

/** Nothing where there is no such file; `path` is named where it cannot be used for another reason. */
function ifMissing(path: string | undefined): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (error.code === 'ENOENT') return undefined;
    if (path === undefined) throw error;
    const what = `cannot read the checkpoint: ${error.message}`;
    throw new TemperError('io', { what, where: path }, { cause: error });
  };
}

function prefixed(prefix: string, tensors: HostTensors): HostTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
}

function withPrefix(prefix: string, tensors: HostTensors): HostTensors {
  const found = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
