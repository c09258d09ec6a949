/** Batches of a data set for the calibration of thresholds: a seeded choice of examples, as the network takes them. */
import { float32 } from '../../compile/index.js';
import { fillBatch } from '../../data/batch.js';
import type { Dataset } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import { TemperError } from '../../errors.js';
import type { Network } from '../../network/network.js';
import { randomStream } from '../../random/stream.js';
import { elements, type HostTensors } from '../step/host.js';

export interface CalibrationData {
  readonly dataset: Dataset;
  readonly normalization: Normalization;
  /** How many examples; all of them if the data set has fewer. Default 1,000. */
  readonly examples?: number;
  readonly batchSize?: number;
  readonly seed: number;
}

/**
 * Take the training split: the test split is for final numbers only. Throws TemperError('model') for a network that does
 * not take one float32 input of the data's size.
 */
export function calibrationBatches(network: Network, data: CalibrationData): Iterable<HostTensors> {
  const { dataset } = data;
  const [input, ...others] = network.inputs;
  const size = elements(dataset.shape);
  const shape = input!.shape.slice(1).map((extent) => extent ?? 0);
  if (others.length > 0 || input!.dtype !== 'float32' || elements(shape) !== size)
    throw new TemperError('model', {
      what: `the network takes ${network.inputs.map(({ name, shape }) => `${name} [${shape.map((n) => n ?? '?')}]`).join(', ')}; the data have examples [${dataset.shape}]`,
      hint: 'calibrate on the data the network was trained for',
    });
  return batchesOf(data, input!.name, shape);
}

function* batchesOf(data: CalibrationData, input: string, shape: readonly number[]): Iterable<HostTensors> {
  const { dataset, normalization, examples = 1000, batchSize = 100, seed } = data;
  const order = randomStream('snn/calibration', seed).permutation(dataset.count).subarray(0, examples);
  for (let start = 0; start < order.length; start += batchSize) {
    const indices = order.subarray(start, start + batchSize);
    const values = new Float32Array(indices.length * elements(shape));
    fillBatch(dataset, indices, normalization, values);
    yield { [input]: float32([indices.length, ...shape], values) };
  }
}
