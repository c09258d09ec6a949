import type { Example } from '../example.js';

export const examples: readonly Example[] = [{ inputs: [{ ints: [5, 3, 12] }, { ints: [3, 1, 10] }] }];
