/** The model that went in is read again by every stage that judges it: it must still be the file that the run began with. */
import type { ModelFile } from '../../onnx/file.js';
import * as file from '../../onnx/replaced.js';

/** Throws TemperError('io') if a file that was read as the pretrained model is another one now. */
export function refuseReplaced(
  pretrained: Pick<ModelFile, 'path' | 'sha256'>,
  read: { path?: string | undefined; sha256: string } | undefined,
): void {
  file.refuseReplaced(
    pretrained,
    read,
    'put the model back and start the same command again, or give another --out for the new one',
  );
}
