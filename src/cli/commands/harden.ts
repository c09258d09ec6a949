/** `temper harden`: all stages in one, in a folder that can be returned to. */
import { readFile } from 'node:fs/promises';
import { TemperError } from '../../errors.js';
import { parseReport } from '../../report/report.js';
import { renderTable } from '../../report/table.js';
import { byteSize } from '../../report/words.js';
import { defineCommand } from '../command.js';
import { normalizationOf } from '../examples.js';
import { prepare } from '../harden/prepare.js';
import { filesOf, outputs, reportStage } from '../harden/report.js';
import {
  type Context,
  convertStage,
  exportStage,
  finetuneStage,
  originalStage,
  verifyStage,
} from '../harden/stages.js';
import { limitNotes } from '../limitNotes.js';
import { hardenOptions } from '../options/harden.js';
import { createProgress } from '../progress.js';
import { openRunFolder, type RunFile } from '../runFolder.js';
import { statedInputNotes } from '../statedInput.js';
import type { Terminal } from '../terminal.js';

export const hardenCommand = defineCommand({
  name: 'harden',
  summary: 'Trains a model to bear the noise of a device, and estimates on sampled chips how well it does.',
  positional: { name: 'model', describe: 'pretrained ONNX file; --recipe names one too' },
  options: hardenOptions,
  examples: [
    ['harden model.onnx --data cifar10:data/cifar10 --device gaussian:0.1 --out runs/a', 'all defaults'],
    ['harden model.onnx --data digits --out runs/b --epochs 4 --draws 50', 'less training, more chips'],
    ['harden model.onnx --data digits --out runs/c --bits 8', 'weights as INT8 codes'],
    ['harden model.onnx --data digits --out runs/d --snn --timesteps 32', 'as a spiking network'],
    ['harden --recipe runs/a/recipe.json --out runs/again', 'repeat a run'],
  ],
  async run(values, terminal) {
    const prepared = await prepare(values);
    const folder = await openRunFolder(values.out, prepared.recipe, {
      fresh: values.fresh,
      onNote: (text) => terminal.note(`note: ${text}`),
    });
    const progress = createProgress(terminal, values.quiet);
    try {
      const { model, notes } = prepared.pretrained;
      const { limit } = prepared.values;
      const inputs = statedInputNotes(model, normalizationOf(prepared.values));
      for (const note of [...notes, ...inputs, ...limitNotes(limit, prepared.test.count)]) folder.note(note);
      if (folder.resumed) terminal.note(`going on with the run in ${values.out}`);
      for (const change of folder.changes)
        terminal.note(`note: since this run began, ${change}; last digits may differ`);
      const context: Context = { ...prepared, folder, progress, terminal };
      await harden(context);
      await tell(context, terminal);
    } catch (error) {
      throw withResumeHint(error, values.out);
    } finally {
      progress.stop();
      await folder.close();
    }
  },
});

async function harden(context: Context): Promise<void> {
  await verifyStage(context, 'before', await originalStage(context), 'checkpoint/before.json');
  await finetuneStage(context);
  if (context.values.snn) await convertStage(context);
  await exportStage(context);
  await verifyStage(context, 'after', context.folder.file('hardened.onnx'), 'checkpoint/after.json');
  await reportStage(context);
}

async function tell({ folder, values }: Context, terminal: Terminal): Promise<void> {
  const path = folder.file('report.json');
  terminal.print(`\n${renderTable(parseReport(await readFile(path, 'utf8'), path))}\n`);
  terminal.print('wrote');
  const models = await filesOf(folder, outputs(values));
  for (const { path: name, bytes } of models)
    terminal.print(`  ${folder.file(name as RunFile)}  ${byteSize(bytes)}`);
  for (const name of ['report.json', 'report.html'] as const) terminal.print(`  ${folder.file(name)}`);
}

function withResumeHint(error: unknown, out: string): unknown {
  if (!(error instanceof TemperError) || error.kind !== 'interrupted') return error;
  const [problem] = error.problems;
  const hint = `start the same command again to go on with the run in ${out}`;
  return new TemperError('interrupted', { ...problem!, hint }, { cause: error });
}
