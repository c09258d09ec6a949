/**
 * Along which axes lie the outputs of a layer on a crossbar, as long as nothing has bent or mixed them: what scales or shifts them
 * there is a normalization or a bias of the layer, and could be part of its weights (batch normalization written out, the scale
 * of a branch).
 */
import type { Node } from '../onnx/model.js';
import { isStandard } from '../onnx/walk.js';
import { movedAxes, type Sited } from './axes.js';
import { type Content, isPlain } from './contents.js';
import { selectedAxes, selecting } from './parts.js';
import type { OperandShapes } from './shapes.js';

/** They keep every element on its place, and add or multiply what is stored. */
const keeping = new Set(
  'Identity Cast CastLike Dropout Neg Add Sub Mul Div QuantizeLinear DequantizeLinear BatchNormalization Slice Split'.split(
    ' ',
  ),
);
const moving = new Set('Reshape Flatten Squeeze Unsqueeze Transpose Gather'.split(' '));

/** Operators behind which the outputs of a layer can meet a stored value that could be part of its weights. */
export const carrying: ReadonlySet<string> = new Set([...keeping, ...moving]);

/** @param isShared whether a value goes on to several such places (forks.ts) */
export function layerAxesAfter(
  operation: {
    readonly node: Node;
    readonly inputs: readonly Content[];
    readonly operands: OperandShapes;
  },
  isShared: (name: string) => boolean,
): readonly number[] | undefined {
  const { node, inputs } = operation;
  if (!isStandard(node)) return undefined;
  const data = inputs.flatMap((content, position) => (content.data ? [position] : []));
  const [position] = data;
  if (data.length !== 1 || position === undefined || position > 1) return undefined;
  const outputs = outputAxes(operation, position);
  if (outputs) return outputs;
  const { layerAxes } = inputs[position]!;
  if (!layerAxes || isShared(node.inputs[position] ?? '') || (node.opType === 'Div' && position === 1))
    return undefined;
  // Parts that lie apart may each meet a scale of their own.
  if (!alongLayer(operation, layerAxes)) return undefined;
  if (keeping.has(node.opType)) return layerAxes;
  return moving.has(node.opType) && position === 0 ? movedAxes(operation, layerAxes) : undefined;
}

/** Of a layer itself. */
function outputAxes(
  { node, inputs, operands }: { node: Node; inputs: readonly Content[]; operands: OperandShapes },
  position: number,
): readonly number[] | undefined {
  const weights = inputs[1 - position];
  if (!weights || weights.data || isPlain(weights)) return undefined;
  switch (node.opType) {
    case 'MatMul':
    case 'Gemm':
      return [position === 0 ? -1 : -2];
    case 'Conv':
    case 'ConvTranspose': {
      const rank = operands.result?.length ?? inputs[1]?.shape?.length;
      return position === 0 && rank !== undefined ? [1 - rank] : undefined;
    }
    default:
      return undefined;
  }
}

/** Whether an operator that takes a part takes it along the outputs of the layer. */
function alongLayer(operation: Sited, layerAxes: readonly number[]): boolean {
  if (!selecting.has(operation.node.opType)) return true;
  return selectedAxes(operation.node, operation.operands)?.every((axis) => layerAxes.includes(axis)) ?? false;
}
