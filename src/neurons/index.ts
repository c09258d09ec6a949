/** Every neuron model Temper knows. To add one: a file like integrateAndFire.ts, and its line here. */
import { TemperError } from '../errors.js';
import { integrateAndFire } from './integrateAndFire.js';
import type { NeuronDefinition } from './neuron.js';

export type { NeuronDefinition, NeuronOutput } from './neuron.js';

export const neurons: readonly NeuronDefinition[] = [integrateAndFire];

/** The neuron of that name. Throws TemperError('usage') with the known ones. */
export function neuronNamed(name: string): NeuronDefinition {
  const found = neurons.find((neuron) => neuron.name === name);
  if (found) return found;
  const known = neurons.map((neuron) => `${neuron.name} (${neuron.summary})`).join(', ');
  throw new TemperError('usage', { what: `unknown neuron "${name}"`, hint: `neurons are ${known}` });
}
