/** How much is said. */
import { flag } from '../option.js';

export const terminalOptions = {
  quiet: flag('no progress'),
};
