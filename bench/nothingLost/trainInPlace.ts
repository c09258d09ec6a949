/** Training steps that must leave no trace, and the same that must. */
import { type FinetuneOptions, type FinetuneResult, finetune, type Imported } from '../../src/index.js';
import type { Examples } from './examples.js';

/** Noise at full strength from the first step, nothing that moves a parameter but the learning rate. */
function train(
  { model, network }: Imported,
  { dataset, normalization, batchSize }: Examples,
  learningRate: number,
): Promise<FinetuneResult> {
  const options: FinetuneOptions = {
    ...{ model, network, dataset, normalization, batchSize, threads: 1 },
    ...{ method: 'wvat', device: 'gaussian:0.1', gamma: 1, ramp: 0, clip: 0 },
    schedule: { name: 'constant', learningRate },
    optimizerOptions: { weightDecay: 0 },
    loss: dataset.targets ? 'mean-squared-error' : 'cross-entropy',
    batchNorm: 'frozen',
    augmentation: { crop: 0, flip: false },
    ...{ validation: 0, epochs: 1, seed: 1 },
  };
  return finetune(options);
}

/** As many steps as the examples make, learning rate 0. */
export async function trainedInPlace(imported: Imported, examples: Examples) {
  const { model, history } = await train(imported, examples, 0);
  const { step, train: measured } = history.records[0]!;
  return { steps: step, loss: measured.loss, model };
}

/** How many tensors of the file the same steps change at a learning rate above 0. */
export async function changedTensors(imported: Imported, examples: Examples): Promise<number> {
  const { model } = await train(imported, examples, 1e-6);
  const before = imported.model.graph;
  return (
    model.graph.initializers.filter((tensor, i) => tensor !== before.initializers[i]).length +
    model.graph.nodes.filter((node, i) => node.opType === 'Constant' && node !== before.nodes[i]).length
  );
}
