/** A device that swallows all: one of its own for root, who could do harm to the real one; nobody else can. */
import { execFileSync } from 'node:child_process';

export function nullDevice(path: string): string {
  try {
    execFileSync('mknod', [path, 'c', '1', '3'], { stdio: 'ignore' });
    return path;
  } catch (error) {
    if (process.getuid?.() === 0) throw error;
    return '/dev/null';
  }
}
