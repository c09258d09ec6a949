/** The model of one chip as a plain ONNX file: whoever scores it with stock onnxruntime gets that chip's number. */
import type { Device } from '../devices/index.js';
import { setMetadata } from '../onnx/walk.js';
import { writeModel } from '../onnx/writeFile.js';
import { proofOf } from '../runtime/proof.js';
import { bakeWeights } from './chips/bakeWeights.js';
import { openChips } from './chips/chips.js';
import { compileDevice } from './chips/deviceProgram.js';
import { cleanWeights } from './chips/draws.js';
import type { OpenedModels } from './model/openModels.js';
import { nameOf } from './model/reference.js';

export interface ChipFile {
  chip: number;
  file: string;
}

/**
 * Of the one device; as soon as the model is known to be sound, so that nothing which ends the judging takes it away. Throws
 * TemperError('io') if the file cannot be written; it appears complete or not at all.
 */
export async function writeChip(
  { chip, file }: ChipFile,
  { model: { model, tensors }, reference }: Pick<OpenedModels, 'model' | 'reference'>,
  { devices: [device], seed }: { devices: readonly Device[]; seed: number },
): Promise<void> {
  if (!device) throw new Error('a chip is of a device');
  const weights = cleanWeights(tensors);
  const program = compileDevice(device, [...weights, ...(reference?.weights ?? [])]);
  const sampler = openChips(program, weights, seed, reference?.weights);
  try {
    const baked = bakeWeights(model, await sampler.chip(chip));
    const drawnOn = reference ? `, drawn on the weights of ${nameOf(reference)}` : '';
    const origin = `device ${program.spec}, seed ${seed}, chip ${chip}${drawnOn}`;
    await writeModel(file, setMetadata(baked, 'temper.chip', origin), { prove: proofOf(file) });
  } finally {
    await sampler.release();
  }
}
