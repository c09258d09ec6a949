/** Every optimizer Temper knows. To add one: a file like sgd.ts, and its line here. */
import { type Problem, TemperError } from '../../errors.js';
import { adam } from './adam.js';
import type { Optimizer, OptimizerDefinition, OptimizerOptions } from './optimizer.js';
import { scaledAdam } from './scaledAdam.js';
import { sgd } from './sgd.js';

export type { Optimizer, OptimizerDefinition, OptimizerOptions, Update, Updated } from './optimizer.js';

export const optimizers: readonly OptimizerDefinition[] = [sgd, adam, scaledAdam];

/** Throws TemperError('usage') listing the known optimizers. */
export function findOptimizer(name: string): OptimizerDefinition {
  const definition = optimizers.find((candidate) => candidate.name === name);
  if (definition) return definition;
  const hint = `optimizers are ${optimizers.map((candidate) => candidate.name).join(', ')}`;
  throw new TemperError('usage', { what: `unknown optimizer "${name}"`, hint });
}

/** Throws TemperError('usage') with every problem. Options left out take the optimizer's defaults. */
export function createOptimizer(name: string, options: Partial<OptimizerOptions> = {}): Optimizer {
  const definition = findOptimizer(name);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const chosen: OptimizerOptions = { ...definition.defaults, ...Object.fromEntries(given) };
  const problems: Problem[] = [
    ...definition.check(chosen),
    ...(chosen.weightDecay >= 0 ? [] : [{ what: `weight decay ${chosen.weightDecay} is negative` }]),
    ...given
      .filter(
        ([key, value]) =>
          !uses(definition, key) && value !== definition.defaults[key as keyof OptimizerOptions],
      )
      .map(([key]) => ({
        what: `${name} has no ${key}`,
        hint: `its options are ${definition.uses.join(', ')}`,
      })),
  ];
  if (problems.length > 0) throw new TemperError('usage', problems);
  return definition.create(chosen);
}

function uses(definition: OptimizerDefinition, key: string): boolean {
  return (definition.uses as readonly string[]).includes(key);
}
