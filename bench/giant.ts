/**
 * The memory that commands take for models of 2.4 GB: the largest resident size of the process over the size of the model,
 * external data included. Nothing is taken off for Node and the libraries. `together` counts the process apart as well, in
 * which a model is first tried.
 *
 *   npm run build && npm run bench:giant -- [--only WORD] [--share 0.2]
 *
 * One command after the other, in a temporary folder (up to 15 GB, with the files that onnxruntime maps) that is removed. What
 * matters is whether it fits: 20 examples, 2 chips, one epoch. Figures of what --only leaves out stay those of earlier runs.
 * --share: of the size, for a trial; no result is written.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Subject, subjects, writeExamples, writeSubject } from './giant/models.js';
import { watched } from './giant/watched.js';
import { root, writeResult } from './machine.js';

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, share: { type: 'string', default: '1' } },
});
const share = Number(values.share);

interface Measured {
  readonly command: string;
  readonly model: string;
  readonly bytes: number;
  readonly peak: number;
  readonly together: number;
  readonly seconds: number;
  readonly code: number | null;
  /** The last line that the command told, if it did not go through. */
  readonly refusal?: string;
}

const measured: Measured[] = [];
for (const subject of subjects)
  if (`${subject.name} `.includes(values.only.split(' ')[0] ?? '')) await measure(subject);
if (share === 1)
  writeResult('giant', 'npm run bench:giant', {
    loadAverage: loadavg()[1],
    commands: [...known(), ...measured],
  });

/** Of earlier runs, what was not measured anew. */
function known(): Measured[] {
  try {
    const { commands } = JSON.parse(readFileSync(join(root, 'bench', 'results', 'giant.json'), 'utf8')) as {
      commands: Measured[];
    };
    const again = (one: Measured) =>
      measured.some(({ command, model }) => command === one.command && model === one.model);
    return commands.filter((one) => !again(one));
  } catch {
    return [];
  }
}

async function measure(subject: Subject): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'temper-giant-'));
  const at = (name: string) => join(folder, name);
  try {
    const model = await writeSubject(folder, subject, share);
    const data = ['--data', `npz:${writeExamples(folder, subject, 20)}`, '--scaling', 'asis'];
    const chips = [...data, '--device', 'gaussian:0.02', '--draws', '2'];
    const run = async (command: string, args: readonly string[], path = model.path, bytes = model.bytes) => {
      if (!`${subject.name} ${command}`.includes(values.only)) return;
      const line = [join(root, 'dist', 'cli', 'main.js'), command.split(' ')[0]!, path, ...args];
      const { told, ...cost } = await watched(line, { TMPDIR: folder });
      const refusal = cost.code === 0 ? {} : { refusal: told.trim() };
      measured.push({ command, model: subject.what, bytes, ...cost, ...refusal });
      const times = (size: number) => (size / bytes).toFixed(2);
      process.stdout.write(
        `${subject.name}, ${command}: ${(bytes / 1e6).toFixed(0)} MB, ${times(cost.peak)} times (${times(cost.together)} together), ${cost.seconds.toFixed(0)} s, exit code ${cost.code}\n${process.env.TOLD || cost.code !== 0 ? told : ''}\n`,
      );
    };
    const digital = subject.name === 'table' ? ['--digital', 'table'] : [];
    const training = ['--epochs', '1', '--batch-size', '4', '--learning-rate', '0.001', '--clip', '0'];
    await run('verify', [...chips, ...digital]);
    await run('finetune', [
      ...data,
      '--device',
      'gaussian:0.02',
      ...digital,
      ...training,
      '--out',
      at('tuned.onnx'),
    ]);
    await run('export --bits 8', ['--bits', '8', ...digital, '--out', at('codes.onnx')]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
