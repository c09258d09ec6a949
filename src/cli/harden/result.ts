/** The last stage of a model: the file that was judged gets its name only now, byte for byte. */
import { readFile } from 'node:fs/promises';
import { copyExport } from '../../export/writeExport.js';
import type { VerifyReport } from '../../verify/report/report.js';
import { exportSettings } from '../options/export.js';
import type { RunFile } from '../run/runFiles.js';
import type { RunFolder } from '../run/runFolder.js';
import type { Context } from './stages.js';

/** What the result is called. */
export function resultName(rejected: boolean): RunFile {
  return rejected ? 'rejected.onnx' : 'hardened.onnx';
}

/** Makes hardened.onnx, or rejected.onnx in its place, with crossbar.json if there are codes. */
export async function resultStage({ folder, values }: Context, rejected: boolean): Promise<void> {
  const name = resultName(rejected);
  // An earlier start, on another machine, may have come to the other verdict.
  await folder.remove(resultName(!rejected));
  const codes: RunFile[] = values.bits === undefined ? [] : ['crossbar.json'];
  await folder.stage('result', [name, ...codes], async () => {
    const { conductance } = exportSettings(values);
    const range = values.bits === undefined ? undefined : conductance;
    // A copy: the stage before it would run again if its file were gone.
    const exported = folder.file('checkpoint/exported.onnx');
    await copyExport(exported, folder.file(name), await judgedDigest(folder), range);
  });
}

/** Of the file that the verdict speaks of. */
async function judgedDigest(folder: RunFolder): Promise<string> {
  const { model }: VerifyReport = JSON.parse(await readFile(folder.file('checkpoint/after.json'), 'utf8'));
  return model.sha256;
}
