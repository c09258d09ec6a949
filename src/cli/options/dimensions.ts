/** Extents that a model leaves open. */
import { type Problem, TemperError } from '../../errors.js';
import type { Dimensions } from '../../import/dimensions.js';
import { list } from '../parse/option.js';

export const dimensionOptions = {
  dim: list(
    'fixes an extent that the model leaves open beside the batch, by its name or as INPUT:AXIS; may be repeated',
    { value: 'NAME=N', check: (text) => void dimensionsOf([text]) },
  ),
};

/** Throws TemperError('usage') for everything that is no NAME=N, or a second value for one name. */
export function dimensionsOf(given: readonly string[] = []): Dimensions {
  const dimensions = new Map<string, number>();
  const problems: Problem[] = [];
  for (const text of given) {
    const [, name, digits] = /^(.+)=(\d+)$/s.exec(text) ?? [];
    const extent = Number(digits);
    if (name === undefined || !Number.isSafeInteger(extent) || extent < 1)
      problems.push({ what: `--dim ${text}: not NAME=N with a whole number from 1 on` });
    else if ((dimensions.get(name) ?? extent) !== extent)
      problems.push({ what: `--dim gives ${name} both ${dimensions.get(name)} and ${extent}` });
    else dimensions.set(name, extent);
  }
  if (problems.length > 0) throw new TemperError('usage', problems);
  return dimensions;
}
