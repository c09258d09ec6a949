import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TemperError } from '../../src/errors.js';
import { exportModel } from '../../src/export/exportModel.js';
import { crossbarTensors } from '../../src/mapping/crossbar.js';
import { decodeModel, encodeModel } from '../../src/onnx/codec.js';
import { tensorValues } from '../../src/onnx/tensor.js';
import { convNet } from './nets.js';

/** Whatever the bytes are: an answer, or a refusal that names the problem; never another error, never a hang. */
function survives(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
  }
}

for (const [name, source] of [
  ['a float model', convNet(9)],
  ['a quantized model', exportModel(convNet(13), { bits: 4 }).model],
] as const) {
  const bytes = encodeModel(source);
  const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });

  test(`${name} with some bytes changed`, () => {
    fc.assert(
      fc.property(damage, fc.constantFrom(8 as const, 4 as const), fc.boolean(), (changes, bits, fold) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, value] of changes) damaged[at] = value;
        survives(() => {
          const model = decodeModel(damaged);
          for (const tensor of model.graph.initializers) survives(() => tensorValues(tensor));
          for (const tensor of crossbarTensors(model)) survives(() => tensor.values());
          expect(decodeModel(encodeModel(model))).toEqual(model);
          exportModel(model, { bits, foldBatchNorm: fold });
        });
      }),
      { numRuns: 200 },
    );
  });
}
