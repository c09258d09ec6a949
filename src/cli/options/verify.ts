/** Options of `temper verify`. */
import { parseRequirement } from '../../verify/report/requirement.js';
import { choice, list, pair, text, whole } from '../parse/option.js';
import { apartOptions } from './apart.js';
import { judgedDataOptions, limitOptions } from './data.js';
import { devicesOptions, seedOptions, verdictDrawOptions } from './device.js';
import { digitalOptions } from './digital.js';
import { terminalOptions } from './terminal.js';
import { judgeThreadOptions } from './threads.js';

export const verifyOptions = {
  ...judgedDataOptions,
  ...limitOptions,
  ...devicesOptions,
  ...digitalOptions,
  ...verdictDrawOptions,
  ...seedOptions,
  against: text('another model in the same form, judged on the same chips', { value: 'MODEL' }),
  'noise-from': text(
    'draw the noise on the weights of this model, in the same form: the same deviations in absolute units',
    { value: 'MODEL' },
  ),
  require: list(
    'exit code 1 unless this holds: "yield(acc>=0.8)>=0.95" and "p05(acc)>=0.8" speak of all chips with 95 % confidence, mean, min, max, std and clean of those sampled (docs/cli.md, Requirements); may be given several times',
    {
      value: 'CONDITION',
      check: (condition) => void parseRequirement(condition),
    },
  ),
  'write-chip': pair('also write the model of chip N as plain ONNX', 'N FILE'),
  numerics: choice(
    'exact: quantized operators as written; deploy: as onnxruntime fuses them',
    ['exact', 'deploy'],
    {
      default: 'exact',
    },
  ),
  'batch-size': whole('examples judged at once', { minimum: 1, maximum: 1e6 }),
  json: text('write the report as JSON to FILE, or to standard output with -', { value: 'FILE|-' }),
  html: text('write the report as a page to FILE', { value: 'FILE' }),
  ...judgeThreadOptions,
  ...apartOptions,
  ...terminalOptions,
};
