/** Options of `temper harden`: those of its stages, and those of its run folder. */
import { type Condition, flag, text, whole } from '../parse/option.js';
import { apartOptions } from './apart.js';
import { conversionOptions } from './conversion.js';
import { dataOptions } from './data.js';
import { deviceOptions, drawOptions, levelOptions, seedOptions } from './device.js';
import { digitalOptions } from './digital.js';
import { dimensionOptions } from './dimensions.js';
import { exportOptions } from './export.js';
import { rivalOptions } from './rivals.js';
import { failureOptions, terminalOptions } from './terminal.js';
import { threadOptions } from './threads.js';
import { trainingOptions } from './training.js';

export const hardenOptions = {
  ...dataOptions,
  ...dimensionOptions,
  out: text('folder of the run; starting again on it goes on where it stopped', {
    value: 'DIR',
    alias: 'o',
    required: true,
  }),
  ...deviceOptions,
  ...digitalOptions,
  ...trainingOptions,
  snn: flag('convert the trained model into a spiking network'),
  ...conversionOptions,
  ...exportOptions,
  ...rivalOptions,
  ...drawOptions,
  ...levelOptions,
  limit: whole('verify on N test examples only, a sample in which every class keeps its share', {
    minimum: 1,
  }),
  ...seedOptions,
  ...threadOptions,
  recipe: text(
    'take options from the recipe.json of another run; refused if model, data or what the options stand for have changed',
    { value: 'FILE' },
  ),
  'allow-changed': {
    ...flag('go on with a recipe although something has changed; the report says what'),
    when: { said: '--recipe', holds: ({ recipe }) => recipe !== undefined } satisfies Condition,
  },
  ...apartOptions,
  fresh: flag('discard what an earlier run left in the folder'),
  ...terminalOptions,
  ...failureOptions,
};
