/** A result that is worse than its source under the noise it was trained for is not named hardened.onnx (result.ts). */
import { readFile } from 'node:fs/promises';
import { type Problem, TemperError } from '../../errors.js';
import { percent } from '../../report/words.js';
import type { VerifyReport, VerifyRun } from '../../verify/report/report.js';
import { lowerIsBetter, type Measure, measures } from '../../verify/statistics/measures.js';
import type { Context } from './stages.js';

/** Worse by more than this many standard errors of the difference, over chips and examples: less may be luck. */
const beyond = 2;

/**
 * The reason to reject, if there is one. A spiking network is never rejected: its source is no spiking network, and what the
 * conversion costs stands in the report.
 */
export async function whyRejected({ folder, device, values }: Context): Promise<Problem | undefined> {
  if (values.snn) return undefined;
  const [before, after] = await Promise.all(
    (['checkpoint/before.json', 'checkpoint/after.json'] as const).map(
      async (name): Promise<VerifyReport> => JSON.parse(await readFile(folder.file(name), 'utf8')),
    ),
  );
  const problem = worse(trainedFor(before!, device), trainedFor(after!, device), after!.data.count);
  return problem && { ...problem, where: folder.file('rejected.onnx') };
}

export function refuseRejected(problem: Problem | undefined): void {
  if (problem) throw new TemperError('requirement', problem);
}

/** At the noise that was trained for; where that level was not verified, at the strongest. */
function trainedFor({ runs }: VerifyReport, device: string): VerifyRun {
  return runs.find((run) => run.device === device) ?? runs.at(-1)!;
}

/**
 * Compares the same chips of both. What each of the `examples` scored is not kept: a share d of them that was lost has a variance
 * of at least d / examples (McNemar), which is taken.
 */
export function worse(before: VerifyRun, after: VerifyRun, examples: number): Problem | undefined {
  const measure = measures.find((name) => before.draws.some((draw) => draw[name] !== undefined));
  if (measure === undefined) return undefined;
  const losses = after.draws.flatMap((draw, chip) => {
    const [result, source] = [draw[measure], before.draws[chip]?.[measure]];
    if (source === undefined) return [];
    // A chip whose outputs are no numbers any more has lost everything it had.
    if (result === undefined) return [Number.POSITIVE_INFINITY];
    return [lowerIsBetter(measure) ? result - source : source - result];
  });
  const count = losses.length;
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / count;
  const squares = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0);
  const overChips = count > 1 ? squares / (count - 1) / count : 0;
  const overExamples = measure === 'mse' ? 0 : Math.abs(mean) / examples;
  const error = Math.sqrt(overChips + overExamples);
  if (!(mean > beyond * error) && mean !== Number.POSITIVE_INFINITY) return undefined;
  return {
    what: `the result is worse than the model that went in: ${said(before, measure)} before, ${said(after, measure)} after, mean over the same ${count} chips of ${after.device}`,
    hint: 'more epochs or examples, a lower --learning-rate, --clip 0, fewer weights as codes (--bits 8 or none), or leave the model as it is',
  };
}

function said(run: VerifyRun, measure: Measure): string {
  const mean = run[measure]?.mean;
  if (mean === undefined) return 'no numbers';
  return measure === 'mse' ? `squared error ${mean.toPrecision(3)}` : percent(mean);
}
