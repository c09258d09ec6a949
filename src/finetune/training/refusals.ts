/** Ends runs that lead nowhere: training that diverged, a loss that does not fit the outputs. */
import { TemperError } from '../../errors.js';
import type { Course } from '../course/feeds.js';
import type { Run } from '../run/run.js';
import type { HostTensors } from '../step/host.js';
import { flatState, groupedState, tensorOf } from '../step/stepState.js';
import type { RowWatch } from '../validation/probabilities.js';

/** What was best before it can still be had (diverged.ts). */
export class Divergence extends TemperError {}

const divergenceHint =
  'try a lower learning rate, a warm-up, less noise or a longer ramp; and check --mean and --std';

/** @param losses of the steps first, first + 1, ... */
export function refuseDivergence(
  { totalSteps }: Run,
  { rateAt }: Course,
  losses: Float32Array,
  first: number,
): void {
  const at = losses.findIndex((loss) => !Number.isFinite(loss));
  if (at < 0) return;
  const rate = rateAt(first + at);
  throw new Divergence('model', {
    what: `training diverged: the loss of step ${first + at + 1} of ${totalSteps} is ${losses[at]} (learning rate ${rate.toPrecision(3)})`,
    hint: divergenceHint,
  });
}

/** The loss of a step is that before its update: what the last update does to the parameters shows in no loss. */
export function refuseOverflow(
  { totalSteps, initialState, feeds }: Run,
  { rateAt }: Course,
  step: number,
  state: HostTensors,
): void {
  // Bounds are infinite without a clip.
  const moved = flatState({ ...groupedState(state, feeds.stepOptions.optimizer.slots), bounds: {} });
  const lost = Object.entries(moved).filter(([name, { data }]) => {
    const before = tensorOf(initialState, name).data as Float32Array;
    // What is not finite in the file, such as the -Infinity of a mask, may stay so.
    return (data as Float32Array).some((value, i) => !Number.isFinite(value) && Number.isFinite(before[i]));
  });
  if (lost.length === 0) return;
  const rate = rateAt(step - 1);
  throw new Divergence('model', {
    what: `training diverged: after step ${step} of ${totalSteps} there are values that are not finite in ${lost
      .slice(0, 5)
      .map(([name]) => name)
      .join(', ')} (learning rate ${rate.toPrecision(3)})`,
    hint: divergenceHint,
  });
}

/** The loss over examples after the last step is no number. */
export function divergedAtLast({ totalSteps }: Run, loss: number): Divergence {
  return new Divergence('model', {
    what: `training diverged: the loss after the last step, ${totalSteps}, is ${loss}`,
    hint: divergenceHint,
  });
}

/** `watch` has seen outputs of the network as it came. */
export function refuseProbabilities({ feeds: { stepOptions } }: Run, watch: RowWatch): void {
  if (!watch.sawProbabilitiesOnly()) return;
  throw new TemperError('usage', {
    what: `the output "${stepOptions.objective.value}" looks like probabilities: every row is in 0 ... 1 and sums to 1, but cross-entropy takes logits`,
    hint: 'cut the model at its logits, or use the loss mean-squared-error',
  });
}
