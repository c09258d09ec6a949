/** Conversion of networks trained by others, on real pictures; needs the shared models and data (TEMPER_SHARED). */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileFunction } from '../../../src/compile/index.js';
import { fillBatch } from '../../../src/data/batch.js';
import { openDataset } from '../../../src/data/open.js';
import { calibrationBatches } from '../../../src/finetune/snn/batches.js';
import { type Converted, convertToSnn } from '../../../src/finetune/snn/convert.js';
import { forward } from '../../../src/finetune/snn/layers.js';
import { simulateSnn } from '../../../src/finetune/snn/simulate.js';

import { buildNetwork, type Network } from '../../../src/network/network.js';
import { encodeModel } from '../../../src/onnx/codec.js';
import { readModel } from '../../../src/onnx/file.js';
import type { Model } from '../../../src/onnx/model.js';
import { openSession } from '../../../src/runtime/session.js';

const shared = process.env.TEMPER_SHARED ?? resolve(import.meta.dirname, '../../../../shared');
const modelFile = resolve(shared, 'models/mnist/netkit_mnist_mlp.onnx');
const dataFolder = resolve(shared, 'data/mnist');
const present = existsSync(modelFile) && existsSync(dataFolder);
// This network takes pixels from 0 to 255.
const normalization = { mean: [0], std: [1 / 255] };

describe.skipIf(!present)(`MNIST perceptron${present ? '' : ` (no models and data in ${shared})`}`, () => {
  let source: Model;
  let network: Network;
  let pictures: Float32Array;
  let labels: Int32Array;

  beforeAll(async () => {
    await tf.setBackend('cpu');
    source = await readModel(modelFile);
    network = buildNetwork(source);
    const test = await openDataset(`mnist:${dataFolder}:test`, { limit: 1000 });
    pictures = new Float32Array(1000 * 784);
    fillBatch(
      test,
      Array.from({ length: 1000 }, (_, i) => i),
      normalization,
      pictures,
    );
    labels = test.labels;
  });

  async function convert(timesteps: number): Promise<Converted> {
    const dataset = await openDataset(`mnist:${dataFolder}:train`, { limit: 2000 });
    const calibration = calibrationBatches(network, { dataset, normalization, examples: 500, seed: 0 });
    return convertToSnn(source, network, { timesteps, calibration });
  }

  const inputOf = (count: number) => {
    const shape = [count, ...network.inputs[0]!.shape.slice(1).map(Number)];
    return { name: network.inputs[0]!.name, shape, data: pictures.slice(0, count * 784) };
  };

  /** Picture by picture where the file fixes the batch at 1. */
  async function classes(model: Model, count: number): Promise<number[]> {
    const { name, shape, data } = inputOf(count);
    const batch = network.inputs[0]!.fixedBatch ?? count;
    const session = await openSession(encodeModel(model));
    const found: number[] = [];
    for (let start = 0; start < count; start += batch) {
      const part = data.subarray(start * 784, (start + batch) * 784);
      const out = await session.run({
        [name]: { type: 'float32', dims: [batch, ...shape.slice(1)], data: part },
      });
      found.push(...largest(out[session.outputNames[0]!]!.data as Float32Array));
    }
    await session.release();
    return found;
  }

  const accuracy = (found: number[]) => found.filter((label, i) => label === labels[i]).length / found.length;

  it('loses at most a point at T = 32, and no accuracy by more steps', async () => {
    const ann = accuracy(await classes(source, 1000));
    expect(ann).toBeGreaterThan(0.96);
    const short = accuracy(await classes((await convert(4)).model, 1000));
    const long = accuracy(await classes((await convert(32)).model, 1000));
    expect(long).toBeGreaterThanOrEqual(ann - 0.01);
    expect(long).toBeGreaterThanOrEqual(short);
  });

  it('gives the class of the eager run for at least 99 of 100 pictures', async () => {
    const converted = await convert(16);
    const { name, shape, data } = inputOf(100);
    const eager = simulateSnn(network, converted.spiking, { [name]: tf.tensor(data, shape) });
    const wanted = largest((await Object.values(eager)[0]!.data()) as Float32Array);
    const found = await classes(converted.model, 100);
    expect(found.filter((label, i) => label === wanted[i]).length).toBeGreaterThanOrEqual(99);
  });

  it('agrees with the eager run layer by layer on equal inputs', async () => {
    const { spiking } = await convert(8);
    const { name, shape, data } = inputOf(10);
    const steps: {
      layer: string;
      step: number;
      input: Float32Array;
      output: Float32Array;
      shape: number[];
    }[] = [];
    simulateSnn(network, spiking, { [name]: tf.tensor(data, shape) }, ({ layer, step, input, output }) => {
      const values = (tensor: tf.Tensor) => tensor.dataSync().slice() as Float32Array;
      steps.push({ layer, step, input: values(input), output: values(output), shape: input.shape });
    });
    expect(steps).toHaveLength(8 * spiking.plan.neurons.length);
    const program = await compileLayers(
      network,
      spiking.plan.neurons.map((node) => node.outputs[0]!),
      {
        name,
        shape,
        steps,
      },
    );
    for (let step = 0; step < 8; step++) {
      const now = steps.filter((entry) => entry.step === step);
      const feeds = Object.fromEntries(
        now.map(({ layer, output, shape }) => [
          `spikes/${layer}`,
          { type: 'float32' as const, dims: shape, data: output },
        ]),
      );
      const found = await program.run({ ...feeds, [name]: { type: 'float32', dims: shape, data } });
      for (const { layer, input } of now) {
        const scale = input.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const got = found[`current/${layer}`]!.data as Float32Array;
        const worst = input.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i]!)), 0);
        expect(worst / scale).toBeLessThan(1e-5);
      }
    }
    await program.release();
  });
});

/** The network with the spikes of every layer given: the currents they cause in the layers behind. */
function compileLayers(
  network: Network,
  layers: string[],
  at: { name: string; shape: number[]; steps: { layer: string; shape: number[] }[] },
) {
  const spikes = layers.map((layer) => ({
    name: `spikes/${layer}`,
    shape: at.steps.find((entry) => entry.layer === layer)!.shape,
    dtype: 'float32' as const,
  }));
  const parameters = Object.fromEntries(
    [...network.parameters].map(([name, { shape, values }]) => [
      name,
      { type: 'float32' as const, dims: shape, data: values },
    ]),
  );
  return compileFunction(
    (given) => {
      const currents: Record<string, tf.Tensor> = {};
      forward(network, given, {
        replace: (node, [input]) => {
          const layer = node.outputs[0]!;
          if (!layers.includes(layer)) return undefined;
          currents[`current/${layer}`] = tf.mul(input!, 1);
          return [given[`spikes/${layer}`]!];
        },
      });
      return currents;
    },
    [{ name: at.name, shape: at.shape, dtype: 'float32' }, ...spikes],
    { parameters },
  );
}

function largest(scores: Float32Array, classes = 10): number[] {
  return Array.from({ length: scores.length / classes }, (_, row) => {
    const values = scores.subarray(row * classes, (row + 1) * classes);
    return values.indexOf(Math.max(...values));
  });
}
