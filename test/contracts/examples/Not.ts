import type { Example } from '../example.js';

export const examples: readonly Example[] = [{ inputs: [{ bools: [1, 0] }] }];
