/** The models that models/train.ts makes: what each is in words, and the accuracy below which it is not shipped. */

export interface Entry {
  words: string;
  /** Least accuracy on the test split, a fraction. */
  floor: number;
}

export const catalogue: Record<string, Entry> = {
  'mnist-mlp': {
    words: 'Perceptron with two hidden layers: 784-512-512-10, ReLU.',
    floor: 0.98,
  },
  'mnist-lenet': {
    words:
      'LeNet-5 in shape (LeCun et al. 1998): conv 5x5 16, average pool, conv 5x5 32, average pool, dense 128, dense 10; ReLU.',
    floor: 0.988,
  },
  'cifar10-vgg5': {
    words:
      'VGG-5 with a narrow classifier: conv 3x3 64, average pool, conv 3x3 128, conv 3x3 128, average pool, dense 128, dense 10; ReLU, no batch normalization, so that it converts into a spiking network.',
    floor: 0.8,
  },
  'cifar10-resnet20': {
    words:
      'ResNet-20 for CIFAR (He et al. 2016, section 4.2): 16, 32 and 64 channels, three residual blocks each, batch normalization, shortcuts by 1x1 convolution where the shape changes.',
    floor: 0.88,
  },
};
