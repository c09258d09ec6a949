/**
 * stages.json: which stages of a run are finished, by the SHA-256 of what they wrote, and what they had to say. It belongs to one
 * recipe and is sealed: what follows from a damaged one, or from that of another run, would be silently other.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256OfFile, withData, writeJson } from '../write/outputFile.js';
import type { RunFolder } from './runFolder.js';
import { isIntact, sealed } from './seal.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const stagesSchema = z.record(
  z.string(),
  z.strictObject({ files: z.record(z.string(), sha256), notes: z.array(z.string()) }),
);
const recordSchema = z.strictObject({ run: sha256, stages: stagesSchema, sha256 });
type Stages = z.infer<typeof stagesSchema>;

export interface StageTelling {
  /** What a stage had to say: now, or when an earlier start finished it. */
  note: (text: string) => void;
  /** What is not as an earlier start left it. */
  warn: (text: string) => void;
}

/** Runs the stages of the folder `path`, in the order they are called. @param run hash of what decides the run */
export async function stageRunner(
  path: string,
  run: string,
  { note: tell, warn }: StageTelling,
): Promise<RunFolder['stage']> {
  const file = join(path, 'stages.json');
  const write = (stages: Stages) => writeJson(file, sealed({ run, stages }));
  let earlier = await readStages(file, run, warn);
  const finished: Stages = {};
  return async (name, files, work) => {
    const known = earlier[name];
    // Models beyond 2 GiB have their data beside them.
    const made = [...new Set([...files, ...Object.keys(known?.files ?? {})])];
    const hashes = await hashAll(path, made);
    const changed = made.filter(
      (output) => hashes[output] === undefined || known?.files[output] !== hashes[output],
    );
    if (known && changed.length === 0) {
      finished[name] = known;
      known.notes.forEach(tell);
      return false;
    }
    if (known)
      warn(`${changed.map((output) => change(output, hashes)).join('; ')}: the stage "${name}" runs again`);
    earlier = {}; // what follows was made from files that are now made anew
    await write(finished);
    const notes: string[] = [];
    await work((text) => {
      notes.push(text);
      tell(text);
    });
    finished[name] = { files: await hashAll(path, withData(path, files)), notes };
    await write(finished);
    return true;
  };
}

function change(file: string, hashes: Record<string, string>): string {
  return hashes[file] === undefined
    ? `${file} is missing`
    : `${file} is not what was written, damaged or changed`;
}

/** A record that is missing, damaged or of another run tells of no finished stage: they run again. */
async function readStages(file: string, run: string, warn: (text: string) => void): Promise<Stages> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return {};
  const record = parseRecord(text);
  if (record?.run === run && isIntact(record)) return record.stages;
  const why = record && isIntact(record) ? 'that of another run' : 'damaged';
  warn(`${file} is ${why}: all stages run again, training from its last checkpoint`);
  return {};
}

function parseRecord(text: string): z.infer<typeof recordSchema> | undefined {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function hashAll(path: string, files: readonly string[]): Promise<Record<string, string>> {
  const entries = await Promise.all(
    files.map(async (file) => [file, await sha256OfFile(join(path, file))] as const),
  );
  return Object.fromEntries(entries.flatMap(([file, hash]) => (hash === undefined ? [] : [[file, hash]])));
}
