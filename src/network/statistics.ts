/**
 * Running statistics of BatchNormalization move with every batch of training. What else uses the same stored tensor
 * would move with them (or they with its gradient), so such files are trained with frozen statistics only.
 */

import type { Problem } from '../errors.js';
import { lookUp } from '../lists/lookUp.js';
import type { ConstantValue } from './constants.js';
import { inputName, type ParameterRole } from './operator.js';
import { originOf } from './parameters.js';
import { constantOf, type Plan, walkPlan } from './plan.js';

interface Use {
  /** Undefined for an operand that no layer learns. */
  readonly role: ParameterRole | undefined;
  readonly label: string;
}

const words: Partial<Record<ParameterRole, string>> = { mean: 'running mean', variance: 'running variance' };

export interface StatisticsProblems {
  /** Stored statistics that are no vectors: the file is refused. */
  readonly misshapen: readonly Problem[];
  /** Those that are something else besides. Computed ones train frozen too (stepFunction.ts refuses the rest). */
  readonly shared: readonly Problem[];
}

export function statisticsProblems(plan: Plan): StatisticsProblems {
  const [misshapen, shared]: [Problem[], Problem[]] = [[], []];
  const uses = new Map<ConstantValue, Use[]>();
  const names = new Map<ConstantValue, string>();
  for (const { planned, plan: around } of walkPlan(plan)) {
    const { node, operator, label } = planned;
    node.inputs.forEach((input, index) => {
      const role = operator.roles[inputName(operator.inputs, index) ?? ''];
      const name = originOf(input, around.producers);
      const constant = constantOf(around, name);
      if (!constant) return;
      names.set(constant, name);
      // Without `spatial` each element of an example has its own.
      const each = planned.attributes.spatial === 0;
      if (role && isRunning(role) && !each && constant.shape.filter((extent) => extent !== 1).length > 1)
        misshapen.push({
          what: `the ${words[role]} "${name}" [${constant.shape}] is no vector`,
          where: label,
        });
      // What only passes the tensor on is no use of it; what it is passed to is.
      if (role || originOf(node.outputs[0] ?? '', around.producers) !== name) {
        const known = uses.get(constant) ?? [];
        known.push({ role, label });
        uses.set(constant, known);
      }
    });
  }
  for (const [constant, list] of uses) {
    const name = lookUp(names, constant, 'tensor');
    const statistic = list.find(({ role }) => isRunning(role));
    const other = statistic && list.find(({ role }) => role !== statistic.role);
    if (other)
      shared.push({
        what: `tensor "${name}" is both ${describe(statistic)} and ${describe(other)}`,
        where: `initializer "${name}"`,
        hint: 'train with frozen batch normalization (--batch-norm frozen), or store it twice',
      });
  }
  return { misshapen, shared };
}

function isRunning(role: ParameterRole | undefined): boolean {
  return role === 'mean' || role === 'variance';
}

function describe({ role, label }: Use): string {
  return `${(role && words[role]) ?? role ?? 'an operand'} of ${label}`;
}
