/**
 * The scaling of the input that a command works with: chosen, tried on a few examples, and doubted or refused if it is wrong. No
 * stranger's model is run here before it has survived the same examples in a process apart.
 */
import type { Dataset } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import type { Model } from '../../onnx/model.js';
import type { Findings } from '../open/findings.js';
import { type RehearsedValues, rehearsed } from '../open/rehearsed.js';
import { chooseScaling, type ScalingValues } from './choose.js';
import { candidatesOf, type ProposeOptions, proposeScaling } from './propose.js';

export interface SettledScaling {
  normalization: Normalization;
  notes: string[];
}

/** Undefined if the options say nothing usable, or there is nothing to scale; what is wrong with it is among the `findings`. */
export async function settleScaling(
  findings: Findings,
  values: ScalingValues & RehearsedValues & { input: string },
  model: Model | undefined,
  data: Dataset | undefined,
  options: ProposeOptions,
): Promise<SettledScaling | undefined> {
  const { signal } = options;
  const chosen = model && data && (await findings.from(() => chooseScaling(values, model, data)));
  const normalizations = chosen && candidatesOf(chosen, data!).map(({ normalization }) => normalization);
  const tried = { values, dataset: data, ...(normalizations && { normalizations }), signal };
  const runnable = await rehearsed(findings, values.input, model, tried);
  if (!runnable || !data || !chosen) return undefined;
  const doubts = await findings.from(() => proposeScaling(chosen, values.input, data, options));
  return { normalization: chosen.normalization, notes: [...chosen.notes, ...(doubts ?? [])] };
}
