/** stages.json: which stages of a run are finished, by the SHA-256 of what they wrote, and what they had to say. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256OfFile, writeJson } from './outputFile.js';
import type { RunFolder } from './runFolder.js';

const stagesSchema = z.record(
  z.string(),
  z.strictObject({ files: z.record(z.string(), z.string()), notes: z.array(z.string()) }),
);
type Stages = z.infer<typeof stagesSchema>;

/** Runs the stages of the folder `path`, in the order they are called. */
export async function stageRunner(path: string, tell: (text: string) => void): Promise<RunFolder['stage']> {
  const record = join(path, 'stages.json');
  let earlier = await readStages(record);
  const finished: Stages = {};
  return async (name, files, work) => {
    const known = earlier[name];
    const hashes = await hashAll(path, files);
    const intact = files.every((file) => hashes[file] !== undefined && known?.files[file] === hashes[file]);
    if (known && intact) {
      finished[name] = known;
      known.notes.forEach(tell);
      return false;
    }
    earlier = {}; // what follows was made from files that are now made anew
    await writeJson(record, finished);
    const notes: string[] = [];
    await work((text) => {
      notes.push(text);
      tell(text);
    });
    finished[name] = { files: await hashAll(path, files), notes };
    await writeJson(record, finished);
    return true;
  };
}

/** A record that is missing or damaged tells of no finished stage: they run again. */
async function readStages(record: string): Promise<Stages> {
  try {
    return stagesSchema.parse(JSON.parse(await readFile(record, 'utf8')));
  } catch {
    return {};
  }
}

async function hashAll(path: string, files: readonly string[]): Promise<Record<string, string>> {
  const entries = await Promise.all(
    files.map(async (file) => [file, await sha256OfFile(join(path, file))] as const),
  );
  return Object.fromEntries(entries.flatMap(([file, hash]) => (hash === undefined ? [] : [[file, hash]])));
}
