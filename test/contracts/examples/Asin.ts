import type { Example } from '../example.js';

/** Where the function is defined, and steep nowhere. */
export const examples: readonly Example[] = [{ inputs: [{ shape: [2, 3, 4], between: [-0.9, 0.9] }] }];
