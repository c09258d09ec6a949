/** Writes a model that onnxruntime opens. */
import type { Model } from '../onnx/model.js';
import { type WrittenModel, writeModel as writeFile } from '../onnx/writeFile.js';
import { type ProofOptions, proofOf } from '../runtime/proof.js';

/**
 * The file appears complete or not at all, beyond 2 GiB with its large tensors in `PATH.data` beside it, and only if onnxruntime
 * opens it or could not open the source either. Throws TemperError('io'), or 'model' for what it cannot open.
 */
export function writeModel(path: string, model: Model, options: ProofOptions = {}): Promise<WrittenModel> {
  return writeFile(path, model, { prove: proofOf(path, options) });
}
