/** The model that went in is read again by every stage that judges it: it must still be the file that the run began with. */
import { TemperError } from '../../errors.js';
import type { Pretrained } from '../open/pretrained.js';

/** Throws TemperError('io') if a file that was read as the pretrained model is another one now. */
export function refuseReplaced(
  { path, sha256 }: Pick<Pretrained, 'path' | 'sha256'>,
  read: { path?: string | undefined; sha256: string } | undefined,
): void {
  if (read?.path !== path || read.sha256 === sha256) return;
  throw new TemperError('io', {
    what: `the model was replaced while the run went on: SHA-256 ${sha256.slice(0, 8)}… at the start, ${read.sha256.slice(0, 8)}… now`,
    where: path,
    hint: 'put the model back and start the same command again, or give another --out for the new one',
  });
}
