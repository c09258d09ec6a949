import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [{ shape: [2, 3], between: [0.5, 2] }, [2, 3]] },
  { inputs: [{ shape: [2, 3], between: [0.5, 2] }, []], opset: 7 },
];
