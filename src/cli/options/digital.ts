/** Which layers stay off the crossbar. */
import { list } from '../parse/option.js';

export const digitalOptions = {
  digital: list(
    'layers kept on digital hardware, free of noise and never codes: names of nodes or tensors, or operators, * for anything, separated by commas (\\, stands for one in a name); may be given several times; none: also none of those that the file names',
    { value: 'NAME,…' },
  ),
};

/** Undefined: what the file says. */
export function digitalOf(given: readonly string[] | undefined): string[] | undefined {
  return given
    ?.flatMap((text) => text.split(/(?<!\\),/))
    .map((name) => name.replaceAll('\\,', ',').trim())
    .filter((name) => name !== '');
}
