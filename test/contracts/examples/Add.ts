import { arithmeticExamples } from '../arithmeticExamples.js';
import type { Example } from '../example.js';

export const examples: readonly Example[] = arithmeticExamples;
