/** The model of one chip as a plain ONNX file: whoever scores it with stock onnxruntime gets that chip's number. */
import { setMetadata } from '../onnx/walk.js';
import { writeModel } from '../onnx/writeFile.js';
import { proofOf } from '../runtime/proof.js';
import { bakeWeights } from './chips/bakeWeights.js';
import { openChips } from './chips/chips.js';
import { cleanWeights, type DeviceProgram } from './chips/draws.js';
import type { OpenedModel } from './model/prepare.js';
import { nameOf, type Reference } from './model/reference.js';

export interface ChipFile {
  chip: number;
  file: string;
}

/** Throws TemperError('io') if the file cannot be written; it appears complete or not at all. */
export async function writeChip(
  { chip, file }: ChipFile,
  { model, tensors }: Pick<OpenedModel, 'model' | 'tensors'>,
  device: DeviceProgram,
  seed: number,
  reference?: Reference,
): Promise<void> {
  const sampler = openChips(device, cleanWeights(tensors), seed, reference?.weights);
  try {
    const baked = bakeWeights(model, await sampler.chip(chip));
    const drawnOn = reference ? `, drawn on the weights of ${nameOf(reference)}` : '';
    const origin = `device ${device.spec}, seed ${seed}, chip ${chip}${drawnOn}`;
    await writeModel(file, setMetadata(baked, 'temper.chip', origin), { prove: proofOf(file) });
  } finally {
    await sampler.release();
  }
}
