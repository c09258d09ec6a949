/** `temper verify`: how accurate a model is on sampled chips. */

import type { Dataset } from '../../data/dataset.js';
import { parseDevice } from '../../devices/index.js';
import { type Problem, TemperError } from '../../errors.js';
import { readModel } from '../../onnx/file.js';
import { parseReport } from '../../report/report.js';
import { comparedText } from '../../report/requirements.js';
import { renderTable } from '../../report/table.js';
import { parseRequirement, refuseUndecidable, refuseUnmeasured } from '../../verify/requirement.js';
import { checkRequirement, type Verdict } from '../../verify/verdicts.js';
import { type VerifyReport, verify } from '../../verify/verify.js';
import { defineCommand } from '../command.js';
import { type DataValues, normalizationOf, openExamples } from '../examples.js';
import { Findings } from '../findings.js';
import { limitNotes } from '../limitNotes.js';
import { exampleShapeOf } from '../modelInput.js';
import { choice, list, type OptionValues, pair, text, whole } from '../option.js';
import { dataOptions, limitOptions } from '../options/data.js';
import { devicesOptions, seedOptions, verdictDrawOptions } from '../options/device.js';
import { terminalOptions } from '../options/terminal.js';
import { threadOptions } from '../options/training.js';
import { checkOutputs, makeFolderOf } from '../outputFile.js';
import { createProgress } from '../progress.js';
import { writeReport } from '../reportFiles.js';
import { statedInputNotes } from '../statedInput.js';
import type { Terminal } from '../terminal.js';
import { verifyProgress } from '../verifyProgress.js';

const options = {
  ...dataOptions,
  ...limitOptions,
  ...devicesOptions,
  ...verdictDrawOptions,
  ...seedOptions,
  against: text('another model in the same form, judged on the same chips', { value: 'MODEL' }),
  require: list(
    'exit code 1 unless this holds: "yield(acc>=0.8)>=0.95" and "p05(acc)>=0.8" speak of all chips with 95 % confidence, mean, min, max, std and clean of those sampled (docs/cli.md, Requirements); may be given several times',
    {
      value: 'CONDITION',
      check: (condition) => void parseRequirement(condition),
    },
  ),
  'write-chip': pair('also write the model of chip N as plain ONNX', 'N FILE'),
  numerics: choice(
    'exact: quantized operators as written; deploy: as onnxruntime fuses them',
    ['exact', 'deploy'],
    {
      default: 'exact',
    },
  ),
  'batch-size': whole('examples judged at once', { minimum: 1 }),
  json: text('write the report as JSON to FILE, or to standard output with -', { value: 'FILE|-' }),
  html: text('write the report as a page to FILE', { value: 'FILE' }),
  ...threadOptions,
  ...terminalOptions,
};

type Values = OptionValues<typeof options> & { input: string };

export const verifyCommand = defineCommand({
  name: 'verify',
  summary: 'Tells how accurate a model is on sampled chips of a device.',
  positional: { name: 'model', describe: 'ONNX file' },
  options,
  examples: [
    [
      'verify model.onnx --data cifar10:data/cifar10 --device gaussian:0.1 --draws 100',
      '100 chips, all test examples',
    ],
    [
      'verify new.onnx --against old.onnx --data digits --require "yield(acc>=0.8)>=0.95"',
      'gate a release: exit code 0 if at least 95 % of all chips reach 80 %, else 1',
    ],
    ['verify model.onnx --data digits --write-chip 37 chip37.onnx', 'chip 37 as an ONNX file of its own'],
  ],
  async run(values, terminal) {
    const { dataset, notes } = await prepare(values);
    const report = await judge(values, dataset, terminal);
    report.notes.unshift(...notes);
    const verdicts = (values.require ?? []).flatMap((condition) =>
      checkRequirement(parseRequirement(condition), report),
    );
    await show(report, verdicts, values, terminal);
    refuse(verdicts);
  },
});

async function judge(values: Values, dataset: Dataset, terminal: Terminal): Promise<VerifyReport> {
  const chip = values['write-chip'];
  const progress = createProgress(terminal, values.quiet);
  try {
    const report = await verify({
      model: values.input,
      dataset,
      normalization: normalizationOf(values),
      devices: values.device,
      draws: values.draws,
      seed: values.seed,
      batchSize: values['batch-size'],
      threads: values.threads,
      numerics: values.numerics,
      writeChip: chip && { chip: chip[0], file: chip[1] },
      against: values.against,
      onProgress: verifyProgress(progress, 'verifying'),
      signal: terminal.signal,
    });
    progress.finish(`${report.chips} chips, ${report.data.count} examples each`);
    return report;
  } finally {
    progress.stop();
  }
}

/** Everything that can be wrong with the command is told before the first chip is drawn. */
async function prepare(values: Values) {
  const findings = new Findings();
  for (const spec of values.device) await findings.from(() => parseDevice(spec));
  for (const condition of values.require ?? [])
    await findings.from(() => refuseUndecidable(parseRequirement(condition), values.draws));
  const model = await findings.from(() => readModel(values.input));
  if (values.against) await findings.from(() => readModel(values.against!));
  const shape = model && exampleShapeOf(model);
  const dataset = await findings.from(() =>
    openExamples(values as DataValues, 'test', { limit: values.limit, shape }),
  );
  for (const condition of dataset ? (values.require ?? []) : [])
    await findings.from(() => refuseUnmeasured(parseRequirement(condition), dataset!.targets !== undefined));
  const outputs = outputsOf(values);
  const read = dataset?.files.map(({ path }) => path) ?? [];
  await findings.from(() => checkOutputs(outputs, [values.input, values.against, ...read]));
  findings.refuse();
  for (const file of outputs) await makeFolderOf(file);
  const stated = statedInputNotes(model!, normalizationOf(values));
  return { dataset: dataset!, notes: [...stated, ...limitNotes(values.limit, dataset!.count)] };
}

function outputsOf({ json, html, 'write-chip': chip }: Values): string[] {
  return [json === '-' ? undefined : json, html, chip?.[1]].filter((file) => file !== undefined);
}

async function show(
  report: VerifyReport,
  verdicts: Verdict[],
  values: Values,
  terminal: Terminal,
): Promise<void> {
  const complete = { ...report, ...(verdicts.length > 0 && { verdicts }) };
  await writeReport(complete, { html: values.html, ...(values.json !== '-' && { json: values.json }) });
  if (values.json === '-') {
    terminal.print(JSON.stringify(complete, null, 2));
    return;
  }
  terminal.print(renderTable(parseReport(JSON.stringify(complete), 'the report')));
  for (const verdict of verdicts) {
    const { requirement, device, met } = verdict;
    terminal.print(
      `${met ? 'met' : 'NOT met'}: ${requirement} on ${device} (${comparedText({ ...verdict })})`,
    );
  }
  for (const note of report.notes) terminal.note(`note: ${note}`);
  const written = outputsOf(values);
  if (written.length > 0) terminal.print(`wrote ${written.join(', ')}`);
}

function refuse(verdicts: readonly Verdict[]): void {
  const missed = verdicts.filter(({ met }) => !met);
  if (missed.length === 0) return;
  const problems = missed.map(
    (verdict): Problem => ({
      what: `requirement ${verdict.requirement} is not met: ${comparedText({ ...verdict })}`,
      where: `device ${verdict.device}`,
    }),
  );
  throw new TemperError('requirement', problems);
}
