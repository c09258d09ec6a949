/**
 * What the hardened model is held against: the original clipped and not trained, and trained as long without noise. Both make the
 * same choices on validation and go through the same passes of the export, so that only what is done to the weights differs.
 */
import { writeModel } from '../../export/writeModel.js';
import { crossbarTensors } from '../../mapping/crossbar.js';
import { readModel, readModelFile } from '../../onnx/file.js';
import { formDifferences } from '../../verify/model/sameForm.js';
import { askedOf } from '../options/apart.js';
import type { RivalName } from '../options/rivals.js';
import type { RunFile } from '../run/runFiles.js';
import { makeFolderOf } from '../write/outputFile.js';
import { refuseReplaced } from './replaced.js';
import { type Context, exportedForm, spiking, train, verifyStage } from './stages.js';

/** The names of the models of a report, as tables and curves call them. */
export const modelLabels = {
  before: 'original',
  clipped: 'clipped only',
  plain: 'plain + clip',
  after: 'hardened',
} as const;
export type ModelName = keyof typeof modelLabels;

/** The models of a run in the order they are shown. */
export function modelsOf(values: { rivals: readonly RivalName[]; method: string }): ModelName[] {
  return ['before', ...rivalsOf(values), 'after'];
}

/** Trained plainly, the hardened model has no plain rival but itself. */
export function rivalsOf({ rivals, method }: { rivals: readonly RivalName[]; method: string }): RivalName[] {
  return (['clipped', 'plain'] as const).filter(
    (name) => rivals.includes(name) && (name !== 'plain' || method !== 'plain'),
  );
}

/** Makes and judges the rivals, after the hardened model. */
export async function rivalStages(context: Context, original: string): Promise<void> {
  for (const name of rivalsOf(context.values)) {
    if (name === 'plain') await plainStage(context);
    await formStage(context, name);
    await judgeStages(context, name, context.folder.file(`rivals/${name}.onnx`), original);
  }
}

/** Judges a model on its own chips, then at the noise of the original in absolute units: the same deviations. */
export async function judgeStages(
  context: Context,
  name: Exclude<ModelName, 'before'>,
  model: string,
  original: string,
): Promise<void> {
  const what = modelLabels[name];
  await verifyStage(context, { name, what, model, found: `checkpoint/${name}.json` });
  const differences = await formOf(context, model, original);
  if (differences.length > 0) {
    const hint = 'a device has no equal noise for weights in another form';
    context.folder.note(`not judged at the noise of the original: ${differences.join('; ')} (${hint})`);
    return;
  }
  await verifyStage(context, {
    name: `${name}, equal noise`,
    what: `${what}, noise of the original`,
    model,
    found: `checkpoint/${name}.equal.json`,
    noiseFrom: original,
  });
}

async function formOf({ pretrained }: Context, model: string, original: string): Promise<string[]> {
  const [asJudged, other] = await Promise.all(
    [model, original].map(async (path) => {
      const { model: read, sha256 } = await readModelFile(path);
      refuseReplaced(pretrained, { path, sha256 });
      return { model: read, tensors: crossbarTensors(read) };
    }),
  );
  return formDifferences(asJudged!, other!).map(({ what }) => what);
}

/** The same training without noise, with the same choices on validation under the noise of the device. */
async function plainStage(context: Context): Promise<void> {
  const { settings, folder, terminal, values } = context;
  const { gamma, radius, ...shared } = settings;
  if (!values.quiet)
    terminal.note(
      'the rival "plain + clip" is trained now, as long as the model was (--rivals clipped spares it)',
    );
  const files: RunFile[] = ['checkpoint/plain.onnx', 'rivals/plain.jsonl'];
  await folder.stage('plain training', files, async (note) => {
    await makeFolderOf(folder.file('rivals/plain.jsonl'));
    const result = await train(
      context,
      { ...shared, method: 'plain', gamma: undefined, radius: undefined },
      {
        what: 'plain training',
        checkpoint: 'checkpoint/plain',
        metrics: 'rivals/plain.jsonl',
        best: 'rivals/plain.best-epoch.onnx',
      },
    );
    for (const text of result.notes) note(`plain + clip: ${text}`);
    await writeModel(folder.file('checkpoint/plain.onnx'), result.model, {
      source: context.pretrained.path,
      note,
      limits: askedOf(context.values),
    });
  });
}

/** A rival in the form of the hardened model. */
async function formStage(context: Context, name: RivalName): Promise<void> {
  const { folder, values } = context;
  await folder.stage(`export ${name}`, [`rivals/${name}.onnx`], async (note) => {
    const source = folder.file(`checkpoint/${name}.onnx`);
    const model = await readModel(source);
    const converted = values.snn ? (await spiking(context, model)).model : model;
    const path = folder.file(`rivals/${name}.onnx`);
    await makeFolderOf(path);
    await writeModel(path, exportedForm(context, converted).model, { source, note, limits: askedOf(values) });
  });
}
