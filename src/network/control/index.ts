/** Operators with bodies. */
import { If } from './if.js';
import { Loop } from './loop.js';
import { Scan } from './scan.js';

export const control = [If, Loop, Scan];
