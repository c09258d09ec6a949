import type { Example } from '../example.js';

export const examples: readonly Example[] = [{ inputs: [{ ints: [5, -3, 0] }] }];
