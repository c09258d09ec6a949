/** What is in a folder that others made. Nothing is passed over for a name that is no text, or a link that leads nowhere. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Problem, readHint, TemperError } from '../errors.js';

export interface FolderEntry {
  name: string;
  /** Links are followed: a linked folder is one. */
  isFolder: boolean;
}

/**
 * All but what begins with a dot, or only that, in the order the system gives it. Throws TemperError 'io' or 'model' with all it
 * cannot name.
 */
export async function listFolder(
  location: string,
  which: 'plain' | 'dotted' = 'plain',
): Promise<FolderEntry[]> {
  const names = await readdir(location, 'buffer').catch((cause) => {
    const what = `folder ${location} cannot be opened (${cause.code ?? cause})`;
    throw new TemperError('io', { what, ...readHint(cause) }, { cause });
  });
  const seen = names.filter((bytes) => (bytes[0] === '.'.charCodeAt(0)) === (which === 'dotted'));
  const texts: string[] = [];
  const problems: Problem[] = [];
  for (const bytes of seen) {
    const text = textOf(bytes);
    if (text !== undefined) texts.push(text);
    else
      problems.push({
        what: `a name that is no UTF-8: ${shown(bytes)}`,
        where: location,
        hint: 'rename it (convmv does it for whole folders)',
      });
  }
  if (problems.length > 0) throw new TemperError('model', problems);
  const entries = await Promise.all(texts.map((name) => entryOf(location, name)));
  const lost = entries.filter((entry) => 'what' in entry);
  if (lost.length > 0) throw new TemperError('io', lost);
  return entries as FolderEntry[];
}

async function entryOf(location: string, name: string): Promise<FolderEntry | Problem> {
  const path = join(location, name);
  return stat(path).then(
    (status) => ({ name, isFolder: status.isDirectory() }),
    (cause) => ({
      what: `cannot be looked at (${cause.code ?? cause})`,
      where: path,
      ...(cause.code === 'ENOENT' && { hint: 'a link that leads nowhere: remove it' }),
    }),
  );
}

/** Undefined if the bytes are no UTF-8: Node itself would put U+FFFD in their place, and the file could not be opened. */
function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** ASCII as it is, every other byte as `\\xe9`. */
function shown(bytes: Buffer): string {
  return [...bytes]
    .map((byte) =>
      byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
}
