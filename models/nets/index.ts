/** The networks of models/: the nets of the WVAT paper's experiments, small enough to ship. */
import { traceModel } from '../../src/compile/index.js';
import type { Model } from '../../src/onnx/model.js';
import {
  batchNorm,
  convolution,
  dense,
  flatten,
  globalAverage,
  halveByAverage,
  type Layer,
  relu,
  residual,
  sequence,
} from './layers.js';

export interface Net {
  /** Shape of one example. */
  input: number[];
  layer: Layer;
}

const mlp: Net = {
  input: [1, 28, 28],
  layer: sequence(flatten, dense('fc1', 784, 512), relu, dense('fc2', 512, 512), relu, dense('fc3', 512, 10)),
};

/** LeNet-5's shape (LeCun et al. 1998), average pooling as there, with ReLU. */
const lenet: Net = {
  input: [1, 28, 28],
  layer: sequence(
    convolution('conv1', 1, 16, { size: 5 }),
    relu,
    halveByAverage,
    convolution('conv2', 16, 32, { size: 5 }),
    relu,
    halveByAverage,
    flatten,
    dense('fc1', 32 * 7 * 7, 128),
    relu,
    dense('fc2', 128, 10),
  ),
};

/** VGG-5 as Rathi et al. (hybrid-snn-conversion) define it, with a classifier of `width` in place of two of 4096. */
export function vgg5(width: number): Net {
  return {
    input: [3, 32, 32],
    layer: sequence(
      convolution('conv1', 3, 64),
      relu,
      halveByAverage,
      convolution('conv2', 64, 128),
      relu,
      convolution('conv3', 128, 128),
      relu,
      halveByAverage,
      flatten,
      dense('fc1', 128 * 8 * 8, width),
      relu,
      dense('fc2', width, 10),
    ),
  };
}

/** ResNet-20 for CIFAR (He et al. 2016, section 4.2), shortcuts by 1x1 convolution where the shape changes. */
const resnet20: Net = {
  input: [3, 32, 32],
  layer: sequence(
    unit('conv1', 3, 16, 3, 1),
    relu,
    ...stage('stage1', 16, 16, 1),
    ...stage('stage2', 16, 32, 2),
    ...stage('stage3', 32, 64, 2),
    globalAverage,
    dense('fc', 64, 10),
  ),
};

function unit(name: string, inChannels: number, outChannels: number, size: number, stride: number): Layer {
  return sequence(
    convolution(name, inChannels, outChannels, { size, stride, bias: false }),
    batchNorm(`${name}.norm`, outChannels),
  );
}

function stage(name: string, inChannels: number, outChannels: number, stride: number): Layer[] {
  return [0, 1, 2].map((i) => {
    const block = `${name}.${i}`;
    const [from, step] = i === 0 ? [inChannels, stride] : [outChannels, 1];
    const body = sequence(
      unit(`${block}.conv1`, from, outChannels, 3, step),
      relu,
      unit(`${block}.conv2`, outChannels, outChannels, 3, 1),
    );
    return from === outChannels
      ? residual(body)
      : residual(body, unit(`${block}.shortcut`, from, outChannels, 1, step));
  });
}

export const nets: Record<string, Net> = {
  'mnist-mlp': mlp,
  'mnist-lenet': lenet,
  'cifar10-vgg5': vgg5(128),
  'cifar10-resnet20': resnet20,
};

/** The untrained network as an ONNX model that takes any batch: input "input", output "logits". */
export function initialModel(name: string, { input, layer }: Net, seed: number): Model {
  return traceModel(
    ({ input: x, ...parameters }) => ({ logits: layer.apply(parameters, x!) }),
    [{ name: 'input', shape: [2, ...input], dtype: 'float32' }],
    { name, batch: 'batch', parameters: layer.parameters(seed) },
  );
}
