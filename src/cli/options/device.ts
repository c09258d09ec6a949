/** The hardware, and how many chips of it are sampled. */
import { parseDevice } from '../../devices/index.js';
import { list, numbers, text, whole } from '../parse/option.js';

const describe =
  'the device: gaussian:S adds noise of S x the largest weight of a tensor (see docs/devices.md)';
const check = (spec: string) => void parseDevice(spec);

/** One device: what a model is hardened against. */
export const deviceOptions = {
  device: text(describe, { value: 'SPEC', default: 'gaussian:0.1', check }),
};

/** One or more devices: what a model is verified on. */
export const devicesOptions = {
  device: list(`${describe}; may be given several times`, {
    value: 'SPEC',
    default: ['gaussian:0.1'],
    check,
  }),
};

/** More would say nothing new, and every draw is kept in the report. */
const mostDraws = 1e6;

/** To show what noise does. */
export const drawOptions = {
  draws: whole('chips sampled of each device', { minimum: 1, maximum: mostDraws, default: 20 }),
};

/** To vouch for it: the worst of 59 chips bounds what 95 % of all chips reach, with 95 % confidence. */
export const verdictDrawOptions = {
  draws: whole('chips sampled of each device; from 59 on they speak of 95 % of all chips', {
    minimum: 1,
    maximum: mostDraws,
    default: 59,
  }),
};

export const levelOptions = {
  levels: numbers('noise levels to verify at, as multiples of the device', { default: [0.5, 1, 1.5] }),
};

export const seedOptions = {
  seed: whole('seed of all random numbers', { maximum: Number.MAX_SAFE_INTEGER, default: 0 }),
};
