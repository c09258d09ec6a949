/** Constant nodes: the value, in whichever attribute it stands, as a stored tensor. */
import {
  floatAttribute,
  floatsAttribute,
  intAttribute,
  intsAttribute,
  tensorAttribute,
} from '../onnx/attributes.js';
import { DataType, type Node, type Tensor } from '../onnx/model.js';
import { makeTensor } from '../onnx/tensor.js';

/** The tensor, named like the node's output; undefined if the value is a string or sparse. */
export function constantNodeTensor(node: Node): Tensor | undefined {
  const name = node.outputs[0] ?? '';
  const value = tensorAttribute(node, 'value');
  if (value) return { ...value, name };
  const number = floatAttribute(node, 'value_float');
  if (number !== undefined) return makeTensor(name, DataType.FLOAT, [], [number]);
  const numbers = floatsAttribute(node, 'value_floats');
  if (numbers) return makeTensor(name, DataType.FLOAT, [numbers.length], numbers);
  const integer = intAttribute(node, 'value_int');
  if (integer !== undefined) return makeTensor(name, DataType.INT64, [], [integer]);
  const integers = intsAttribute(node, 'value_ints');
  return integers && makeTensor(name, DataType.INT64, [integers.length], integers);
}
