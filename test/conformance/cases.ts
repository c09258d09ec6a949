/** The cases below a folder, as the ONNX conformance suite lays them out: model.onnx beside folders test_data_set_N of input_K.pb and output_K.pb. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { decodeTensor } from '../../src/onnx/codec.js';
import { readModel } from '../../src/onnx/file.js';
import type { Model, Tensor, ValueInfo } from '../../src/onnx/model.js';

/** Folders of cases below `folder`, itself included, in order. */
export function findCases(folder: string): string[] {
  const here = existsSync(join(folder, 'model.onnx')) ? [folder] : [];
  const below = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('test_data_set_'))
    .flatMap((entry) => findCases(join(folder, entry.name)));
  return [...here, ...below].sort();
}

export interface DataSet {
  readonly name: string;
  /** By the model's names. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, Tensor>;
}

export function readModelOf(folder: string): Promise<Model> {
  return readModel(join(folder, 'model.onnx'));
}

/** What a user feeds: the inputs that are no initializers. */
export function dataInputs({ graph }: Model): ValueInfo[] {
  const stored = new Set(graph.initializers.map(({ name }) => name));
  return graph.inputs.filter(({ name }) => !stored.has(name));
}

/**
 * Throws if there is no data, if an output has no file to compare it with, or if a file holds no tensor (sequences and
 * optionals are not in scope). An input without a file is missed by the network.
 */
export function readDataSets(folder: string, model: Model): DataSet[] {
  const inputs = dataInputs(model).map(({ name }) => name);
  const outputs = model.graph.outputs.map(({ name }) => name);
  const sets = readdirSync(folder).filter((name) => name.startsWith('test_data_set_'));
  if (sets.length === 0) throw new Error(`${basename(folder)} holds no test_data_set_*`);
  return sets.sort().map((name) => {
    const data = join(folder, name);
    const absent = outputs.findIndex((_, i) => !existsSync(join(data, `output_${i}.pb`)));
    if (outputs.length === 0 || absent >= 0)
      throw new Error(`${basename(folder)}/${name} holds no output_${Math.max(0, absent)}.pb`);
    return {
      name,
      inputs: readTensors(data, 'input', inputs),
      outputs: readTensors(data, 'output', outputs),
    };
  });
}

function readTensors(folder: string, kind: string, names: readonly string[]): Map<string, Tensor> {
  const entries = names.flatMap((name, i) => {
    const file = join(folder, `${kind}_${i}.pb`);
    if (!existsSync(file)) return [];
    return [[name, { ...decodeTensor(readFileSync(file)), name }] as const];
  });
  return new Map(entries);
}
