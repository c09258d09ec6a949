/** What a user is told when the file system refuses. */
import { readHint, TemperError } from '../errors.js';

const hints: Record<string, string> = {
  ENOSPC: 'the disk is full: make room, or give another place',
  EDQUOT: 'your share of the disk is used up: make room, or give another place',
  EROFS: 'the file system is read-only: give another place',
  EACCES: 'you may not write there: give another place, or change its permissions',
  EPERM: 'you may not write there: give another place, or change its permissions',
};

export function ioError(action: string, path: string, cause: unknown): TemperError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const hint = hints[(cause as NodeJS.ErrnoException)?.code ?? ''];
  const advice = action === 'read' ? readHint(cause) : { ...(hint && { hint }) };
  return new TemperError('io', { what: `cannot ${action} ${path}: ${reason}`, ...advice }, { cause });
}

/** For `catch`: errors of the system become what a user is told, all others are passed on. */
export function failing(action: string, path: string): (cause: unknown) => never {
  return (cause) => {
    throw (cause as NodeJS.ErrnoException)?.syscall === undefined ? cause : ioError(action, path, cause);
  };
}
