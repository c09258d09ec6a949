/** Before training, mini-batches are compared with the file in its own batch. */
import { describe, expect, it } from 'vitest';
import { finetune } from '../../../src/finetune/finetune.js';
import { importModel } from '../../../src/import/importModel.js';
import type { Network } from '../../../src/network/network.js';
import type { Model } from '../../../src/onnx/model.js';
import { convolutional, patterns } from '../nets.js';

function withBatch(model: Model, batch: number): Model {
  const inputs = model.graph.inputs.map((info) => ({
    ...info,
    tensorType: { ...info.tensorType!, shape: [batch, ...info.tensorType!.shape!.slice(1)] },
  }));
  const outputs = model.graph.outputs.map(({ name }) => ({ name }));
  return { ...model, graph: { ...model.graph, inputs, outputs } };
}

/** As a rule that is wrong would let it pass. */
function mixing(network: Network): Network {
  return {
    ...network,
    forward(...given) {
      const result = network.forward(...given);
      const y = result.outputs.y!;
      return { ...result, outputs: { ...result.outputs, y: y.add(y.mean(0, true)) } };
    },
  };
}

const settings = {
  dataset: patterns(100),
  batchSize: 20,
  epochs: 1,
  validation: 0.2,
  device: 'gaussian:0.1',
};

describe.each([1, 3, 7])('a file with a batch of %i', (batch) => {
  const model = withBatch(convolutional(), batch);
  const { network } = importModel(model);

  it('is trained in mini-batches', async () => {
    const { history, notes } = await finetune({ ...settings, model, network });
    expect(history.records).toHaveLength(1);
    expect(notes.join()).not.toMatch(/compared/);
  });

  it('is refused if examples of a mini-batch change each other', async () => {
    await expect(finetune({ ...settings, model, network: mixing(network) })).rejects.toThrow(
      new RegExp(
        `fixes its batch at ${batch}; in mini-batches of 20 it gives other outputs[\\s\\S]*batch size of ${batch}`,
      ),
    );
  });
});

it('takes the batch of the file as it is', async () => {
  const model = withBatch(convolutional(), 20);
  const { network } = importModel(model);
  const { history } = await finetune({ ...settings, model, network: mixing(network) });
  expect(history.records).toHaveLength(1);
});
