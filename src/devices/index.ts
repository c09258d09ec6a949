/** Every device Temper knows. To add one: a file like gaussian.ts, and its line here. */
import { TemperError } from '../errors.js';
import type { Device, DeviceKind } from './device.js';
import { gaussian } from './gaussian.js';
import { describeParameter } from './parameter.js';

export type { Device, DeviceKind, Landmark, Moments } from './device.js';

export const devices: readonly DeviceKind[] = [gaussian];

/** The device of a spec such as `gaussian:0.1:relative`. Throws TemperError('usage') with every problem. */
export function parseDevice(spec: string): Device {
  const [name, ...parts] = spec.trim().split(':');
  const kind = devices.find((candidate) => candidate.name === name);
  if (!kind) {
    const known = devices.map((device) => `${device.name} (${device.examples.join(', ')})`).join('; ');
    throw new TemperError('usage', { what: `unknown device "${spec}"`, hint: `devices are ${known}` });
  }
  return kind.create(parts);
}

/** The table of docs/devices.md, in Markdown, built from the definitions. */
export function devicesText(): string {
  return devices
    .map((device) => {
      const parameters = Object.entries(device.parameters).map(([name, parameter]) => {
        const fallback = parameter.default === undefined ? '' : `, default ${parameter.default}`;
        return `| \`${describeParameter(name, parameter).replaceAll('|', ', ')}\` | ${parameter.summary.replaceAll('|', '\\|')}${fallback} |`;
      });
      return [
        `## ${device.name}`,
        `${capital(device.summary)}.`,
        ['| parameter | meaning |', '|---|---|', ...parameters].join('\n'),
        `Examples: ${device.examples.map((example) => `\`${example}\``).join(', ')}.`,
        `Source: ${device.citation}.`,
        `Not modelled: ${device.notModelled.join('; ')}.`,
      ].join('\n\n');
    })
    .join('\n\n');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
