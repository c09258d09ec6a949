/**
 * After training: what the result is. Between the network as it came and the best epoch lies a line of networks that trade what
 * noise costs against what robustness costs (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022, there for
 * shifts of the data): start + share (epoch - start), for the network as it came and clipped. The best of them under noise that
 * loses no more without it than it may, is held against clipping alone and against the network as it came.
 */
import { float32 } from '../../compile/index.js';
import { TemperError } from '../../errors.js';
import type { Choice, Decision, History, Validation, WeightInterpolation } from '../history/history.js';
import type { Run } from '../run/run.js';
import { type Clip, noClip } from '../step/clips.js';
import type { HostTensors } from '../step/host.js';
import { isWithin, meritOf, outdoes } from '../validation/merit.js';
import { type Outcomes, validate, validateOnEveryChip } from '../validation/validate.js';
import { examplesFor } from './examples.js';
import { clippedNetwork } from './start.js';

const shares = [0.15, 0.3, 0.5, 0.7, 0.85];
/** Standard errors by which training must be ahead of what is simpler (Breiman et al., CART, 1984): less may be luck. */
const beyond = 1;

/** Whether there is something to decide by. */
export function leavesDecision({ chips, validation }: Run, { records }: History): boolean {
  return chips !== undefined && validation.length > 0 && records.length > 0;
}

/** @param epoch values of the best epoch, by parameter name. Throws TemperError('interrupted') where the signal of the run fires. */
export async function decide(run: Run, { choice }: History, epoch: HostTensors): Promise<Decision> {
  const { cleanDrop } = run.settings;
  const examples = examplesFor(run);
  const start = await validate(run, clippedNetwork(run, noClip), examples);
  const interpolations: WeightInterpolation[] = [];
  for (const { clip, share } of candidates(run, choice!)) {
    refuseInterrupted(run);
    const values = interpolated(clippedNetwork(run, clip), epoch, share);
    const interpolation = { clip, share, validation: await validate(run, values, examples) };
    interpolations.push(interpolation);
    run.report({ kind: 'interpolated', interpolation });
  }
  const within = ({ validation }: WeightInterpolation) => isWithin(validation, start, cleanDrop);
  const trained = bestOf(interpolations.filter(within));

  const onEveryChip = async (values: HostTensors): Promise<Outcomes> => {
    refuseInterrupted(run);
    return validateOnEveryChip(run, values, examples);
  };
  const source = await onEveryChip(clippedNetwork(run, noClip));
  const { alone } = choice!;
  const cut = alone.multiple > 0 ? await onEveryChip(clippedNetwork(run, alone)) : undefined;
  const clips = cut && isWithin(cut.validation, source.validation, cleanDrop) && isBetter(cut, source);
  const untrained = clips ? cut : source;
  const made = trained && (await onEveryChip(resultValues(run, trained, epoch)));
  const wins = made !== undefined && isAhead(made, untrained);
  const origin = wins ? (trained!.share === 1 ? 'epoch' : 'interpolated') : clips ? 'clipped' : 'source';
  return {
    origin,
    interpolations,
    ...(trained && { trained }),
    finalists: {
      source: source.validation,
      ...(cut && { clipped: cut.validation }),
      ...(made && { trained: made.validation }),
    },
  };
}

/** Values of the network between the clipped source and the epoch, by parameter name. */
export function resultValues(
  run: Run,
  { clip, share }: Pick<WeightInterpolation, 'clip' | 'share'>,
  epoch: HostTensors,
): HostTensors {
  return interpolated(clippedNetwork(run, clip), epoch, share);
}

function candidates(
  { settings }: Run,
  { alone, clip }: Choice,
): Pick<WeightInterpolation, 'clip' | 'share'>[] {
  const itself = { clip, share: 1 };
  if (!settings.interpolate) return [itself];
  // A clip that was given holds for every candidate.
  const clips = settings.clip === 'auto' ? [noClip, alone, clip] : [clip];
  const between = distinct(clips).flatMap((from) => shares.map((share) => ({ clip: from, share })));
  return [itself, ...between];
}

function distinct(clips: readonly Clip[]): Clip[] {
  const nameOf = ({ multiple, per }: Clip) => (multiple === 0 ? '' : `${multiple}:${per}`);
  return [...new Map(clips.map((clip) => [nameOf(clip), clip])).values()];
}

/** Values that do not differ stay as they are, bit for bit. */
function interpolated(from: HostTensors, to: HostTensors, share: number): HostTensors {
  if (share === 1) return to;
  const entries = Object.entries(to).map(([name, { dims, data }]) => {
    const start = from[name]!.data as Float32Array;
    const between = (value: number, i: number) =>
      value === start[i] ? value : start[i]! + share * (value - start[i]!);
    return [name, float32(dims, (data as Float32Array).map(between))] as const;
  });
  return Object.fromEntries(entries);
}

/** The best under noise; the first of equals. */
function bestOf(candidates: readonly WeightInterpolation[]): WeightInterpolation | undefined {
  let best: WeightInterpolation | undefined;
  for (const candidate of candidates) {
    if (!best || outdoes(meritOf(candidate.validation), meritOf(best.validation))) best = candidate;
  }
  return best;
}

function isBetter(a: { validation: Validation }, b: { validation: Validation }): boolean {
  return outdoes(meritOf(a.validation), meritOf(b.validation));
}

/**
 * Whether `a` scores higher than `b` by more than luck: the same examples on the same chips, differences d of chip c and
 * example i. The mean over both varies with the chips and with the examples:
 *   error^2 = var_c(mean_i d) / chips + var_i(mean_c d) / examples
 */
function isAhead(a: Outcomes, b: Outcomes): boolean {
  const differences = a.byChip.map((outcomes, chip) =>
    outcomes.map((outcome, example) => outcome - b.byChip[chip]![example]!),
  );
  const overExamples = differences.map((row) => meanOf(row));
  const count = differences[0]!.length;
  const overChips = Array.from({ length: count }, (_, i) => meanOf(differences.map((row) => row[i]!)));
  const error = Math.sqrt(varianceOfMean(overExamples) + varianceOfMean(overChips));
  // Losses that are not numbers compare as false: what was not trained stays.
  return meanOf(overExamples) > beyond * error;
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Zero for a single value, which tells nothing of its spread. */
function varianceOfMean(values: readonly number[]): number {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return values.length > 1 ? squares / (values.length - 1) / values.length : 0;
}

function refuseInterrupted({ options, totalSteps }: Run): void {
  if (!options.signal?.aborted) return;
  throw new TemperError('interrupted', {
    what: `fine-tuning interrupted after step ${totalSteps} of ${totalSteps}, while the result was decided`,
    ...(options.checkpoint && { hint: 'the same command decides again' }),
  });
}
