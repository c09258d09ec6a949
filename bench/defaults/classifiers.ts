/** Every classifier at hand with data: ../shared/models, made by others and tuned for by nobody, and models/. */
import { join } from 'node:path';
import { root, sharedModels } from '../machine.js';

export interface Classifier {
  name: string;
  file: string;
  data: 'mnist' | 'cifar10';
  mean: number[];
  std: number[];
}

const bytes = { mean: [0], std: [1 / 255] };
const unit = { mean: [0], std: [1] };
const mnist = { mean: [0.1307], std: [0.3081] };
const cifar = (std: number[]) => ({ mean: [0.4914, 0.4822, 0.4465], std });
const wide = cifar([0.247, 0.2435, 0.2616]);
const narrow = cifar([0.2023, 0.1994, 0.201]);
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

const theirs = (path: string) => join(sharedModels, path);
const ours = (name: string) => join(root, 'models', name);

export const classifiers: readonly Classifier[] = [
  { name: 'mnist-8_cntk', file: theirs('mnist/mnist-8_cntk.onnx'), data: 'mnist', ...bytes },
  { name: 'zkml_lenet_4_8_32', file: theirs('mnist/zkml_lenet_4_8_32.onnx'), data: 'mnist', ...mnist },
  { name: 'netkit_mnist_cnn', file: theirs('mnist/netkit_mnist_cnn.onnx'), data: 'mnist', ...unit },
  { name: 'netkit_mnist_cnn_dw', file: theirs('mnist/netkit_mnist_cnn_dw.onnx'), data: 'mnist', ...mnist },
  { name: 'netkit_mnist_mlp', file: theirs('mnist/netkit_mnist_mlp.onnx'), data: 'mnist', ...bytes },
  { name: 'external-data/mnist', file: theirs('external-data/mnist.onnx'), data: 'mnist', ...mnist },
  { name: 'mnist-mlp', file: ours('mnist-mlp.onnx'), data: 'mnist', ...mnist },
  { name: 'mnist-lenet', file: ours('mnist-lenet.onnx'), data: 'mnist', ...mnist },
  { name: 'tinyCNN-esp_fp32', file: theirs('cifar10/tinyCNN-esp_fp32.onnx'), data: 'cifar10', ...narrow },
  { name: 'kassymm_tinyml_fp32', file: theirs('cifar10/kassymm_tinyml_fp32.onnx'), data: 'cifar10', ...wide },
  {
    name: 'kassymm_tinyml_int8_static',
    file: theirs('cifar10/kassymm_tinyml_int8_static.onnx'),
    data: 'cifar10',
    ...wide,
  },
  { name: 'cifar10-vgg5', file: ours('cifar10-vgg5.onnx'), data: 'cifar10', ...wide },
  {
    name: 'amandashi_resnet20',
    file: theirs('cifar10/amandashi_resnet20.onnx'),
    data: 'cifar10',
    ...imagenet,
  },
  { name: 'cifar10-resnet20', file: ours('cifar10-resnet20.onnx'), data: 'cifar10', ...wide },
];
