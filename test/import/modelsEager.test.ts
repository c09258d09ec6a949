/** Real models by others, computed by tfjs itself: the reference engine computes what the file says. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import '../../src/compile/index.js';
import { covered, largestError, modelsAreHere, openCase } from './sharedModels.js';

const tolerance = 1e-4;
/** Sums in another order put a value that lies between two codes on the other one: a step of the output's 8 bits. */
const quantized: Record<string, number> = { 'cifar10/kassymm_tinyml_int8_static': 0.01 };

describe.skipIf(!modelsAreHere)('models by others, on the cpu backend', () => {
  it.each(covered)('%s', async (file) => {
    const { network, input, output, shape, values, expected } = await openCase(file, 1);
    await tf.setBackend('cpu');
    const y = tf.tidy(() => network.forward({}, { [input]: tf.tensor(values, shape) }).outputs[output]!);
    expect(largestError(y.dataSync(), expected)).toBeLessThan(quantized[file] ?? tolerance);
    y.dispose();
  });
});
