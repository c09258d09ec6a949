/**
 * What each ONNX operator means to a spike train. A layer that is affine in the activations may stand between neurons,
 * because the mean over time passes through it; anything else may only read the result out, after the mean.
 */

/** Affine operators, and which inputs may carry activations: any, at most one (the others constant), or only the first. */
export const affine: Readonly<Record<string, 'any' | 'one' | 'first'>> = {
  Add: 'any',
  Sub: 'any',
  Sum: 'any',
  Mean: 'any',
  Concat: 'any',
  Neg: 'any',
  Identity: 'any',
  Conv: 'first',
  ConvTranspose: 'first',
  Gemm: 'one',
  MatMul: 'one',
  Mul: 'one',
  Div: 'first',
  BatchNormalization: 'first',
  AveragePool: 'first',
  GlobalAveragePool: 'first',
  ReduceMean: 'first',
  ReduceSum: 'first',
  Flatten: 'first',
  Reshape: 'first',
  Transpose: 'first',
  Squeeze: 'first',
  Unsqueeze: 'first',
  Slice: 'first',
  Split: 'first',
  Gather: 'first',
  Expand: 'first',
  Pad: 'first',
  Dropout: 'first',
  Cast: 'first',
};

/** Operators with weights: behind a readout they would be a layer without a neuron before it. */
export const weighted: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/** Turn mean outputs into what the user reads; applied once, after the mean over time. */
export const readouts: ReadonlySet<string> = new Set([
  'Softmax',
  'LogSoftmax',
  'Hardmax',
  'Sigmoid',
  'ArgMax',
  'TopK',
]);

const activations: ReadonlySet<string> = new Set(
  'LeakyRelu PRelu Elu Selu Celu Gelu ThresholdedRelu Sigmoid HardSigmoid HardSwish Swish Mish Tanh Softplus Softsign Erf'.split(
    ' ',
  ),
);

/** What a user can do about an operator that cannot carry spikes. */
export function hintFor(opType: string): string {
  if (/^(Global)?(Max|Lp)Pool$/.test(opType))
    return 'train the network with average pooling: the maximum over spike trains is not known before they end';
  if (opType === 'Clip') return 'use Relu in its place and fine-tune: the threshold bounds the activation';
  if (activations.has(opType) || readouts.has(opType))
    return 'fine-tune the network with Relu between its layers, then convert';
  if (/uantizeLinear$|Integer$|^QLinear/.test(opType))
    return 'convert the float model first, then quantize the spiking one';
  return 'only Relu, and operators affine in the activations, can stand between spiking layers';
}
