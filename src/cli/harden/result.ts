/** The last stage of a model: what was exported gets its name only now that it has been judged. */
import { writeExport } from '../../export/exportModel.js';
import { askedOf } from '../options/apart.js';
import type { RunFile } from '../run/runFiles.js';
import { type Context, exportedOf } from './stages.js';

/** What the result is called. */
export function resultName(rejected: boolean): RunFile {
  return rejected ? 'rejected.onnx' : 'hardened.onnx';
}

/** Writes hardened.onnx, or rejected.onnx in its place, with crossbar.json if there are codes. */
export async function resultStage(context: Context, rejected: boolean): Promise<void> {
  const { folder, values } = context;
  const name = resultName(rejected);
  // An earlier start, on another machine, may have come to the other verdict.
  await folder.remove(resultName(!rejected));
  const codes: RunFile[] = values.bits === undefined ? [] : ['crossbar.json'];
  await folder.stage('result', [name, ...codes], async (note) => {
    const { source, exported } = await exportedOf(context);
    await writeExport(folder.file(name), exported, { source, note, limits: askedOf(values) });
  });
}
