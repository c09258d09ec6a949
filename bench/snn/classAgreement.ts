/** Does the exported file give the class that the eager run on tfjs gives? As many of 100 pictures as the time allows. */
import * as tf from '@tensorflow/tfjs';
import { sliceDataset } from '../../src/data/dataset.js';
import { simulateSnn } from '../../src/finetune/snn/simulate.js';
import type { Converted, Dataset, Network, Normalization } from '../../src/index.js';
import { encodeModel } from '../../src/index.js';
import { classesOf, inputsOf, largest } from '../classes.js';

export interface Pictures {
  dataset: Dataset;
  scaling: Normalization;
  network: Network;
  converted: Converted;
}

export async function classAgreement({ dataset, scaling, network, converted }: Pictures, minutes: number) {
  const wanted = Math.min(100, dataset.count);
  const began = performance.now();
  const eager: number[] = [];
  // One picture at a time: the eager run of a batch takes as long, and keeps all of it in memory.
  while (eager.length < wanted && performance.now() - began < minutes * 60_000) {
    const scores = await eagerScores(network, converted, inputsOf(dataset, scaling, eager.length, 1));
    eager.push(...largest(scores, 1));
  }
  const judged = sliceDataset(dataset, 0, eager.length);
  const found = await classesOf(encodeModel(converted.model), judged, scaling);
  return {
    pictures: eager.length,
    ...(eager.length < wanted && { reason: `the eager run takes longer than ${minutes} minutes for more` }),
    equal: found.filter((label, i) => label === eager[i]).length,
    secondsPerPicture: Number(((performance.now() - began) / 1000 / eager.length).toFixed(2)),
  };
}

async function eagerScores(network: Network, { spiking }: Converted, values: Float32Array) {
  await tf.setBackend('cpu');
  const { name, shape } = network.inputs[0]!;
  const x = tf.tensor(values, [1, ...shape.slice(1).map(Number)]);
  const outputs = simulateSnn(network, spiking, { [name]: x });
  const scores = outputs[network.outputs[0]!]!.dataSync().slice() as Float32Array;
  tf.dispose([x, outputs]);
  return scores;
}
