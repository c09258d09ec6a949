/**
 * CIFAR-100: 50,000 + 10,000 colour pictures of 32 x 32; a coarse (20) and a fine (100) label byte before each picture.
 * `cifar100` gives the fine labels, `cifar100-coarse` the coarse ones.
 */
import { type CifarLayout, readCifar } from '../cifar.js';
import { defineReader, type ReadRequest } from '../reader.js';

function readCifar100({ location, split }: ReadRequest, labels: Pick<CifarLayout, 'label' | 'classNames'>) {
  return readCifar(location, {
    folders: ['cifar-100-binary'],
    names: [`${split}.bin`],
    published: split === 'train' ? 50_000 : 10_000,
    labelBytes: 2,
    ...labels,
  });
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => String(i));

export const cifar100 = defineReader({
  name: 'cifar100',
  summary: 'CIFAR-100, binary version, 100 fine classes: folder with train.bin and test.bin, gzipped or not',
  location: 'directory',
  split: 'published',
  read: (request) => readCifar100(request, { label: 1, classNames: numbered(100) }),
});

export const cifar100Coarse = defineReader({
  name: 'cifar100-coarse',
  summary: 'CIFAR-100 with its 20 coarse classes',
  location: 'directory',
  split: 'published',
  read: (request) => readCifar100(request, { label: 0, classNames: numbered(20) }),
});
