/** What is said of how a result was chosen: on how many examples, and with which clip. */

import type { History, ResultOrigin } from '../history/history.js';
import type { Run } from '../run/run.js';
import { boundsOf, clipWords, noClip, shareBeyond } from '../step/clips.js';

/** Standard error of an accuracy on so many examples: up to five points. */
const fewExamples = 100;

export function fewNotes({ validation, settings }: Run): string[] {
  if (validation.length === 0 && settings.device !== undefined)
    return [
      'No validation examples (--val 0): the last epoch is the result. Whether it is better than the model as it came, or than clipping alone, was not asked.',
    ];
  if (validation.length === 0 || validation.length >= fewExamples) return [];
  return [
    `All choices were made on ${validation.length} validation examples: luck decides about points. More examples, or a larger --val, help.`,
  ];
}

/** The clip of the result: training may have gone with another one than clipping alone. */
export function clipNotes(run: Run, { choice, decision }: History, origin: ResultOrigin): string[] {
  const clips = { epoch: choice!.clip, clipped: choice!.alone, source: noClip };
  const clip = origin === 'interpolated' ? decision!.trained!.clip : clips[origin];
  if (clip.multiple === 0) return [];
  const { axes } = run.feeds.stepOptions;
  const bounds = Object.fromEntries(run.clipped.map((p) => [p.name, boundsOf(p, axes, clip)]));
  const beyond = shareBeyond(run.clipped, axes, bounds);
  const examples = run.validation.length > 0 ? 'validation' : 'training';
  const chosen = run.settings.clip === 'auto' ? `, chosen on ${choice!.examples} ${examples} examples` : '';
  return beyond > 0
    ? [
        `Weights: ${clipWords(clip)}${chosen}; this alone changes ${(100 * beyond).toPrecision(2)} % of the crossbar weights.`,
      ]
    : [];
}
