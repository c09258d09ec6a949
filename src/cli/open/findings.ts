/** Collects what is wrong in several places, so that a user hears of all of it at once and before any work. */
import { type ErrorKind, exitCodes, type Problem, TemperError } from '../../errors.js';

export class Findings {
  readonly #problems: Problem[] = [];
  #kind: ErrorKind | undefined;

  /** The result of `work`; undefined if it was refused, with the reasons noted. Bugs and interrupts pass through. */
  async from<T>(work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TemperError) || error.kind === 'interrupted') throw error;
      this.add(error.kind, error.problems);
      return undefined;
    }
  }

  /** Among several kinds the one with the highest exit code is told. */
  add(kind: ErrorKind, problems: readonly Problem[]): void {
    if (problems.length === 0) return;
    const known = new Set(this.#problems.map(keyOf));
    this.#problems.push(...problems.filter((problem) => !known.has(keyOf(problem))));
    if (this.#kind === undefined || exitCodes[kind] > exitCodes[this.#kind]) this.#kind = kind;
  }

  /** Throws one TemperError with everything found, if anything was. */
  refuse(): void {
    if (this.#kind !== undefined) throw new TemperError(this.#kind, this.#problems);
  }
}

function keyOf({ what, where, hint }: Problem): string {
  return JSON.stringify([what, where, hint]);
}
