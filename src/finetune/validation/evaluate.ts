/** How a network does on examples, with any parameter values: forward on the engine, counting in plain arithmetic. */
import * as tf from '@tensorflow/tfjs';
import {
  compileFunction,
  type EngineName,
  float32,
  type TensorFunction,
  type TensorSpec,
  toHost,
  toTensor,
} from '../../compile/index.js';
import { fillBatch } from '../../data/batch.js';
import type { Dataset } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import type { Network } from '../../network/network.js';
import { elements, type HostTensors } from '../step/host.js';
import type { Objective } from '../step/objective.js';
import { examplesFirst } from '../step/outputRows.js';
import type { Metrics } from './metrics.js';
import type { RowWatch } from './probabilities.js';
import { scoreRows } from './score.js';

export interface EvaluatorOptions {
  readonly network: Network;
  readonly objective: Objective;
  readonly batchSize: number;
  readonly exampleShape: readonly number[];
  readonly engine: EngineName;
  readonly threads?: number | undefined;
}

export interface EvaluatedExamples {
  readonly dataset: Dataset;
  readonly indices: Uint32Array;
  readonly normalization: Normalization;
  /** Is shown all outputs. */
  readonly watch?: RowWatch | undefined;
  /** Takes what each example scored (score.ts). */
  readonly outcomes?: Float64Array | undefined;
}

export interface Evaluator {
  /** @param parameters all of the network's, by name */
  measure(parameters: HostTensors, on: EvaluatedExamples): Promise<Metrics>;
  release(): Promise<void>;
}

const parameterInput = (name: string) => `parameter/${name}`;

export async function openEvaluator(options: EvaluatorOptions): Promise<Evaluator> {
  const { network, objective, batchSize, exampleShape } = options;
  const inputs: TensorSpec[] = [
    { name: 'examples', dtype: 'float32', shape: [batchSize, ...exampleShape] },
    ...[...network.parameters.values()].map(
      ({ name, shape }): TensorSpec => ({ name: parameterInput(name), dtype: 'float32', shape }),
    ),
  ];
  const program = await openFunction(forwardOf(network, objective), inputs, options);
  return {
    async measure(parameters, { dataset, indices, normalization, watch, outcomes }) {
      const feeds = Object.fromEntries(
        Object.entries(parameters).map(([name, tensor]) => [parameterInput(name), tensor]),
      );
      const score = scoreRows(objective, dataset, outcomes);
      const examples = new Float32Array(batchSize * elements(exampleShape));
      for (let start = 0; start < indices.length; start += batchSize) {
        // The last batch is filled up with its first example, which is not scored again.
        const rows = indices.subarray(start, start + batchSize);
        const filled = Uint32Array.from({ length: batchSize }, (_, row) => rows[row] ?? rows[0]!);
        fillBatch(dataset, filled, normalization, examples);
        const out = await program.run(
          { ...feeds, examples: float32([batchSize, ...exampleShape], examples) },
          `validated on ${rows.length} examples, among them ${rows[0]} (counted from 0)`,
        );
        const outputs = out.value!.data as Float32Array;
        score.add(outputs, batchSize, rows);
        watch?.add(outputs);
      }
      return score.means();
    },
    release: () => program.release(),
  };
}

function forwardOf(network: Network, { value, axis }: Objective): TensorFunction {
  return (tensors) => {
    const names = [...network.parameters.keys()];
    const parameters = Object.fromEntries(names.map((name) => [name, tensors[parameterInput(name)]!]));
    const fetch = network.outputs.includes(value) ? [] : [value];
    const result = network.forward(parameters, { [network.inputs[0]!.name]: tensors.examples! }, { fetch });
    return { value: examplesFirst(result.outputs[value] ?? result.fetched[value]!, axis) };
  };
}

interface Program {
  run(feeds: HostTensors, what?: string): Promise<HostTensors>;
  release(): Promise<void>;
}

/** A tfjs function on an engine: compiled for onnxruntime, called as it is otherwise. */
export async function openFunction(
  fn: TensorFunction,
  inputs: readonly TensorSpec[],
  { engine, threads }: { engine: EngineName; threads?: number | undefined },
): Promise<Program> {
  if (engine === 'onnxruntime') return compileFunction(fn, inputs, threads === undefined ? {} : { threads });
  const backend = engine === 'tfjs-node' ? 'tensorflow' : engine;
  return {
    async run(feeds) {
      await tf.setBackend(backend);
      let out: HostTensors = {};
      tf.tidy(() => {
        const tensors = Object.fromEntries(inputs.map(({ name }) => [name, toTensor(feeds[name]!)]));
        out = Object.fromEntries(Object.entries(fn(tensors)).map(([name, value]) => [name, toHost(value)]));
      });
      return out;
    },
    release: async () => {},
  };
}
