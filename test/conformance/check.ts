/**
 * One case: built as a network (`buildNetwork`, which the engines run), compiled and run by onnxruntime, and run on tfjs's cpu
 * backend; and whether the public `importModel` takes the same file, which refuses more: it examines at several batch sizes.
 */
import * as tf from '@tensorflow/tfjs';
import { compileFunction, toHost } from '../../src/compile/index.js';
import { TemperError } from '../../src/errors.js';
import { importModel } from '../../src/import/importModel.js';
import { dtypeOf } from '../../src/network/constants.js';
import { buildNetwork, type Network } from '../../src/network/network.js';
import type { Model, Tensor } from '../../src/onnx/model.js';
import { isStandard, walkNodes } from '../../src/onnx/walk.js';
import { bind, structuralInputs } from './bind.js';
import { readDataSets, readModelOf } from './cases.js';
import { difference, numbers, type Result } from './compare.js';
import { outOfScope } from './scope.js';

export type Engine = 'compiled' | 'cpu';
export const engines: readonly Engine[] = ['compiled', 'cpu'];

export interface Verdict {
  operators: string[];
  /** Set if the case was not run. */
  outOfScope?: string;
  /** Inputs that were bound as constants. */
  bound: string[];
  /** Why the public `importModel` refuses the file; absent if it takes it. */
  refused?: string;
  /** What is wrong; absent if the engine passed. */
  failures: Partial<Record<Engine, string>>;
}

export async function checkCase(folder: string): Promise<Verdict> {
  const model = await readModelOf(folder);
  const operators = operatorsOf(model);
  const reason = outOfScope(model);
  if (reason) return { operators, outOfScope: reason, bound: [], failures: {} };
  const structural = structuralInputs(model);
  const failures: Partial<Record<Engine, string>> = {};
  let refused: string | undefined;
  for (const { name, inputs, outputs } of readDataSets(folder, model)) {
    const bound = new Map([...inputs].filter(([input]) => structural.has(input)));
    refused ??= refusalOf(bind(model, bound));
    const fed = new Map([...inputs].filter(([input]) => !structural.has(input)));
    for (const engine of engines) {
      try {
        const network = buildNetwork(bind(model, bound));
        const results = await runOn[engine](network, fed);
        const wrong = [...outputs].flatMap(([output, expected]) => {
          const text = difference(results.get(output), expected);
          return text ? [`"${output}" ${text}`] : [];
        });
        if (wrong.length > 0) failures[engine] ??= `${name}: ${wrong.join('; ')}`;
      } catch (error) {
        failures[engine] ??= `${name}: ${complaint(error)}`;
      }
    }
  }
  return { operators, bound: [...structural], ...(refused !== undefined && { refused }), failures };
}

function refusalOf(model: Model): string | undefined {
  try {
    importModel(model);
    return undefined;
  } catch (error) {
    return complaint(error);
  }
}

function operatorsOf(model: Model): string[] {
  const nodes = [...walkNodes(model.graph)].map(({ node }) => node);
  const names = nodes.map((node) => (isStandard(node) ? node.opType : `${node.domain}.${node.opType}`));
  const distinct = [...new Set(names)].sort();
  const others = distinct.filter((name) => name !== 'Constant');
  return others.length > 0 ? others : distinct;
}

function complaint(error: unknown): string {
  if (!(error instanceof TemperError))
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  return error.problems.map(({ what, where }) => (where ? `${what} at ${where}` : what)).join('; ');
}

const runOn: Record<
  Engine,
  (network: Network, fed: ReadonlyMap<string, Tensor>) => Promise<Map<string, Result>>
> = {
  async compiled(network, fed) {
    let types: Record<string, number> = {};
    const feeds = Object.fromEntries([...fed].map(([name, tensor]) => [name, hostOf(tensor)]));
    const compiled = await compileFunction(
      (tensors) => {
        const { outputs, elementTypes } = network.forward({}, tensors);
        types = elementTypes;
        return outputs;
      },
      Object.entries(feeds).map(([name, { dims, type }]) => ({
        name,
        shape: dims,
        dtype: type as 'float32',
      })),
      { threads: 1 },
    );
    try {
      const outputs = await compiled.run(feeds);
      return new Map(
        Object.entries(outputs).map(([name, { dims, data }]) => [
          name,
          {
            elementType: types[name]!,
            shape: dims,
            values: Array.from(data as ArrayLike<number | bigint>, Number),
          },
        ]),
      );
    } finally {
      await compiled.release();
    }
  },

  async cpu(network, fed) {
    await tf.setBackend('cpu');
    tf.engine().startScope();
    try {
      const inputs = Object.fromEntries([...fed].map(([name, tensor]) => [name, tensorOf(tensor)]));
      const { outputs, elementTypes } = network.forward({}, inputs);
      return new Map(
        Object.entries(outputs).map(([name, y]) => [
          name,
          { elementType: elementTypes[name]!, shape: y.shape, values: Array.from(y.dataSync()) },
        ]),
      );
    } finally {
      tf.engine().endScope();
    }
  },
};

function tensorOf(tensor: Tensor): tf.Tensor {
  const values = numbers(tensor);
  const dtype = dtypeOf(tensor.dataType);
  if (!dtype) throw new Error(`input "${tensor.name}" is of a type that is not kept`);
  const outside = dtype === 'int32' && values.some((value) => value !== (value | 0));
  if (outside) throw new Error(`input "${tensor.name}" has values beyond int32`);
  return tf.tensor(values, [...tensor.dims], dtype);
}

function hostOf(tensor: Tensor) {
  return tf.tidy(() => toHost(tensorOf(tensor)) as never) as ReturnType<typeof toHost>;
}
