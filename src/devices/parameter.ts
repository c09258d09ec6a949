/**
 * The parameters of a device as written in a spec, `gaussian:0.1:relative` or `gaussian:sigma=0.1:mode=relative`:
 * by position in the order of their declaration, or by name.
 */
import type { Problem } from '../errors.js';

export interface NumberParameter {
  readonly kind: 'number';
  readonly summary: string;
  /** Inclusive limits: the valid range of the model. */
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}

export interface ChoiceParameter<Choice extends string = string> {
  readonly kind: 'choice';
  readonly summary: string;
  readonly choices: readonly Choice[];
  readonly default?: Choice;
}

export type DeviceParameter = NumberParameter | ChoiceParameter;
export type DeviceParameters = Readonly<Record<string, DeviceParameter>>;

/** The values a device sees, typed by its declaration. */
export type ParameterValues<P extends DeviceParameters> = {
  readonly [K in keyof P]: P[K] extends ChoiceParameter<infer Choice> ? Choice : number;
};

export function numberParameter(options: Omit<NumberParameter, 'kind'>): NumberParameter {
  return { kind: 'number', ...options };
}

export function choiceParameter<const Choice extends string>(
  options: Omit<ChoiceParameter<Choice>, 'kind'>,
): ChoiceParameter<Choice> {
  return { kind: 'choice', ...options };
}

/** `sigma (0 ... 1)`, `mode (maximum|relative)`. */
export function describeParameter(name: string, parameter: DeviceParameter): string {
  if (parameter.kind === 'choice') return `${name} (${parameter.choices.join('|')})`;
  return Number.isFinite(parameter.max)
    ? `${name} (${parameter.min} ... ${parameter.max})`
    : `${name} (at least ${parameter.min})`;
}

/** Reads the parts of a spec after the device's name. Problems are collected in `problems`, all of them. */
export function parseParameters(
  parameters: DeviceParameters,
  parts: readonly string[],
  problems: Problem[],
): Record<string, number | string> {
  const written = assign(Object.keys(parameters), parts, problems);
  const values: Record<string, number | string> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const text = written.get(name);
    if (text === undefined && parameter.default === undefined) {
      problems.push({ what: `parameter ${describeParameter(name, parameter)} is missing` });
    }
    const value = text === undefined ? parameter.default : parseValue(name, parameter, text, problems);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** Which text belongs to which parameter. */
function assign(
  names: readonly string[],
  parts: readonly string[],
  problems: Problem[],
): Map<string, string> {
  const written = new Map<string, string>();
  parts.forEach((part, position) => {
    const equals = part.indexOf('=');
    const name = equals < 0 ? names[position] : part.slice(0, equals).trim();
    if (name === undefined || !names.includes(name)) {
      problems.push({ what: `unknown parameter "${part}"`, hint: `parameters are ${names.join(', ')}` });
    } else if (written.has(name)) {
      problems.push({ what: `parameter ${name} is given twice` });
    } else {
      written.set(name, part.slice(equals + 1).trim());
    }
  });
  return written;
}

function parseValue(
  name: string,
  parameter: DeviceParameter,
  text: string,
  problems: Problem[],
): number | string | undefined {
  if (parameter.kind === 'choice') {
    if (parameter.choices.includes(text)) return text;
  } else {
    const value = text === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value) && value >= parameter.min && value <= parameter.max) return value;
  }
  problems.push({ what: `"${text}" is no value for parameter ${describeParameter(name, parameter)}` });
  return undefined;
}

/** The parts of the canonical spec: by position, trailing defaults left out. */
export function writeParameters(
  parameters: DeviceParameters,
  values: Readonly<Record<string, number | string>>,
): string[] {
  const all = Object.entries(parameters);
  const last = all.findLastIndex(([name, parameter]) => values[name] !== parameter.default);
  return all.slice(0, last + 1).map(([name]) => String(values[name]));
}
