/** One thing that is wrong, told in the three lines a user needs: what, where, what to do. */
export interface Problem {
  /** What is wrong, e.g. `unsupported operator Resize (opset 19), mode "cubic"`. */
  what: string;
  /** Where, e.g. `node "up1" (Resize) in model.onnx`. */
  where?: string;
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
    super(list.map(describeProblem).join('\n'), options);
    this.kind = kind;
    this.problems = list;
  }
}

/** `what`, then `at where` and `hint: …` on lines of their own. */
export function describeProblem({ what, where, hint }: Problem): string {
  return [what, where && `  at ${where}`, hint && `  hint: ${hint}`].filter(Boolean).join('\n');
}
