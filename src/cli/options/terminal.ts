/** How much is said. */
import { flag } from '../parse/option.js';

/** For commands whose results are no JSON. */
export const failureOptions = {
  json: flag('failures as JSON on standard output, with every problem there is'),
};

export const terminalOptions = {
  quiet: flag('no progress'),
};
