/** report.json and report.html of a run: the original and the hardened model on the same chips. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { VerifyReport } from '../../verify/report.js';
import { environment } from '../environment.js';
import { writeReport } from '../reportFiles.js';
import type { RunFile, RunFolder } from '../runFolder.js';
import type { Context } from './stages.js';

/** Writes report.json and report.html. */
export async function reportStage(context: Context): Promise<void> {
  const { folder } = context;
  await folder.stage('report', ['report.json', 'report.html'], async () => {
    const report = await reportOf(context);
    await writeReport(report, { json: folder.file('report.json'), html: folder.file('report.html') });
  });
}

async function reportOf(context: Context): Promise<object> {
  const read = async (name: RunFile): Promise<VerifyReport> =>
    JSON.parse(await readFile(context.folder.file(name), 'utf8'));
  const [before, after] = [await read('checkpoint/before.json'), await read('checkpoint/after.json')];
  const { device, recipe, folder, values } = context;
  const named = (model: string, { runs }: VerifyReport) => runs.map((run) => ({ model, ...run }));
  const { command, environment: started, ...content } = recipe;
  return {
    schema: 1,
    model: after.model,
    models: { before: before.model, after: after.model },
    data: after.data,
    seed: after.seed,
    chips: after.chips,
    numerics: after.numerics,
    batch: after.batch,
    clean: after.clean,
    trainedFor: device,
    runs: [...named('before', before), ...named('after', after)],
    settings: content.options,
    versions: environment(),
    command: `temper ${command} --recipe ${folder.file('recipe.json')} --out NEW_FOLDER`,
    files: await filesOf(folder, outputs(values)),
    notes: folder.notes,
  };
}

/** The files a user takes away, in the order they are made. */
export function outputs({ snn, bits }: { snn: boolean; bits?: string | undefined }): RunFile[] {
  const spiking: RunFile[] = snn ? ['converted.onnx'] : [];
  const codes: RunFile[] = bits === undefined ? [] : ['crossbar.json'];
  return ['finetuned.onnx', ...spiking, 'hardened.onnx', ...codes];
}

export async function filesOf(folder: RunFolder, names: readonly RunFile[]) {
  return Promise.all(
    names.map(async (name) => {
      const path = folder.file(name);
      const sha256 = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      return { path: name as string, sha256, bytes: (await stat(path)).size };
    }),
  );
}
