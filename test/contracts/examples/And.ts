import type { Example } from '../example.js';

export const examples: readonly Example[] = [{ inputs: [{ bools: [1, 1, 0, 0] }, { bools: [1, 0, 1, 0] }] }];
