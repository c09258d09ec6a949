/** Test data of the ONNX backend suite: `input_k.pb` files hold one TensorProto each. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeModel } from '../../../src/onnx/codec.js';
import type { Tensor } from '../../../src/onnx/model.js';
import { tensorValues } from '../../../src/onnx/tensor.js';
import type { HostTensor } from '../../../src/runtime/host.js';

function field(number: number, content: Uint8Array): Uint8Array {
  const head = [(number << 3) | 2];
  for (let rest = content.length; ; rest = Math.floor(rest / 128)) {
    head.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) return Uint8Array.from([...head, ...content]);
  }
}

/** The tensor in a TensorProto file: read as the only initializer of a model around it. */
function readTensor(path: string): Tensor {
  return decodeModel(field(7, field(5, readFileSync(path)))).graph.initializers[0]!;
}

const types: Record<number, HostTensor['type']> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
};

/** The inputs of the first data set of a case, by name; undefined if it has none or of a type we cannot feed. */
export function backendFeeds(
  model: string,
  inputNames: readonly string[],
): Record<string, HostTensor> | undefined {
  const folder = join(dirname(model), 'test_data_set_0');
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder).filter((name) => name.startsWith('input_'));
  const feeds: Record<string, HostTensor> = {};
  for (const [index, name] of inputNames.entries()) {
    if (!files.includes(`input_${index}.pb`)) return undefined;
    const tensor = readTensor(join(folder, `input_${index}.pb`));
    const type = types[tensor.dataType];
    if (!type) return undefined;
    feeds[name] = { type, dims: tensor.dims, data: tensorValues(tensor) };
  }
  return feeds;
}
