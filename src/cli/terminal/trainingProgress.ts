/** Progress of fine-tuning: a bar over all steps, a line for each epoch. */

import { choiceWords } from '../../finetune/choice/choose.js';
import type {
  CourseTrial,
  Decision,
  EpochRecord,
  Metrics,
  Validation,
  WeightInterpolation,
} from '../../finetune/history/history.js';
import type { FinetuneEvent } from '../../finetune/run/run.js';
import { clipWords } from '../../finetune/step/clips.js';
import { percent } from '../../report/words.js';
import type { Progress } from './progress.js';

/** `what`: the name of the training, if there are several. */
export function trainingProgress(progress: Progress, what = 'fine-tuning'): (event: FinetuneEvent) => void {
  let epochs = 0;
  let step = 0;
  return (event) => {
    switch (event.kind) {
      case 'start':
        epochs = event.epochs;
        progress.start(what, event.steps, event.step);
        step = event.step;
        if (event.step > 0) progress.line(`${what} goes on at step ${event.step} of ${event.steps}`);
        if (event.validation) progress.line(`before training: ${validationText(event.validation)}`);
        for (const record of event.records) progress.line(epochText(record, epochs, false));
        break;
      case 'tried':
        progress.update(0, `trying ${trialText(event.trial)}`);
        break;
      case 'choice':
        if (event.step === 0) progress.line(`training with ${choiceWords(event.choice)}`);
        if (event.step === 0 && event.clipped)
          progress.line(`clipped, before training: ${validationText(event.clipped)}`);
        break;
      case 'steps':
        step = event.step;
        progress.update(step, `epoch ${event.epoch}/${epochs}, ${measuredText(event)}`);
        break;
      case 'epoch':
        progress.line(epochText(event.record, epochs, event.best));
        break;
      case 'interpolated':
        progress.update(step, `trying ${interpolationText(event.interpolation)}`);
        break;
      case 'decision':
        progress.line(decisionText(event.decision));
        break;
    }
  };
}

function epochText({ epoch, train, validation }: EpochRecord, epochs: number, best: boolean): string {
  const held = validation ? `; ${validationText(validation)}` : '';
  return `epoch ${epoch}/${epochs}: ${measuredText(train)}${held}${best ? ' (best)' : ''}`;
}

function trialText({ clip, learningRate, validation }: CourseTrial): string {
  const rate = learningRate === undefined ? '' : `, learning rate ${learningRate}`;
  return `${clipWords(clip)}${rate}: ${validation ? validationText(validation) : 'diverged'}`;
}

function interpolationText({ clip, share, validation }: WeightInterpolation): string {
  return `${placeText({ clip, share })}: ${validationText(validation)}`;
}

function placeText({ clip, share }: Pick<WeightInterpolation, 'clip' | 'share'>): string {
  if (share === 1) return 'the best epoch';
  const from = clip.multiple === 0 ? '' : `, ${clipWords(clip)},`;
  return `${Math.round(100 * share)} % of the way from the model as it came${from} to the best epoch`;
}

function decisionText({ origin, trained, finalists }: Decision): string {
  const what = {
    source: 'the model as it came',
    clipped: 'the clipped model',
    epoch: 'the best epoch',
    interpolated: trained && placeText(trained),
  }[origin];
  const { source, clipped, trained: made } = finalists;
  const validation = { source, clipped, epoch: made, interpolated: made }[origin]!;
  return `result: ${what}; ${validationText(validation)}, every example on every chip`;
}

function validationText({ clean, noisy }: Validation): string {
  const under = noisy ? `, ${shown(noisy)} under noise` : '';
  return `validation ${shown(clean)} clean${under}`;
}

function measuredText(measured: Metrics): string {
  const accuracy = measured.accuracy === undefined ? '' : `, accuracy ${percent(measured.accuracy)}`;
  return `loss ${measured.loss.toPrecision(3)}${accuracy}`;
}

function shown({ loss, accuracy }: Metrics): string {
  return accuracy === undefined ? `loss ${loss.toPrecision(3)}` : percent(accuracy);
}
