/** Which scaling of the input a command uses: as its options say, else as the file states it, else none. */
import type { Dataset } from '../../data/dataset.js';
import { type Normalization, unitScale } from '../../data/normalize.js';
import { onScaleOf, pixelScale, sameNormalization, scalings } from '../../data/scalings.js';
import { TemperError } from '../../errors.js';
import type { Model } from '../../onnx/model.js';
import type { dataOptions } from '../options/data.js';
import type { OptionValues } from '../parse/option.js';
import { imageNotes, type StatedScaling, statedScaling } from './stated.js';

export interface ChosenScaling {
  normalization: Normalization;
  /** The user said so; what the file states or leaves open may be refused (propose.ts). */
  given: boolean;
  /** What the file states, for these data. */
  stated: Normalization | undefined;
  notes: string[];
}

export type ScalingValues = Pick<OptionValues<typeof dataOptions>, 'mean' | 'std' | 'scaling'>;

/** Throws TemperError('usage') for `--scaling stated` of a file that states nothing. */
export function chooseScaling(values: ScalingValues, model: Model, data: Dataset): ChosenScaling {
  const source = statedScaling(model);
  const stated = source && forData(source, data);
  const given = givenScaling(values, data, stated);
  const normalization = given ?? stated ?? unitScale;
  const notes = imageNotes(model);
  if (stated && sameNormalization(stated, normalization)) {
    if (given === undefined && !sameNormalization(stated, unitScale))
      notes.push(`The input is scaled as the file states it (${source.by}): ${asOptions(stated)}.`);
  } else if (stated) {
    notes.push(
      `The model says it was trained with ${asOptions(stated)} (${source.by}); used here: ${asOptions(normalization)}.`,
    );
  }
  return { normalization, given: given !== undefined, stated, notes };
}

function givenScaling(
  { mean, std, scaling }: ScalingValues,
  data: Dataset,
  stated: Normalization | undefined,
): Normalization | undefined {
  if (mean !== undefined || std !== undefined)
    return { mean: mean ?? unitScale.mean, std: std ?? unitScale.std };
  if (scaling === undefined) return undefined;
  if (scaling !== 'stated') return onScaleOf(data, scalings.find(({ name }) => name === scaling)!);
  if (stated) return stated;
  throw new TemperError('usage', {
    what: '--scaling stated: the file does not state how its input is scaled',
    hint: `give --mean and --std, or one of ${scalings.map(({ name }) => name).join(', ')}`,
  });
}

/** What is said of pixels says nothing of values that are none. */
function forData({ normalization, ofPixels }: StatedScaling, data: Dataset): Normalization | undefined {
  if (ofPixels && pixelScale(data) === undefined) return undefined;
  return onScaleOf(data, { name: 'stated', normalization });
}

export function asOptions({ mean, std }: Normalization): string {
  return `--mean ${mean} --std ${std}`;
}
