/** `temper verify`: how accurate a model is on sampled chips. */

import type { Dataset } from '../../data/dataset.js';
import { parseDevice } from '../../devices/index.js';
import { type Problem, TemperError } from '../../errors.js';
import { arrange } from '../../mapping/digital.js';
import { parseReport } from '../../report/report.js';
import { comparedText } from '../../report/requirements.js';
import { renderTable } from '../../report/table.js';
import { parseRequirement, refuseUndecidable, refuseUnmeasured } from '../../verify/report/requirement.js';
import { checkRequirement, type Verdict } from '../../verify/report/verdicts.js';
import { type VerifyReport, verify } from '../../verify/verify.js';
import { Findings } from '../open/findings.js';
import { openJudged } from '../open/judgedExamples.js';
import { limitNotes } from '../open/limitNotes.js';
import { exampleShapeOf } from '../open/modelInput.js';
import { outputClasses } from '../open/pretrained.js';
import { rehearsed } from '../open/rehearsed.js';
import { readSound } from '../open/sound.js';
import { apartOptions } from '../options/apart.js';
import { judgedDataOptions, limitOptions } from '../options/data.js';
import { devicesOptions, seedOptions, verdictDrawOptions } from '../options/device.js';
import { digitalOf, digitalOptions } from '../options/digital.js';
import { terminalOptions } from '../options/terminal.js';
import { judgeThreadOptions } from '../options/threads.js';
import { defineCommand } from '../parse/command.js';
import { choice, list, type OptionValues, pair, text, whole } from '../parse/option.js';
import { type SettledScaling, settleScaling } from '../scaling/settle.js';
import { createProgress } from '../terminal/progress.js';
import { jsonLines, type Terminal } from '../terminal/terminal.js';
import { verifyProgress } from '../terminal/verifyProgress.js';
import { checkOutputs, makeFolderOf } from '../write/outputFile.js';
import { writeReport } from '../write/reportFiles.js';

const options = {
  ...judgedDataOptions,
  ...limitOptions,
  ...devicesOptions,
  ...digitalOptions,
  ...verdictDrawOptions,
  ...seedOptions,
  against: text('another model in the same form, judged on the same chips', { value: 'MODEL' }),
  'noise-from': text(
    'draw the noise on the weights of this model, in the same form: the same deviations in absolute units',
    { value: 'MODEL' },
  ),
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
  'batch-size': whole('examples judged at once', { minimum: 1, maximum: 1e6 }),
  json: text('write the report as JSON to FILE, or to standard output with -', { value: 'FILE|-' }),
  html: text('write the report as a page to FILE', { value: 'FILE' }),
  ...judgeThreadOptions,
  ...apartOptions,
  ...terminalOptions,
};

type VerifyValues = OptionValues<typeof options> & { input: string };

export const verifyCommand = defineCommand({
  name: 'verify',
  summary: 'Tells how accurate a model is on sampled chips of a device.',
  positional: { name: 'model', describe: 'ONNX file' },
  options,
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
    const { dataset, scaling } = await prepare(values, terminal);
    for (const note of scaling.notes) terminal.note(`note: ${note}`);
    const report = await judge(values, dataset, scaling, terminal);
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
  dataset: Dataset,
  { normalization }: SettledScaling,
  terminal: Terminal,
): Promise<VerifyReport> {
  const chip = values['write-chip'];
  const progress = createProgress(terminal, values.quiet);
  try {
    const report = await verify({
      model: values.input,
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
      against: values.against,
      noiseFrom: values['noise-from'],
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

/** Everything that can be wrong with the command is told before the first chip is drawn. */
async function prepare(values: VerifyValues, { signal }: Terminal) {
  const findings = new Findings();
  for (const spec of values.device) await findings.from(() => parseDevice(spec));
  for (const condition of values.require ?? [])
    await findings.from(() => refuseUndecidable(parseRequirement(condition), values.draws));
  const digital = digitalOf(values.digital);
  const model = await findings.from(() => readSound(values.input));
  const against =
    values.against === undefined ? undefined : await findings.from(() => readSound(values.against!));
  const drawnOn = values['noise-from'];
  const reference = drawnOn === undefined ? undefined : await findings.from(() => readSound(drawnOn));
  // With one that cannot be used, none is run.
  const all = (values.against === undefined || against) && (drawnOn === undefined || reference);
  for (const named of [model, against])
    if (named && digital) await findings.from(() => arrange(named, digital));
  const shape = model && exampleShapeOf(model);
  const classes = model && outputClasses(model);
  const dataset = await findings.from(() =>
    openJudged(values, { limit: values.limit, shape, outputs: classes }),
  );
  const inputShape = [undefined, ...(shape ?? [])];
  const scaling = await settleScaling(findings, values, all && model, dataset, {
    inputShape,
    classes,
    signal,
  });
  const normalizations = scaling && [scaling.normalization];
  const tried = { values, dataset, ...(normalizations && { normalizations }), signal };
  if (against) await rehearsed(findings, values.against!, against, tried);
  for (const condition of dataset ? (values.require ?? []) : [])
    await findings.from(() => refuseUnmeasured(parseRequirement(condition), dataset!.targets !== undefined));
  const outputs = outputsOf(values);
  const read = dataset?.files.map(({ path }) => path) ?? [];
  await findings.from(() => checkOutputs(outputs, [values.input, values.against, drawnOn, ...read]));
  findings.refuse();
  for (const file of outputs) await makeFolderOf(file);
  const notes = [...scaling!.notes, ...limitNotes(values.limit, dataset!.count, values.draws)];
  return { dataset: dataset!, scaling: { ...scaling!, notes } };
}

function outputsOf({ json, html, 'write-chip': chip }: VerifyValues): string[] {
  return [json === '-' ? undefined : json, html, chip?.[1]].filter((file) => file !== undefined);
}

async function show(
  report: VerifyReport,
  verdicts: Verdict[],
  values: VerifyValues,
  terminal: Terminal,
  told: readonly string[],
): Promise<void> {
  const complete = { ...report, ...(verdicts.length > 0 && { verdicts }) };
  await writeReport(complete, { html: values.html, ...(values.json !== '-' && { json: values.json }) });
  if (values.json === '-') {
    terminal.print(jsonLines(complete));
    return;
  }
  terminal.print(renderTable(parseReport(JSON.stringify(complete), 'the report')).split('\n'));
  for (const verdict of verdicts) {
    const { requirement, device, met } = verdict;
    terminal.print(
      `${met ? 'met' : 'NOT met'}: ${requirement} on ${device} (${comparedText({ ...verdict })})`,
    );
  }
  for (const note of report.notes) if (!told.includes(note)) terminal.note(`note: ${note}`);
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
