/** What an exported model computes with and holds as no codes that a chip could read: every layer, by name, with the reason. */
import type { CrossbarTensor } from '../mapping/crossbar.js';
import { type Arrangement, type Layer, layerText } from '../mapping/digital.js';
import { DataType } from '../onnx/model.js';
import { dataTypeName } from '../onnx/tensor.js';

export interface LeftOut extends Layer {
  readonly reason: string;
}

/** @param arrangement of the exported model */
export function layersLeftOut({ crossbar, digital, refused }: Arrangement): LeftOut[] {
  return [
    ...digital.map((layer) => ({ ...layer, reason: 'digital by choice' })),
    ...refused.map(({ layer, problem }) => ({ ...layer, reason: problem.what })),
    ...crossbar.flatMap((tensor) => {
      const reason = unreadable(tensor);
      return reason === undefined ? [] : [{ ...layerOf(tensor), reason }];
    }),
  ];
}

export function leftOutNotes(layers: readonly LeftOut[]): string[] {
  return layers.map((layer) => `not as codes on a crossbar: ${layerText(layer)}: ${layer.reason}`);
}

/** Why the codes of a tensor are none for a pair of devices; undefined if they are. */
export function unreadable({ source, codes }: CrossbarTensor): string | undefined {
  if (source !== 'dequantized') return 'stored as floats';
  if (!codes) return 'stored as floats, which the graph quantizes when it runs';
  if (codes.type !== DataType.INT8 && codes.type !== DataType.INT4)
    return `codes of type ${dataTypeName(codes.type)} have no conductance reading here`;
  if (codes.zeroPoints?.some((zero) => zero !== 0))
    return 'its codes have zero points: a pair of devices has none';
  return codes.blockSize === undefined ? undefined : 'its codes have a scale for each block';
}

function layerOf({ name, copies, nodes, opType, dims }: CrossbarTensor): Layer {
  const weights = dims.reduce((product, size) => product * size, 1);
  return { tensors: [name, ...copies], nodes, opType, weights };
}
