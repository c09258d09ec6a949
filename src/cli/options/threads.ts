/** How many threads compute. In training and calibration their number is part of what is computed. */
import { usualThreads } from '../../runtime/session.js';
import { whole } from '../parse/option.js';

/** For commands whose results depend on it: how sums are split decides their last digits. */
export const threadOptions = {
  threads: whole(
    `threads of onnxruntime; another number gives other last digits, so there are ${usualThreads} on every machine if it is left out`,
    { minimum: 1, maximum: 1024 },
  ),
};

/** For verification, where each thread judges chips of its own. */
export const judgeThreadOptions = {
  threads: whole('threads, each with a chip of its own; left out, one per core; no result depends on it', {
    minimum: 1,
    maximum: 1024,
  }),
};
