/** The same device at other noise levels: its `sigma` multiplied. */
import { parseDevice } from '../../devices/index.js';
import { TemperError } from '../../errors.js';

/** Digits kept, so that 3 x 0.1 is written 0.3. */
const significant = 12;

/** Canonical specs of `spec` at multiples of its sigma, in ascending order, none twice. Throws TemperError('usage'). */
export function deviceLevels(spec: string, factors: readonly number[]): string[] {
  const { name, parameters } = parseDevice(spec);
  const { sigma } = parameters;
  const wrong = factors.filter((factor) => !(factor >= 0));
  if (wrong.length > 0)
    throw new TemperError('usage', { what: `--levels ${wrong.join(',')}: levels are at least 0` });
  if (typeof sigma !== 'number') {
    if (factors.every((factor) => factor === 1)) return [parseDevice(spec).spec];
    throw new TemperError('usage', {
      what: `device ${spec} has no sigma to multiply`,
      hint: 'give --levels 1',
    });
  }
  const specs = [...factors]
    .sort((a, b) => a - b)
    .map((factor) => {
      const scaled = { ...parameters, sigma: Number((sigma * factor).toPrecision(significant)) };
      const parts = Object.entries(scaled).map(([key, value]) => `${key}=${value}`);
      return parseDevice([name, ...parts].join(':')).spec;
    });
  return [...new Set(specs)];
}
