/** What is wrong, as a value. Problems hold names of strangers as they are; whoever puts them into words makes them harmless. */
import { shortText } from './text/shorten.js';
import { visibleLine } from './text/visible.js';

/** One thing that is wrong, told in the three lines a user needs: what, where, what to do. */
export interface Problem {
  /** What is wrong, e.g. `unsupported operator Resize (opset 19), mode "cubic"`. */
  what: string;
  /** Where, e.g. `node "up1" (Resize) in model.onnx`. */
  where?: string;
  /** Lines that belong below it, such as a table. */
  details?: readonly string[];
  /** What the user can do about it. */
  hint?: string;
}

/** Why Temper stopped; each kind has its own exit code (see `exitCodes`). */
export type ErrorKind = 'requirement' | 'usage' | 'model' | 'io' | 'interrupted';

export const exitCodes: Record<ErrorKind, number> = {
  requirement: 1,
  usage: 2,
  model: 3,
  io: 4,
  interrupted: 130,
};

/** An expected failure. It carries every problem found, never only the first one. Anything else thrown is a bug (exit 70). */
export class TemperError extends Error {
  override readonly name = 'TemperError';
  readonly kind: ErrorKind;
  readonly problems: readonly Problem[];

  constructor(kind: ErrorKind, problems: Problem | readonly Problem[], options?: ErrorOptions) {
    const list = 'what' in problems ? [problems] : problems;
    super(describeProblems(list), options);
    this.kind = kind;
    this.problems = list;
  }
}

/** Told one by one before the rest is only counted: who mends the first ones will meet the others again. */
export const problemsTold = 20;

/** Every problem of a short list; of a long one the first, and how many there are besides. */
export function describeProblems(problems: readonly Problem[]): string {
  const rest = problems.length - problemsTold;
  const told = problems.slice(0, problemsTold).map(describeProblem);
  return [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n');
}

/** `what`, then details, `at where` and `hint: …` on lines of their own. No name in them, however long or odd, makes lines. */
export function describeProblem({ what, details = [], where, hint }: Problem): string {
  return [what, ...details, where && `  at ${where}`, hint && `  hint: ${hint}`]
    .filter((line) => line !== undefined && line !== '')
    .map((line) => visibleLine(shortText(line!.trimEnd())))
    .join('\n');
}

/** Problems of a file: each with where in it, and with the file. */
export function problemsIn(file: string, problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({
    ...problem,
    where: problem.where ? `${problem.where} in ${file}` : file,
  }));
}

/** Of what is not found. */
export const missingHint =
  'nothing is there: was it moved or renamed? relative paths begin at the folder in which temper was started';

const readHints: Record<string, string> = {
  ENOENT: missingHint,
  ENOTDIR: 'a part of the path is not a folder',
  EACCES: 'it may not be read: change its permissions',
  EISDIR: 'it is a folder: give a file',
};

/** What to do about something that cannot be read, by what the system says. To be spread into a problem. */
export function readHint(cause: unknown): Pick<Problem, 'hint'> {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const hint = readHints[code];
  return hint === undefined ? {} : { hint };
}
