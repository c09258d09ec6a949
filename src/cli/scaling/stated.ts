/**
 * What a file itself says of the scaling of its input: metadata `temper.input` (as the scripts of models/ write it), the image
 * metadata of ONNX (https://github.com/onnx/onnx/blob/main/docs/MetadataProps.md), or a graph that begins with the scaling
 * (Keras' Rescaling and Normalization, ImageScaler): then it wants pixels as they were before.
 */
import { z } from 'zod';
import type { Normalization } from '../../data/normalize.js';
import { unitScale } from '../../data/normalize.js';
import { scalings } from '../../data/scalings.js';
import { floatAttribute, tensorAttribute } from '../../onnx/attributes.js';
import type { Graph, Model, Node } from '../../onnx/model.js';
import { tensorValues } from '../../onnx/tensor.js';
import { consumerMap, fedInputs, metadata, producerMap } from '../../onnx/walk.js';

export interface StatedScaling {
  /** For pixels on the 0..1 scale. */
  normalization: Normalization;
  /** Where the file says so. */
  by: string;
  /** It speaks of pixels, so that it says nothing of other values. */
  ofPixels: boolean;
}

export function statedScaling(model: Model): StatedScaling | undefined {
  return ownMetadata(model) ?? imageMetadata(model) ?? scalingNodes(model.graph);
}

/** What of the file's image metadata Temper cannot follow. */
export function imageNotes(model: Model): string[] {
  const format = metadata(model).get('Image.BitmapPixelFormat');
  if (format === undefined || !/^bgr/i.test(format)) return [];
  return [
    `The file states pixels in the order blue, green, red (Image.BitmapPixelFormat ${format}); pictures are fed as red, green, blue.`,
  ];
}

const temperInput = z.object({
  scale: z.literal('0..1'),
  mean: z.array(z.number()),
  std: z.array(z.number()),
});

function ownMetadata(model: Model): StatedScaling | undefined {
  const text = metadata(model).get('temper.input');
  if (text === undefined) return undefined;
  try {
    const { mean, std } = temperInput.parse(JSON.parse(text));
    return { normalization: { mean, std }, by: 'metadata temper.input', ofPixels: false };
  } catch {
    return undefined; // somebody else's metadata
  }
}

const bytes = scalings.find(({ name }) => name === 'bytes')!.normalization;

const nominalRanges: Record<string, Normalization> = {
  NominalRange_0_255: bytes,
  Normalized_0_1: unitScale,
  Normalized_1_1: { mean: [0.5], std: [0.5] },
  // 16 + 219 x for x on 0..1
  NominalRange_16_235: { mean: [-16 / 219], std: [1 / 219] },
};

function imageMetadata(model: Model): StatedScaling | undefined {
  const range = metadata(model).get('Image.NominalPixelRange');
  const normalization =
    range !== undefined && Object.hasOwn(nominalRanges, range) ? nominalRanges[range] : undefined;
  return normalization && { normalization, by: `metadata Image.NominalPixelRange ${range}`, ofPixels: true };
}

const passing = new Set(['Cast', 'Identity', 'Reshape', 'Squeeze', 'Transpose', 'Unsqueeze']);

/** Divisors of pixels on 0..255, and means on that scale, are far from anything that is done to values on 0..1. */
const [leastDivisor, leastMean] = [64, 16];

function scalingNodes(graph: Graph): StatedScaling | undefined {
  const [input, ...others] = fedInputs({ graph });
  if (input === undefined || others.length > 0) return undefined;
  const consumers = consumerMap(graph);
  let value = input.name;
  let node = onlyConsumer(consumers, value);
  while (node && passing.has(node.opType) && node.inputs[0] === value) {
    value = node.outputs[0]!;
    node = onlyConsumer(consumers, value);
  }
  const next = node && onlyConsumer(consumers, node.outputs[0]!);
  if (!node || !wantsBytes(graph, node, value)) return node && next && wantsUnit(graph, node, value, next);
  return { normalization: bytes, by: `its first node, ${node.opType}`, ofPixels: true };
}

function onlyConsumer(consumers: ReadonlyMap<string, Node[]>, value: string): Node | undefined {
  const nodes = consumers.get(value) ?? [];
  return nodes.length === 1 ? nodes[0] : undefined;
}

function wantsBytes(graph: Graph, node: Node, value: string): boolean {
  if (node.opType === 'ImageScaler') return (floatAttribute(node, 'scale') ?? 1) <= 1 / leastDivisor;
  const constants = otherOperand(graph, node, value);
  if (constants === undefined) return false;
  switch (node.opType) {
    case 'Mul':
      return constants.every((c) => c > 0 && c <= 1 / leastDivisor);
    case 'Div':
      return node.inputs[0] === value && constants.every((c) => c >= leastDivisor && c <= 256);
    case 'Sub':
      return node.inputs[0] === value && constants.every((c) => c >= leastMean && c <= 256);
    case 'Add':
      return constants.every((c) => c <= -leastMean && c >= -256);
    default:
      return false;
  }
}

/** (x - mean) / std with values on the 0..1 scale. */
function wantsUnit(graph: Graph, node: Node, value: string, next: Node): StatedScaling | undefined {
  const mean =
    node.opType === 'Sub' && node.inputs[0] === value ? otherOperand(graph, node, value) : undefined;
  const centred = node.outputs[0]!;
  const std =
    next.opType === 'Div' && next.inputs[0] === centred ? otherOperand(graph, next, centred) : undefined;
  const fraction = (values: number[] | undefined) => values?.every((v) => v > 0 && v < 1) === true;
  if (!fraction(mean) || !fraction(std)) return undefined;
  return { normalization: unitScale, by: 'its first nodes, Sub and Div', ofPixels: true };
}

/** The stored values of the other operand of a node with two; undefined if they are not stored, or many. */
function otherOperand(graph: Graph, node: Node, value: string): number[] | undefined {
  const [name, ...more] = node.inputs.filter((input) => input !== value);
  if (name === undefined || more.length > 0) return undefined;
  const constant = producerMap(graph).get(name);
  const tensor =
    graph.initializers.find((stored) => stored.name === name) ??
    (constant?.opType === 'Constant' ? tensorAttribute(constant, 'value') : undefined);
  if (!tensor || tensor.dims.reduce((a, b) => a * b, 1) > 16) return undefined;
  return Array.from(tensorValues(tensor) as ArrayLike<number>, Number);
}
