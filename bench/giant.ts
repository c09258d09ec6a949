/**
 * The memory that commands take for models of 2.4 GB: the largest resident size of the process that does the work, and of the
 * process apart in which a model is first tried, over the size of the model, external data included. Nothing is taken off for
 * Node and the libraries.
 *
 *   npm run build && npm run bench:giant -- [--only WORD] [--anew] [--share 0.9]
 *
 * One command after the other, in a temporary folder (TMPDIR; up to 20 GB, with the files that onnxruntime maps) that is removed.
 * What matters is whether it fits: 20 examples, 2 chips, one epoch. Training all weights is to be refused, with a reason: that row
 * keeps the words. Each figure is kept when it is there: a run that is stopped goes on with the rest when it is started again, as
 * long as the commit is the same. --anew measures again. --share: of the size, for a trial; no result is written.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { commandsFor } from './giant/commands.js';
import { type Subject, subjects, writeExamples, writeSubject } from './giant/models.js';
import { type Cost, watched } from './giant/watched.js';
import { commit, machine, root, writeResult } from './machine.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    anew: { type: 'boolean', default: false },
    share: { type: 'string', default: '1' },
  },
});
const share = Number(values.share);

interface Row extends Omit<Cost, 'told'> {
  readonly command: string;
  readonly model: string;
  readonly bytes: number;
  /** What the command told, if it did not go through. */
  readonly refusal?: string;
  readonly measured: { date: unknown; commit: unknown; loadAverage: number };
}

/** The program as it was when this began. */
const version = commit();
const file = join(root, 'bench', 'results', 'giant.json');
let rows = kept();
for (const subject of subjects) await measure(subject);

function kept(): Row[] {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { rows?: Row[] }).rows ?? [];
  } catch {
    return [];
  }
}

function keep(row: Row): void {
  const others = rows.filter(({ command, model }) => command !== row.command || model !== row.model);
  rows = [...others, row].sort((a, b) => (a.model + a.command < b.model + b.command ? -1 : 1));
  if (share === 1) writeResult('giant', 'npm run bench:giant', { rows });
}

function isKnown(command: string, model: string): boolean {
  const found = rows.find((row) => row.command === command && row.model === model);
  return !values.anew && share === 1 && found?.measured.commit === version;
}

/** Gives back what the making of a model took: the commands need the memory. */
function forget(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

async function measure(subject: Subject): Promise<void> {
  const wanted = commandsFor(subject, '', '').filter(
    ({ command }) => `${subject.name} ${command}`.includes(values.only) && !isKnown(command, subject.what),
  );
  if (wanted.length === 0) return;
  const folder = mkdtempSync(join(tmpdir(), 'temper-giant-'));
  try {
    const { path, bytes } = await writeSubject(folder, subject, share);
    forget();
    const data = writeExamples(folder, subject, 20);
    for (const { command, words } of commandsFor(subject, data, folder)) {
      if (!wanted.some((other) => other.command === command)) continue;
      const [name, ...options] = words;
      const line = [join(root, 'dist', 'cli', 'main.js'), name!, path, ...options];
      const { told, ...cost } = await watched(line, { TMPDIR: folder });
      const refusal = cost.code === 0 ? {} : { refusal: told.trim().replaceAll(`${folder}/`, '') };
      const { date } = machine();
      const measured = { date, commit: version, loadAverage: loadavg()[1]! };
      const times = (size: number) => (size / bytes).toFixed(2);
      process.stdout.write(
        `${subject.name}, ${command}: ${(bytes / 1e6).toFixed(0)} MB, ${times(cost.peak)} times (apart ${times(cost.apart)}, together ${times(cost.together)}), ${cost.seconds.toFixed(0)} s, exit code ${cost.code}\n${process.env.TOLD || cost.code !== 0 ? told : ''}\n`,
      );
      keep({ command, model: subject.what, bytes, ...cost, ...refusal, measured });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
