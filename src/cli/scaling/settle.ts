/** The scaling of the input that a command works with: chosen, tried on a few examples, and doubted or refused if it is wrong. */
import type { Dataset } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import type { Model } from '../../onnx/model.js';
import type { Findings } from '../findings.js';
import { chooseScaling, type ScalingValues } from './choose.js';
import { type ProposeOptions, proposeScaling } from './propose.js';

export interface SettledScaling {
  normalization: Normalization;
  notes: string[];
}

/** Undefined if the options say nothing usable, or there is nothing to scale; what is wrong with it is among the `findings`. */
export async function settleScaling(
  findings: Findings,
  values: ScalingValues & { input: string },
  model: Model | undefined,
  data: Dataset | undefined,
  options: ProposeOptions,
): Promise<SettledScaling | undefined> {
  if (!model || !data) return undefined;
  const chosen = await findings.from(() => chooseScaling(values, model, data));
  if (chosen === undefined) return undefined;
  const doubts = await findings.from(() => proposeScaling(chosen, values.input, data, options));
  return { normalization: chosen.normalization, notes: [...chosen.notes, ...(doubts ?? [])] };
}
