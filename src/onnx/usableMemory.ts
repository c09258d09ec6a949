import { totalmem } from 'node:os';

/** Bytes of memory that this process may use; a container may be given less than the machine has. */
export function usableMemory(): number {
  const allowed = process.constrainedMemory?.() ?? 0;
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}
