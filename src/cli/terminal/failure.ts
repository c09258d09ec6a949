/** What a user sees when a command fails: what, where, what to do; a stack only for bugs. */
import { exitCodes, TemperError } from '../../errors.js';
import { shortText } from '../../text/shorten.js';
import { visibleLine } from '../../text/visible.js';
import { problemText } from './problemText.js';

export const bugExitCode = 70;

export interface Failure {
  code: number;
  text: string;
  /** The same for `--json`. */
  json: { schema: 1; error: { kind: string; exitCode: number; problems: object[]; stack?: string } };
}

const ioErrors: Record<string, string> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'is a folder, a file is expected',
  ENOTDIR: 'a part of the path is not a folder',
  ENOSPC: 'no space left on the device',
  EROFS: 'read-only file system',
  EEXIST: 'exists already',
  EMFILE: 'too many open files',
};

export function describeFailure(error: unknown): Failure {
  const known = asTemperError(error);
  if (known) {
    const code = exitCodes[known.kind];
    const text = problemText(known.problems);
    return {
      code,
      text,
      json: { schema: 1, error: { kind: known.kind, exitCode: code, problems: [...known.problems] } },
    };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const what = error instanceof Error ? error.message : String(error);
  const text = ['this is a bug in temper, please report it with the lines below', ...stackLines(stack)].join(
    '\n',
  );
  const json = { kind: 'bug', exitCode: bugExitCode, problems: [{ what }], stack };
  return { code: bugExitCode, text, json: { schema: 1, error: json } };
}

/** The message may hold names of strangers, and lines of theirs: it is one line here, the calls below it are ours. */
function stackLines(stack: string): string[] {
  const [, message = '', calls = ''] = /^([^]*?)((?:\n {4}at .*)*)$/.exec(stack) ?? [];
  return [message, ...calls.split('\n').slice(1)].map((line) => visibleLine(shortText(line)));
}

/** System errors that a stage let through (a missing file, a full disk) and aborted waits are no bugs. */
function asTemperError(error: unknown): TemperError | undefined {
  if (error instanceof TemperError) return error;
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'AbortError')
    return new TemperError('interrupted', { what: 'interrupted' }, { cause: error });
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === undefined || !(code in ioErrors)) return undefined;
  return new TemperError('io', { what: ioErrors[code]!, where: path ?? error.message }, { cause: error });
}
