import type { Example } from '../example.js';

export const examples: readonly Example[] = [{ inputs: [{ shape: [2, 3, 4], between: [0.5, 2] }] }];
