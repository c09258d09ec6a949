/** Forms of older operator sets, read as what they became: other operators, operands in place of attributes. */
import type { PlannedNode } from '../../network/plan.js';
import { definePass } from './pass.js';

/** Operators that ONNX replaced by another. */
const successors: ReadonlyMap<string, string> = new Map([
  ['Upsample', 'Resize'],
  ['Scatter', 'ScatterElements'],
]);

export const canonicalForms = definePass({
  name: 'canonical forms of old operator sets',
  report({ nodes, problems }) {
    const groups = new Map<string, number>();
    for (const planned of nodes) {
      for (const form of formsOf(planned)) groups.set(form, (groups.get(form) ?? 0) + 1);
    }
    const done = [...groups].map(([form, count]) => (count > 1 ? `${form} (${count} nodes)` : form));
    return { done, notDone: problems.filter(({ what }) => / is not understood in opset /.test(what)) };
  },
});

function formsOf({ node, operator, opset }: PlannedNode): string[] {
  const successor = successors.get(node.opType);
  const old = node.attributes
    .map(({ name }) => name)
    .filter((name) => operator.attributes[name]?.until !== undefined);
  return [
    ...(successor ? [`${node.opType} of opset ${opset} as ${successor}`] : []),
    ...old.map((name) => {
      const operand = operator.inputs.some((input) => input.replace(/[?*]$/, '') === name);
      const now = operand ? 'the operand that it became' : 'its newer form';
      return `attribute "${name}" of ${node.opType}, opset ${opset}, as ${now}`;
    }),
  ];
}
