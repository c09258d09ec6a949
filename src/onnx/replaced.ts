/** A model file that is read again, here or in another process, must still be the file that was read first. */
import { TemperError } from '../errors.js';
import type { ModelFile } from './file.js';

const startAgain = 'start the same command again, without touching the model meanwhile';

/**
 * Throws TemperError('io') if a file that was read under the same path is another one.
 * @param now what was read there later
 */
export function refuseReplaced(
  { path, sha256 }: Pick<ModelFile, 'path' | 'sha256'>,
  now: { path?: string | undefined; sha256: string } | undefined,
  hint = startAgain,
): void {
  if (now?.path !== path || now.sha256 === sha256) return;
  throw new TemperError('io', {
    what: `the model was replaced while the run went on: SHA-256 ${sha256.slice(0, 8)}… at the start, ${now.sha256.slice(0, 8)}… now`,
    where: path,
    hint,
  });
}
