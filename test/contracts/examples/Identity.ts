import type { Example } from '../example.js';

export const examples: readonly Example[] = [{ inputs: [[2, 3]] }, { inputs: [[2, 3]], opset: 7 }];
