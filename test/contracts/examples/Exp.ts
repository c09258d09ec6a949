import type { Example } from '../example.js';

export const examples: readonly Example[] = [{ inputs: [[2, 3, 4]] }, { inputs: [[5]], opset: 9 }];
