/** `temper harden`: all stages in one, in a folder that can be returned to. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Problem, TemperError } from '../../errors.js';
import { parseReport } from '../../report/report.js';
import { renderTable } from '../../report/table.js';
import { byteSize } from '../../report/words.js';
import { prepare } from '../harden/prepare.js';
import { refuseRejected, whyRejected } from '../harden/reject.js';
import { filesOf, outputs, reportStage } from '../harden/report.js';
import { resultStage } from '../harden/result.js';
import { judgeStages, modelLabels, rivalStages } from '../harden/rivals.js';
import {
  type Context,
  convertStage,
  exportStage,
  finetuneStage,
  originalStage,
  verifyStage,
} from '../harden/stages.js';
import { limitNotes } from '../open/limitNotes.js';
import { hardenOptions } from '../options/harden.js';
import { defineCommand } from '../parse/command.js';
import { underLock } from '../run/lockedFolder.js';
import { openRunFolder } from '../run/runFolder.js';
import { createProgress } from '../terminal/progress.js';
import type { Terminal } from '../terminal/terminal.js';

export const hardenCommand = defineCommand({
  name: 'harden',
  summary: 'Trains a model to bear the noise of a device, and estimates on sampled chips how well it does.',
  positional: { name: 'model', describe: 'pretrained ONNX file; --recipe names one too' },
  options: hardenOptions,
  examples: [
    [
      'harden model.onnx --data cifar10:data/cifar10 --scaling cifar10 --device gaussian:0.1 --out runs/a',
      'all defaults, for a model trained on pictures scaled so',
    ],
    [
      'harden model.onnx --data digits --scaling mnist --out runs/b --epochs 4 --draws 50',
      'less training, more chips',
    ],
    [
      'harden model.onnx --data digits --mean 0.1307 --std 0.3081 --out runs/c --bits 8',
      'weights as INT8 codes',
    ],
    [
      'harden model.onnx --data digits --scaling mnist --out runs/d --snn --timesteps 32',
      'as a spiking network',
    ],
    ['harden --recipe runs/a/recipe.json --out runs/again', 'repeat a run'],
  ],
  async run(values, terminal) {
    const prepared = await prepare(values, terminal);
    const folder = await openRunFolder(values.out, prepared.recipe, {
      fresh: values.fresh,
      onNote: (text) => terminal.note(`note: ${text}`),
      onWait: (text) => terminal.note(`note: ${text}`),
      signal: terminal.signal,
      onWarning: (text) => terminal.note(`note: ${text}`),
    });
    const progress = createProgress(terminal, values.quiet);
    try {
      const { limit, draws } = prepared.values;
      for (const note of [...prepared.notes, ...limitNotes(limit, prepared.test.count, draws)])
        folder.note(note);
      if (folder.resumed) terminal.note(`going on with the run in ${values.out}`);
      for (const change of folder.changes)
        terminal.note(`note: since this run began, ${change}; last digits may differ`);
      const context: Context = { ...prepared, folder, progress, terminal: underLock(terminal, folder.lock) };
      const rejected = await harden(context);
      await tell(context, terminal, rejected);
      refuseRejected(rejected);
    } catch (error) {
      folder.lock.check();
      throw withResumeHint(error, values.out);
    } finally {
      progress.stop();
      await folder.close();
    }
  },
});

/** Returns why the result is rejected, if it is. */
async function harden(context: Context): Promise<Problem | undefined> {
  const original = await originalStage(context);
  await verifyStage(context, {
    ...{ name: 'before', what: modelLabels.before, model: original },
    found: 'checkpoint/before.json',
  });
  await finetuneStage(context);
  if (context.values.snn) await convertStage(context);
  await exportStage(context);
  await judgeStages(context, 'after', context.folder.file('checkpoint/exported.onnx'), original);
  await rivalStages(context, original);
  const rejected = await whyRejected(context);
  await resultStage(context, rejected !== undefined);
  await reportStage(context, rejected);
  return rejected;
}

async function tell(
  { folder, values }: Context,
  terminal: Terminal,
  rejected: Problem | undefined,
): Promise<void> {
  const path = folder.file('report.json');
  const rows = renderTable(parseReport(await readFile(path, 'utf8'), path)).split('\n');
  terminal.print(['', ...rows, '']);
  terminal.print('wrote');
  const models = await filesOf(folder, outputs(values, rejected));
  for (const { path: name, bytes } of models)
    terminal.print(`  ${join(folder.path, name)}  ${byteSize(bytes)}`);
  for (const name of ['report.json', 'report.html'] as const) terminal.print(`  ${folder.file(name)}`);
}

function withResumeHint(error: unknown, out: string): unknown {
  if (!(error instanceof TemperError) || error.kind !== 'interrupted') return error;
  const [problem] = error.problems;
  const hint = `start the same command again to go on with the run in ${out}`;
  return new TemperError('interrupted', { ...problem!, hint }, { cause: error });
}
