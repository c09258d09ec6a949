/** Every training method Temper knows. To add one: a file like plain.ts, and its line here. */
import { TemperError } from '../../errors.js';
import type { Method, MethodDefinition, MethodOptions } from './method.js';
import { plain } from './plain.js';
import { wvat } from './wvat.js';

export type { CleanStep, Method, MethodDefinition, MethodOptions } from './method.js';

export const methods: readonly MethodDefinition[] = [plain, wvat];

/** Throws TemperError('usage') listing the known methods. */
export function findMethod(name: string): MethodDefinition {
  const definition = methods.find((candidate) => candidate.name === name);
  if (definition) return definition;
  const hint = `methods are ${methods.map((candidate) => `${candidate.name} (${candidate.summary})`).join('; ')}`;
  throw new TemperError('usage', { what: `unknown method "${name}"`, hint });
}

/** Throws TemperError('usage') with every problem. Options left out take the method's defaults. */
export function createMethod(name: string, options: Partial<MethodOptions> = {}): Method {
  const definition = findMethod(name);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const chosen: MethodOptions = { ...definition.defaults, ...Object.fromEntries(given) };
  const problems = definition.check(chosen);
  if (problems.length > 0) throw new TemperError('usage', problems);
  return definition.create(chosen);
}

/** The table of docs/methods.md, in Markdown, built from the definitions. */
export function methodsText(): string {
  return methods
    .map(({ name, summary, citation, ours, defaults }) => {
      const values = Object.entries(defaults).map(([key, value]) => `\`${key}\` ${value}`);
      return [
        `## ${name}`,
        `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
        `Defaults: ${values.join(', ')}.`,
        `Source: ${citation}.`,
        ...ours,
      ].join('\n\n');
    })
    .join('\n\n');
}
