/** A folder that a command works in, and no other with it. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { failing } from '../../files/ioError.js';
import { type Lock, takeLock } from '../../files/lock.js';
import type { Terminal } from '../terminal/terminal.js';

export const lockName = 'lock';

/** Makes the folder if need be. Throws TemperError('io') if another process works in it. */
export async function lockFolder(
  path: string,
  { tell, signal }: { tell?: ((text: string) => void) | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Lock> {
  await mkdir(path, { recursive: true }).catch(failing('make', path));
  return takeLock(join(path, lockName), { tell, signal });
}

/** The terminal for work under a lock: losing it ends the work as Ctrl-C does. */
export function underLock(terminal: Terminal, { signal }: Pick<Lock, 'signal'>): Terminal {
  return { ...terminal, signal: AbortSignal.any([terminal.signal, signal]) };
}
