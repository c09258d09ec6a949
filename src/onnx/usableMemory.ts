/** How much memory there is: what is larger is refused before it is read. */
import { totalmem } from 'node:os';

/** Bytes that this process may use; a container may be given less than the machine has. */
export function usableMemory(): number {
  const allowed = process.constrainedMemory?.() ?? 0;
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}
