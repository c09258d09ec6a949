/** Reasons to refuse a node that need no computing: its operator, its attributes, the number of its operands. */
import type { Problem } from '../errors.js';
import type { Placement } from '../onnx/inline.js';
import { operatorAt, operatorName } from '../onnx/label.js';
import type { Node } from '../onnx/model.js';
import { isStandard } from '../onnx/walk.js';
import { attributeRefusals, attributeValues } from './attributes.js';
import { constantNodeTensor } from './constantNode.js';
import type { Operator } from './operator.js';
import { findOperator } from './operators.js';

/** The operator of a node, or why there is none. */
export function operatorOf(node: Node, { opset, refusal, label: where }: Placement): Operator | Problem {
  const operator = isStandard(node) ? findOperator(node.opType) : undefined;
  const [first = 1] = operator?.since ?? [];
  if (operator && opset >= first) return operator;
  if (refusal !== undefined)
    return {
      what: `model-local function ${node.opType}: ${refusal}`,
      where,
      hint: 'the file is damaged, or was made to harm: export the model anew',
    };
  if (!isStandard(node))
    return {
      what: `unsupported operator ${operatorName(node)} of a custom domain`,
      where,
      hint: 'export the model with operators of the default ONNX domain',
    };
  if (operator)
    return {
      what: `operator ${node.opType} is not understood in opset ${opset} (from ${first} on)`,
      where,
      hint: 'convert the model with onnx.version_converter, or export it anew',
    };
  return {
    what: `unsupported operator ${operatorAt(node, opset)}`,
    where,
    hint: 'see the table of operators in the documentation; a simplifier may remove the node',
  };
}

/** @param used values that something needs */
export function nodeProblems(
  node: Node,
  operator: Operator,
  { opset, label: where }: Placement,
  used: ReadonlySet<string>,
): Problem[] {
  const name = operatorAt(node, opset);
  const refusals = attributeRefusals(operator.attributes, node, opset);
  const problems = [...refusals, ...operator.check(attributeValues(operator.attributes, node), opset)];
  const { inputs } = operator;
  const last = inputs.at(-1);
  inputs.forEach((input, i) => {
    const optional = input.endsWith('?') || input.endsWith('*');
    if (!optional && !node.inputs[i]) problems.push({ what: `input "${input}" is missing` });
  });
  // The lengths of sequences, first among the operands of the oldest Scan, may be left out.
  const mayMissFirst = node.opType === 'Scan' && opset === 8;
  if (last?.endsWith('*'))
    node.inputs.slice(inputs.length - 1).forEach((input, i) => {
      if (input === '' && !(mayMissFirst && i === 0))
        problems.push({
          what: `input ${inputs.length + i} is left out, which only operands of their own meaning may be`,
        });
    });
  if (!last?.endsWith('*') && node.inputs.length > inputs.length)
    problems.push({ what: `${node.inputs.length} inputs where at most ${inputs.length} belong` });
  node.outputs.slice(operator.outputs).forEach((output, i) => {
    if (used.has(output))
      problems.push({ what: `output ${operator.outputs + i + 1} ("${output}") is not computed` });
  });
  if (node.opType === 'Constant' && !constantNodeTensor(node))
    problems.push({ what: 'a constant without a dense numeric value' });
  return problems.map(({ what, ...rest }) => ({ what: `${name}: ${what}`, where, ...rest }));
}
