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

/** Throws if a file holds no tensor (sequences and optionals are not in scope). */
export function readDataSets(folder: string, model: Model): DataSet[] {
  const inputs = dataInputs(model).map(({ name }) => name);
  const outputs = model.graph.outputs.map(({ name }) => name);
  return readdirSync(folder)
    .filter((name) => name.startsWith('test_data_set_'))
    .sort()
    .map((name) => {
      const data = join(folder, name);
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
  if (entries.length === 0 && names.length > 0 && kind === 'output')
    throw new Error(`${basename(folder)} holds no outputs`);
  return new Map(entries);
}
