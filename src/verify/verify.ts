/**
 * The verification, from an ONNX file and a data set to a report: N seeded chips of each device, each scored by onnxruntime
 * exactly as the plain file of that chip would be. It sees exported bytes, onnxruntime and the devices, nothing else.
 */
import { compileDevices } from './chips/deviceProgram.js';
import { ModelHolder } from './chips/held.js';
import { judgeModels } from './judge/judgeModels.js';
import { openModels, weightsOf } from './model/openModels.js';
import { checkSanity } from './model/sanity.js';
import { completeOptions, type VerifyOptions } from './options.js';
import { describe } from './report/describe.js';
import type { VerifyReport } from './report/report.js';
import { writeChip } from './writeChip.js';

export type { VerifyProgress } from './judge/trials.js';
export type { VerifyOptions } from './options.js';
export type { VerifyReport } from './report/report.js';

/** Throws TemperError: 'usage' for options, 'model' for model and data, 'io', 'interrupted'. */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const request = completeOptions(options);
  const holder = new ModelHolder(options.largest);
  try {
    const opened = await openModels(request, { ...request, holder });
    const doubts = await checkSanity(opened.models, request.data, request.normalization);
    if (request.writeChip) await writeChip(request.writeChip, opened, request);
    const devices = compileDevices(request.devices, weightsOf(opened));
    const judgements = await judgeModels(opened, devices, request);
    return await describe({ request, opened, devices, judgements, doubts });
  } finally {
    await holder.release();
  }
}
