import type { Example } from '../example.js';
import { reductionExamples } from '../reductionExamples.js';

export const examples: readonly Example[] = reductionExamples(18);
