/** `temper verify`: how accurate a model is on sampled chips. */
import { parseRequirement } from '../../verify/report/requirement.js';
import { checkRequirement } from '../../verify/report/verdicts.js';
import { type VerifyReport, verify } from '../../verify/verify.js';
import { digitalOf } from '../options/digital.js';
import { verifyOptions } from '../options/verify.js';
import { defineCommand } from '../parse/command.js';
import { createProgress } from '../terminal/progress.js';
import type { Terminal } from '../terminal/terminal.js';
import { verifyProgress } from '../terminal/verifyProgress.js';
import { type PreparedVerification, prepare, type VerifyValues } from '../verify/prepare.js';
import { refuse, show } from '../verify/show.js';

export const verifyCommand = defineCommand({
  name: 'verify',
  summary: 'Tells how accurate a model is on sampled chips of a device.',
  positional: { name: 'model', describe: 'ONNX file' },
  options: verifyOptions,
  examples: [
    [
      'verify model.onnx --data cifar10:data/cifar10 --scaling cifar10 --device gaussian:0.1 --draws 100',
      '100 chips, all test examples',
    ],
    [
      'verify new.onnx --against old.onnx --data digits --scaling mnist --require "yield(acc>=0.8)>=0.95"',
      'gate a release: exit code 0 if at least 95 % of all chips reach 80 %, else 1',
    ],
    [
      'verify model.onnx --data digits --scaling mnist --write-chip 37 chip37.onnx',
      'chip 37 as an ONNX file of its own',
    ],
  ],
  async run(values, terminal) {
    const prepared = await prepare(values, terminal);
    const { scaling } = prepared;
    for (const note of scaling.notes) terminal.note(`note: ${note}`);
    const report = await judge(values, prepared, terminal);
    report.notes.unshift(...scaling.notes);
    const verdicts = (values.require ?? []).flatMap((condition) =>
      checkRequirement(parseRequirement(condition), report),
    );
    await show(report, verdicts, values, terminal, scaling.notes);
    refuse(verdicts);
  },
});

async function judge(
  values: VerifyValues,
  { models, dataset, scaling: { normalization } }: PreparedVerification,
  terminal: Terminal,
): Promise<VerifyReport> {
  const chip = values['write-chip'];
  const progress = createProgress(terminal, values.quiet);
  try {
    const report = await verify({
      ...models,
      dataset,
      normalization,
      devices: values.device,
      digital: digitalOf(values.digital),
      draws: values.draws,
      seed: values.seed,
      batchSize: values['batch-size'],
      threads: values.threads,
      numerics: values.numerics,
      // Done, under every scaling that was tried (rehearsed.ts).
      rehearse: false,
      writeChip: chip && { chip: chip[0], file: chip[1] },
      onNote: (text) => terminal.note(`note: ${text}`),
      onProgress: verifyProgress(progress, 'verifying'),
      signal: terminal.signal,
    });
    progress.finish(`${report.chips} chips, ${report.data.count} examples each`);
    return report;
  } finally {
    progress.stop();
  }
}
