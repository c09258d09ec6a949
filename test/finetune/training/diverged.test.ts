import { expect, it } from 'vitest';
import type { History, Validation } from '../../../src/finetune/history/history.js';
import { withBestKept } from '../../../src/finetune/training/diverged.js';
import { Divergence } from '../../../src/finetune/training/refusals.js';
import { convolutional } from '../nets.js';

const at = (accuracy: number): Validation => ({ clean: { accuracy, loss: 1 - accuracy } });
const history = (start: number | undefined, reached: number): History => ({
  ...(start !== undefined && { start: at(start) }),
  ...{ running: {}, best: 0 },
  records: [
    {
      ...{ epoch: 1, step: 1, learningRate: 0.1, strength: 1, train: { loss: 1 } },
      validation: at(reached),
    },
  ],
});
const hint = async (of: History) => {
  const error = new Divergence('model', { what: 'training diverged', hint: 'lower the rate' });
  const options = { onDivergence: async () => 'best.onnx' } as never;
  return (await withBestKept(error, options, of, convolutional)).problems[0]!.hint;
};

it('what is kept of a run that diverged is said to be worse than the model as it came, where it is', async () => {
  expect(await hint(history(0.9, 0.6))).toMatch(
    /best epoch before that, 1 \(validation: 60 %\), is kept in best.onnx; it is worse than the model as it came \(90 %\)$/,
  );
  expect(await hint(history(0.5, 0.6))).toMatch(/is kept in best.onnx$/);
  expect(await hint(history(undefined, 0.6))).toContain('is not known');
});
