/** Fashion-MNIST: 60,000 + 10,000 articles of clothing, 28 x 28 grey. Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747. */
import { readIdxSplit } from '../idx.js';
import { defineReader } from '../reader.js';

const classNames = [
  'T-shirt/top',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
];

export const fashionMnist = defineReader({
  name: 'fashion-mnist',
  summary: 'Fashion-MNIST: folder with the four IDX files, gzipped or not',
  location: 'directory',
  split: 'published',
  read: ({ location, split }) => readIdxSplit(location, split, ['FashionMNIST/raw', 'raw'], classNames),
});
