/** How parameters do on examples of the validation split: without noise, and on the validation chips. */
import type { Validation } from './history.js';
import type { HostTensors } from './host.js';
import type { RowWatch } from './probabilities.js';
import type { Run } from './run.js';
import { networkValues, roundedValues } from './state.js';

/**
 * Accuracy without noise, and with the examples spread over the chips: each example is judged on one of them, so that
 * chips cost no more than one of them would.
 */
export async function validate(
  run: Run,
  state: HostTensors,
  examples: Uint32Array,
  watch?: RowWatch,
): Promise<Validation> {
  const parameters = judgedParameters(run, state);
  const clean = await run.measure(parameters, examples, watch);
  if (!run.chips) return { clean };
  const chips = Math.min(run.settings.validationChips, examples.length);
  const sums = { loss: 0, accuracy: 0, top5: 0 };
  for (let chip = 0; chip < chips; chip++) {
    const share = examples.filter((_, position) => position % chips === chip);
    const measured = await run.measure(await run.chips.program(parameters, chip), share);
    for (const key of ['loss', 'accuracy', 'top5'] as const) sums[key] += (measured[key] ?? 0) * share.length;
  }
  const mean = (key: keyof typeof sums) => clean[key] !== undefined && { [key]: sums[key] / examples.length };
  return { clean, noisy: { loss: sums.loss / examples.length, ...mean('accuracy'), ...mean('top5') } };
}

/** What the network is judged with: codes are what is programmed. */
export function judgedParameters({ options: { network } }: Run, state: HostTensors): HostTensors {
  return roundedValues(network, networkValues(network, state));
}
