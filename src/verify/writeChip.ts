/** The model of one chip as a plain ONNX file: whoever scores it with stock onnxruntime gets that chip's number. */
import type { Model } from '../onnx/model.js';
import { setMetadata } from '../onnx/walk.js';
import { writeModel } from '../onnx/writeFile.js';
import { proofOf } from '../runtime/proof.js';
import { bakeWeights, type Weight } from './bakeWeights.js';
import { type DeviceProgram, openPrinter } from './draws.js';

export interface ChipFile {
  chip: number;
  file: string;
}

/** Throws TemperError('io') if the file cannot be written; it appears complete or not at all. */
export async function writeChip(
  { chip, file }: ChipFile,
  model: Model,
  weights: readonly Weight[],
  device: DeviceProgram,
  seed: number,
): Promise<void> {
  const printer = openPrinter(device, weights, seed);
  try {
    const baked = bakeWeights(model, await printer.chip(chip));
    const origin = `device ${device.spec}, seed ${seed}, chip ${chip}`;
    await writeModel(file, setMetadata(baked, 'temper.chip', origin), { prove: proofOf(file) });
  } finally {
    await printer.release();
  }
}
