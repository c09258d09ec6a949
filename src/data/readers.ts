/** Every data reader, in the order of `--help`. */
import type { Reader } from './reader.js';
import { cifar10 } from './readers/cifar10.js';
import { cifar100, cifar100Coarse } from './readers/cifar100.js';
import { digits } from './readers/digits.js';
import { fashionMnist } from './readers/fashionMnist.js';
import { folder } from './readers/folder.js';
import { mnist } from './readers/mnist.js';
import { npz } from './readers/npz.js';

export const readers: readonly Reader[] = [
  mnist,
  fashionMnist,
  cifar10,
  cifar100,
  cifar100Coarse,
  npz,
  folder,
  digits,
];
