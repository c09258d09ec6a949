/** Real models by others: the compiled network computes what the file says, and what must be refused is refused. */
import { describe, expect, it } from 'vitest';
import { compileFunction } from '../../src/compile/index.js';
import { checkModel } from '../../src/import/check.js';
import { float32, type HostTensor } from '../../src/runtime/host.js';
import { type Case, covered, largestError, modelsAreHere, openCase, readShared } from './sharedModels.js';

/** Every problem's first line must be one of these. */
const refused: [string, RegExp][] = [
  ['misc/finn_tfc_w1a2', /^unsupported operator (finn\.custom_op\.general\.MultiThreshold|TopK)/],
  [
    'jets/hls4ml_separable_conv_ch_last',
    /^unsupported operator qonnx\.custom_op\.[a-z_]+\.(Quant|Conv) of a custom domain$/,
  ],
  ['mnist/mnist_tfjs-onnx-demo', /^opset 1 is not supported$/],
  // onnxruntime has no Gemm of opset 6, and the Keras exporter transposed a matrix that it did not mean to.
  ['jets/hls4ml_three_layer_bn_pytorch', /^opset 6 is not supported$/],
  ['jets/hls4ml_three_layer_bn_keras', /^BatchNormalization \(opset 7\): 64 scales for the 3 channels/],
];

const examples = 100;
const tolerance = 1e-4;

describe.skipIf(!modelsAreHere)('models by others, compiled', () => {
  it.each(covered)('%s', async (file) => {
    const example = await openCase(file, examples);
    expect(largestError(await compiledOutputs(example), example.expected)).toBeLessThan(tolerance);
  });

  it.each(refused)('%s is refused', async (file, reason) => {
    const problems = checkModel(await readShared(file));
    expect(problems.length).toBeGreaterThan(0);
    for (const { what, where } of problems) {
      expect(what).toMatch(reason);
      expect(where).toBeTruthy();
    }
  });
});

async function compiledOutputs({ network, input, output, shape, values }: Case): Promise<Float32Array> {
  const parameters: Record<string, HostTensor> = {};
  for (const { name, shape: dims, values: floats } of network.parameters.values())
    parameters[name] = float32(dims, floats);
  const compiled = await compileFunction(
    ({ [input]: x, ...weights }) => ({ y: network.forward(weights, { [input]: x! }).outputs[output]! }),
    [{ name: input, shape, dtype: 'float32' }],
    { parameters },
  );
  const { y } = await compiled.run({ [input]: float32(shape, values) });
  await compiled.release();
  return y!.data as Float32Array;
}
