/** The ends of a model, as onnxruntime tells them: the one input that examples go into, and the output that is scored. */
import { checkDataset } from '../../data/check.js';
import type { Dataset } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import type { Problem } from '../../errors.js';
import type { CrossbarTensor } from '../../mapping/crossbar.js';
import type { Model } from '../../onnx/model.js';
import { walkNodes } from '../../onnx/walk.js';
import type { Session, ValueMetadata } from '../../runtime/session.js';

/** The one input, or everything that can be said against it and the first output before a run. */
export function inputOf(
  session: Session,
  data: Dataset,
  tensors: readonly CrossbarTensor[],
  normalization: Normalization,
): ValueMetadata | Problem[] {
  const problems: Problem[] = [];
  const { inputNames, outputNames } = session;
  const [input] = session.inputs;
  const [output] = session.outputs;
  if (inputNames.length !== 1) {
    const names = inputNames.length === 0 ? 'none' : inputNames.join(', ');
    problems.push({
      what: `the model has ${inputNames.length} inputs (${names}), examples go into one`,
      hint: 'make the others initializers of the graph',
    });
  } else if (input?.type !== 'float32') {
    const hint =
      'remove the cast or quantization of the input from the graph, or put a Cast behind a float32 input';
    problems.push({
      what: `input "${inputNames[0]}" is ${input?.type ?? 'not a tensor'}, examples are float32`,
      hint,
    });
  }
  if (output?.type !== 'float32' || output.name !== outputNames[0]) {
    const type = session.outputs.find(({ name }) => name === outputNames[0])?.type ?? 'not a tensor';
    problems.push({
      what: `output "${outputNames[0]}" is ${type}, scores are taken from float32`,
      hint: 'let the model put out one score per class as float32',
    });
  }
  if (tensors.length === 0) {
    problems.push({
      what: 'no weights to perturb: no Conv, ConvTranspose, Gemm or MatMul has a constant weight',
    });
  }
  if (input && inputNames.length === 1) {
    const inputShape = input.shape.map((dim) => (typeof dim === 'number' ? dim : undefined));
    problems.push(...checkDataset(data, { inputShape, normalization }));
  }
  return input && problems.length === 0 ? input : problems;
}

export function withoutBatch({ name, shape }: ValueMetadata): Problem {
  return {
    what: `output "${name}" [${shape.map((extent) => extent || '?').join(', ')}]: which values belong to which example cannot be told`,
    hint: 'put a Transpose or Reshape before the output that brings the batch to the front',
  };
}

export function outputNotes({ outputNames }: Session): string[] {
  if (outputNames.length === 1) return [];
  return [`The model has ${outputNames.length} outputs; the first, "${outputNames[0]}", is scored.`];
}

/** onnxruntime by default (WeightBiasQuantization) rounds float weights between quantized activations to 8 bits. */
export function quantizedNotes({ graph }: Model, numerics: 'exact' | 'deploy'): string[] {
  const quantizes = [...walkNodes(graph)].some(({ node }) => node.opType.endsWith('QuantizeLinear'));
  const dequantizes = [...walkNodes(graph)].some(({ node }) => node.opType === 'DequantizeLinear');
  if (!quantizes || !dequantizes) return [];
  return [
    numerics === 'exact'
      ? 'Activations are quantized: to score a written chip alike, open it with session.disable_quant_qdq = 1.'
      : 'Activations are quantized: by default onnxruntime rounds the perturbed weights to 8 bits again.',
  ];
}
