/**
 * Two models are compared on the same chips only in the same form: the same crossbar tensors of the same shapes, and as many
 * batch normalizations. Folding one scales the weights under their old name and changes what sigma means.
 */
import { type Problem, TemperError } from '../../errors.js';
import type { CrossbarTensor } from '../../mapping/crossbar.js';
import type { Model } from '../../onnx/model.js';
import { walkNodes } from '../../onnx/walk.js';

interface Formed {
  readonly model: Model;
  readonly tensors: readonly CrossbarTensor[];
}

/** Throws TemperError('model') with every difference. */
export function requireSameForm(model: Formed, against: Formed): void {
  const problems = formDifferences(model, against);
  if (problems.length === 0) return;
  problems[0]!.hint = 'models are compared in the same form: export both with the same options';
  throw new TemperError('model', problems);
}

export function formDifferences(model: Formed, against: Formed): Problem[] {
  const others = new Map(against.tensors.map((tensor) => [tensor.name, tensor]));
  const problems: Problem[] = [];
  const [here, there] = [batchNormalizations(model), batchNormalizations(against)];
  if (here !== there) {
    const words = here === 1 ? 'batch normalization' : 'batch normalizations';
    problems.push({ what: `${here} ${words} in the model, ${there} in the other` });
  }
  for (const { name, dims } of model.tensors) {
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
  return problems;
}

function batchNormalizations({ model }: Formed): number {
  return [...walkNodes(model.graph)].filter(({ node }) => node.opType === 'BatchNormalization').length;
}
