/** What came of all files of a run. */
import type { Verdict } from './nursery.js';

/** Reasons that speak of our code instead of the file: the refusal holds, but tells its reader nothing. */
const accidental =
  /Cannot read|is not a function|is not iterable|Invalid (typed )?array|call stack|undefined|BigInt/;

export class Summary {
  readonly failures: Verdict[] = [];
  private files = 0;
  private readonly outcomes: Record<string, number> = {};
  private readonly unclear = new Map<string, { count: number; first: number }>();
  private slowest: Pick<Verdict, 'index' | 'mutation' | 'milliseconds'> | undefined;
  private milliseconds = 0;
  private peak = 0;

  add(verdict: Verdict): void {
    const { index, mutation, milliseconds, failure, reason } = verdict;
    this.files++;
    const outcome = failure === undefined ? verdict.kind : failure.split(':')[0]!;
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
    if (failure !== undefined) this.failures.push(verdict);
    else if (accidental.test(reason)) {
      const known = this.unclear.get(reason) ?? { count: 0, first: index };
      this.unclear.set(reason, { ...known, count: known.count + 1 });
    }
    this.milliseconds += milliseconds;
    this.peak = Math.max(this.peak, verdict.peak);
    if (milliseconds > (this.slowest?.milliseconds ?? 0)) this.slowest = { index, mutation, milliseconds };
  }

  figures() {
    return {
      outcomes: this.outcomes,
      failures: this.failures.map(({ index, mutation, failure, reason }) => ({
        index,
        mutation,
        failure,
        reason,
      })),
      slowest: this.slowest,
      meanMilliseconds: this.milliseconds / this.files,
      peakMiB: Math.round(this.peak / 2 ** 20),
      unclear: [...this.unclear].map(([reason, found]) => ({ reason, ...found })),
    };
  }

  text(): string {
    const { outcomes, slowest, meanMilliseconds, peakMiB, unclear } = this.figures();
    const counts = Object.entries(outcomes).map(
      ([outcome, count]) => `${String(count).padStart(7)} ${outcome}`,
    );
    const words = unclear.reduce((sum, { count }) => sum + count, 0);
    return [
      `${this.files} files:`,
      ...counts,
      `mean ${meanMilliseconds.toFixed(1)} ms, slowest ${slowest?.milliseconds.toFixed(0)} ms (file ${slowest?.index}: ${slowest?.mutation})`,
      `largest process ${peakMiB} MiB`,
      `${words} refusals in words of the code, of ${unclear.length} kinds`,
      `${this.failures.length} failed`,
    ].join('\n');
  }
}
