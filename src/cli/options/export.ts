/** How the weights are stored in the exported file. */
import type { ExportOptions } from '../../export/exportModel.js';
import { defaultRange } from '../../mapping/conductance.js';
import { type Condition, choice, flag, type OptionValues, real } from '../parse/option.js';

const coded: Condition = { said: '--bits', holds: ({ bits }) => bits !== undefined };

export const exportOptions = {
  bits: choice('store crossbar weights as codes of this many bits; left out, as floats', ['8', '4'], {}),
  scales: choice('one scale for each output channel, or for each tensor', ['channel', 'tensor'], {
    default: 'channel',
    when: coded,
  }),
  'fold-batch-norm': flag('fold batch normalization into the layers before it'),
  'g-min': real('lowest conductance of a device, microsiemens', { default: defaultRange.gMin, when: coded }),
  'g-max': real('highest conductance of a device, microsiemens', { default: defaultRange.gMax, when: coded }),
};

/** Values of the command line as options of the stage. */
export function exportSettings(values: OptionValues<typeof exportOptions>): ExportOptions {
  return {
    ...(values.bits !== undefined && { bits: values.bits === '8' ? 8 : 4 }),
    scales: values.scales,
    foldBatchNorm: values['fold-batch-norm'],
    conductance: { gMin: values['g-min'], gMax: values['g-max'] },
  };
}
