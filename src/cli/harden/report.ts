/** report.json and report.html of a run: the original, its rivals and the hardened model on the same chips. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../errors.js';
import { shellLine } from '../../text/shell.js';
import type { VerifyReport } from '../../verify/report/report.js';
import { environment } from '../run/environment.js';
import type { RunFile } from '../run/runFiles.js';
import type { RunFolder } from '../run/runFolder.js';
import { sha256OfFile, withData } from '../write/outputFile.js';
import { writeReport } from '../write/reportFiles.js';
import { gainsOf, type ModelReports } from './gains.js';
import type { HardenValues } from './prepare.js';
import { resultName } from './result.js';
import { type ModelName, modelLabels, modelsOf, rivalsOf } from './rivals.js';
import type { Context } from './stages.js';

/** Writes report.json and report.html. */
export async function reportStage(context: Context, rejected: Problem | undefined): Promise<void> {
  const { folder } = context;
  await folder.stage('report', ['report.json', 'report.html'], async () => {
    const report = await reportOf(context, rejected);
    await writeReport(report, { json: folder.file('report.json'), html: folder.file('report.html') });
  });
}

async function reportOf(context: Context, rejected: Problem | undefined): Promise<object> {
  const { device, recipe, folder, values } = context;
  const names = modelsOf(values);
  const found: Partial<Record<ModelName, ModelReports>> = {};
  for (const name of names) found[name] = await foundOf(folder, name);
  const after = found.after!.ownNoise;
  after.model.path = folder.file(resultName(rejected !== undefined));
  const { command, environment: started, ...content } = recipe;
  return {
    schema: 1,
    model: after.model,
    models: Object.fromEntries(
      names.map((name) => [name, { ...found[name]!.ownNoise.model, label: modelLabels[name] }]),
    ),
    data: after.data,
    seed: after.seed,
    chips: after.chips,
    numerics: after.numerics,
    batch: after.batch,
    clean: after.clean,
    trainedFor: device,
    runs: names.flatMap((model) => runsOf(model, found[model]!)),
    gains: gainsOf(found),
    settings: content.options,
    versions: environment(),
    command: shellLine([
      ...['temper', command, '--recipe', folder.file('recipe.json')],
      '--out',
      'NEW_FOLDER',
    ]),
    files: await filesOf(folder, outputs(values, rejected)),
    notes: [...(rejected ? [`Rejected: ${rejected.what}.`] : []), ...folder.notes],
  };
}

/** At equal noise there is nothing to be found of the original, nor of a model in another form. */
async function foundOf(folder: RunFolder, name: ModelName): Promise<ModelReports> {
  const read = async (file: RunFile): Promise<VerifyReport> =>
    JSON.parse(await readFile(folder.file(file), 'utf8'));
  const ownNoise = await read(`checkpoint/${name}.json`);
  if (name === 'before') return { ownNoise };
  const equalNoise = await read(`checkpoint/${name}.equal.json`).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return { ownNoise, ...(equalNoise && { equalNoise }) };
}

function runsOf(model: ModelName, { ownNoise, equalNoise }: ModelReports): object[] {
  return [
    ...ownNoise.runs.map((run) => ({ model, ...run })),
    ...(equalNoise?.runs ?? []).map((run) => ({ model, ...run, noiseFrom: 'before' })),
  ];
}

/** The files a user takes away, in the order they are made. */
export function outputs(values: HardenValues, rejected?: Problem): RunFile[] {
  const { snn, bits } = values;
  const rivals = rivalsOf(values).map((name): RunFile => `rivals/${name}.onnx`);
  const spiking: RunFile[] = snn ? ['converted.onnx'] : [];
  const codes: RunFile[] = bits === undefined ? [] : ['crossbar.json'];
  return ['finetuned.onnx', ...spiking, resultName(rejected !== undefined), ...codes, ...rivals];
}

export async function filesOf(folder: RunFolder, names: readonly RunFile[]) {
  return Promise.all(
    withData(folder.path, names).map(async (name) => {
      const path = join(folder.path, name);
      const { size: bytes } = await stat(path);
      return { path: name as string, sha256: (await sha256OfFile(path)) ?? '', bytes };
    }),
  );
}
