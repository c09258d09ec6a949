import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [], attributes: { value_floats: { floats: [1.5, -2] } } },
];
