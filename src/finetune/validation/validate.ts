/** How parameters do on examples of the validation split: without noise, and on the validation chips. */

import type { Network } from '../../network/network.js';
import type { HostTensors } from '../step/host.js';
import { roundedValues } from '../step/state.js';
import type { Chips } from './chips.js';
import type { Metrics, Validation } from './metrics.js';
import type { RowWatch } from './probabilities.js';

/** What of a run is needed to validate. */
export interface Validating {
  readonly options: { readonly network: Network };
  readonly settings: { readonly validationChips: number };
  readonly chips: Chips | undefined;
  /** Without noise; `watch` sees the outputs, `outcomes` takes what each example scored. */
  measure(
    parameters: HostTensors,
    indices: Uint32Array,
    also?: { watch?: RowWatch | undefined; outcomes?: Float64Array },
  ): Promise<Metrics>;
}

/**
 * Accuracy without noise, and with the examples spread over the chips: each example is judged on one of them, so that
 * chips cost no more than one of them would.
 * @param values parameters of the network by name, unrounded
 */
export async function validate(
  run: Validating,
  values: HostTensors,
  examples: Uint32Array,
  watch?: RowWatch,
): Promise<Validation> {
  const parameters = programmedParameters(run, values);
  const clean = await run.measure(parameters, examples, { watch });
  if (!run.chips) return { clean };
  const chips = Math.min(run.settings.validationChips, examples.length);
  const shares: [Metrics, number][] = [];
  for (let chip = 0; chip < chips; chip++) {
    const share = examples.filter((_, position) => position % chips === chip);
    shares.push([await run.measure(await run.chips.program(parameters, chip), share), share.length]);
  }
  return { clean, noisy: meanOf(shares) };
}

/** What each example scored on each chip. */
export interface Outcomes {
  readonly validation: Validation;
  /** By chip, then by example (score.ts). */
  readonly byChip: readonly Float64Array[];
}

/** As `validate`, but with every example on every chip: dearer, for the few that are left. */
export async function validateOnEveryChip(
  run: Validating,
  values: HostTensors,
  examples: Uint32Array,
): Promise<Outcomes> {
  const parameters = programmedParameters(run, values);
  const clean = await run.measure(parameters, examples);
  const byChip: Float64Array[] = [];
  const means: [Metrics, number][] = [];
  for (let chip = 0; run.chips && chip < run.settings.validationChips; chip++) {
    const outcomes = new Float64Array(examples.length);
    means.push([await run.measure(await run.chips.program(parameters, chip), examples, { outcomes }), 1]);
    byChip.push(outcomes);
  }
  return { validation: { clean, ...(means.length > 0 && { noisy: meanOf(means) }) }, byChip };
}

/** What is programmed: codes, where the file stores codes. */
export function programmedParameters(
  { options: { network } }: Pick<Validating, 'options'>,
  values: HostTensors,
): HostTensors {
  return roundedValues(network, values);
}

/** Of values with their weights. */
function meanOf(parts: readonly (readonly [Metrics, number])[]): Metrics {
  const whole = parts.reduce((sum, [, weight]) => sum + weight, 0);
  const mean = (key: keyof Metrics) =>
    parts.reduce((sum, [measured, weight]) => sum + (measured[key] ?? 0) * weight, 0) / whole;
  const known = (key: 'accuracy' | 'top5') => parts[0]![0][key] !== undefined && { [key]: mean(key) };
  return { loss: mean('loss'), ...known('accuracy'), ...known('top5') };
}
