/**
 * Operators that compute otherwise in training than in use, and say so in the file: onnxruntime runs them as they are written.
 * Statistics of the batch would calibrate every chip anew on the examples it is judged on; Dropout would drop at random.
 */
import type { Problem } from '../errors.js';
import { intAttribute, intsAttribute } from '../onnx/attributes.js';
import type { Model, Node } from '../onnx/model.js';
import { tensorValues } from '../onnx/tensor.js';
import { isStandard } from '../onnx/walk.js';
import { visitNodes } from './crossbar.js';
import type { Scope } from './scope.js';

export function trainingModes(model: Model): Problem[] {
  const problems: Problem[] = [];
  visitNodes(model, ({ label: where, opset }, node, scope) => {
    const found = isStandard(node) ? inTraining(node, scope, opset) : undefined;
    if (found) problems.push({ ...found, where });
  });
  return problems;
}

const evaluation =
  'export the model in evaluation mode (model.eval() in PyTorch, training=TrainingMode.EVAL)';
const calibrated = 'every chip would be calibrated anew on the test examples';

function inTraining(node: Node, scope: Scope, opset: number): Problem | undefined {
  const { opType, inputs, outputs } = node;
  if (opType === 'BatchNormalization') {
    // Before operator set 14 training mode was told by the further outputs.
    const training = opset >= 14 ? intAttribute(node, 'training_mode') === 1 : outputs.slice(1).some(Boolean);
    const what = `BatchNormalization in training mode takes the statistics of the batch: ${calibrated}`;
    return training ? { what, hint: evaluation } : undefined;
  }
  if (opType === 'MeanVarianceNormalization') {
    const axes = intsAttribute(node, 'axes') ?? [0, 2, 3];
    const what = `MeanVarianceNormalization along axis 0 takes the statistics of the batch: ${calibrated}`;
    return axes.includes(0)
      ? { what, hint: 'normalize each example by itself (axes without 0), or by stored statistics' }
      : undefined;
  }
  // Before operator set 12 Dropout dropped nothing in use.
  if (opType !== 'Dropout' || opset < 12 || !inputs[2] || isFalse(inputs[2], scope)) return undefined;
  return { what: 'Dropout in training mode drops at random, in every run anew', hint: evaluation };
}

function isFalse(name: string, scope: Scope): boolean {
  const tensor = scope.tensor(name);
  return tensor !== undefined && Number(tensorValues(tensor)[0]) === 0;
}
