import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      [3, 4],
      [4, 5],
    ],
    attributes: { equation: 'ij, jk -> ki' },
  },
  { inputs: [[2, 3, 4, 5], [2, 3, 5], [4]], attributes: { equation: 'b...ij,b...j,i' }, opset: 12 },
  { inputs: [[3, 2, 3]], attributes: { equation: 'iji->j' } },
  {
    inputs: [
      [2, 3],
      [2, 3],
    ],
    attributes: { equation: 'ij,ij->i' },
  },
  {
    inputs: [
      [1, 3, 2],
      [4, 2, 1],
    ],
    attributes: { equation: '...ij,...jk->...ik' },
  },
];
