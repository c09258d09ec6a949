/**
 * The scaling of the input that a command works with: chosen, tried on a few examples, and doubted or refused if it is wrong. No
 * stranger's model is run here before it has survived the same examples in a process apart.
 */
import type { Dataset } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import type { ModelFile } from '../../onnx/file.js';
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
  values: ScalingValues & RehearsedValues,
  file: ModelFile | undefined,
  data: Dataset | undefined,
  options: ProposeOptions,
): Promise<SettledScaling | undefined> {
  const { signal } = options;
  const chosen = file && data && (await findings.from(() => chooseScaling(values, file.model, data)));
  const normalizations = chosen && candidatesOf(chosen, data!).map(({ normalization }) => normalization);
  const tried = { values, dataset: data, ...(normalizations && { normalizations }), signal };
  const runnable = await rehearsed(findings, file, tried);
  if (!runnable || !data || !chosen) return undefined;
  const doubts = await findings.from(() => proposeScaling(chosen, runnable, data, options));
  return { normalization: chosen.normalization, notes: [...chosen.notes, ...(doubts ?? [])] };
}
