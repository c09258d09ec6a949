/** A model file under another name as well: the very bytes, if they are those that are meant. */
import { createHash } from 'node:crypto';
import { TemperError } from '../errors.js';
import { ioError } from '../files/ioError.js';
import { writeWhole } from '../files/write.js';
import { decodeModel } from './codec.js';
import { readModelFile, readRegular } from './file.js';
import type { Model } from './model.js';
import { mapTensors } from './tensors.js';
import { updateHash, writeModel } from './writeFile.js';

/**
 * Writes to `to` what lies at `from`, whole or not at all. A model with external data is written anew, for it names the file that
 * they lie in; its values are the same.
 * @param sha256 of the file that is meant, with its external data
 * @returns what was copied, and the digest of what was written
 */
export async function copyModel(
  from: string,
  to: string,
  sha256: string,
): Promise<{ model: Model; sha256: string }> {
  const bytes = await readRegular(from).catch((cause) => {
    throw ioError('read', from, cause);
  });
  const model = decodeModel(bytes);
  if (hasExternal(model)) {
    const file = await readModelFile(from);
    requireSame(from, sha256, file.sha256);
    const written = await writeModel(to, file.model);
    return { model: file.model, sha256: written.sha256 };
  }
  const hash = createHash('sha256');
  updateHash(hash, bytes);
  requireSame(from, sha256, hash.digest('hex'));
  await writeWhole(to, bytes);
  return { model, sha256 };
}

function hasExternal(model: Model): boolean {
  let found = false;
  mapTensors(model, (tensor) => {
    found ||= tensor.dataLocation === 1;
    return tensor;
  });
  return found;
}

function requireSame(where: string, meant: string, found: string): void {
  if (meant === found) return;
  throw new TemperError('io', {
    what: `this is not the file that was judged: SHA-256 ${meant.slice(0, 8)}… then, ${found.slice(0, 8)}… now`,
    where,
    hint: 'start the same command again: it is made and judged anew',
  });
}
