/**
 * Two models are compared on the same chips only in the same form: the same crossbar tensors of the same shapes. Folding a
 * batch normalization, say, changes what sigma means, and the comparison would be of two different things.
 */
import { type Problem, TemperError } from '../errors.js';
import type { CrossbarTensor } from '../mapping/crossbar.js';

/** Throws TemperError('model') with every difference. */
export function requireSameForm(model: readonly CrossbarTensor[], against: readonly CrossbarTensor[]): void {
  const others = new Map(against.map((tensor) => [tensor.name, tensor]));
  const problems: Problem[] = [];
  for (const { name, dims } of model) {
    const other = others.get(name);
    others.delete(name);
    if (!other) problems.push({ what: `crossbar tensor "${name}" [${dims}] is only in the model` });
    else if (other.dims.join() !== dims.join()) {
      problems.push({
        what: `crossbar tensor "${name}" is [${dims}] in the model, [${other.dims}] in the other`,
      });
    }
  }
  for (const { name, dims } of others.values()) {
    problems.push({ what: `crossbar tensor "${name}" [${dims}] is only in the other model` });
  }
  if (problems.length === 0) return;
  problems[0]!.hint = 'models are compared in the same form: export both with the same options';
  throw new TemperError('model', problems);
}
