/** CIFAR-10: 50,000 + 10,000 colour pictures of 32 x 32, ten classes; one label byte before each picture. */
import { readCifar } from '../cifar.js';
import { defineReader } from '../reader.js';

const classNames = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

export const cifar10 = defineReader({
  name: 'cifar10',
  summary: 'CIFAR-10, binary version: folder with data_batch_1..5.bin and test_batch.bin, gzipped or not',
  location: 'directory',
  split: 'published',
  read: ({ location, split }) =>
    readCifar(location, {
      folders: ['cifar-10-batches-bin'],
      names: split === 'train' ? [1, 2, 3, 4, 5].map((part) => `data_batch_${part}.bin`) : ['test_batch.bin'],
      published: 10_000,
      labelBytes: 1,
      label: 0,
      classNames,
    }),
});
