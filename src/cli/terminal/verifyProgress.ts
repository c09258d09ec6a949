/** Progress of a verification: chips judged so far. */

import { percent } from '../../report/words.js';
import type { VerifyProgress } from '../../verify/verify.js';
import type { Progress } from './progress.js';

export function verifyProgress(progress: Progress, what: string): (event: VerifyProgress) => void {
  let begun = false;
  return ({ done, total, device, chip, score }) => {
    if (!begun) progress.start(what, total);
    begun = true;
    const accuracy =
      'correct' in score && score.examples > 0 ? `, ${percent(score.correct / score.examples)}` : '';
    progress.update(done, device === undefined ? 'without noise' : `${device}, chip ${chip}${accuracy}`);
  };
}
