/** Progress of fine-tuning: a bar over all steps, a line for each epoch. */

import { choiceWords } from '../finetune/choice/choose.js';
import { clipWords } from '../finetune/choice/clips.js';
import type { EpochRecord, Measured, Trial, Validation } from '../finetune/history.js';
import type { FinetuneEvent } from '../finetune/run.js';
import { percent } from '../report/words.js';
import type { Progress } from './progress.js';

export function trainingProgress(progress: Progress): (event: FinetuneEvent) => void {
  let epochs = 0;
  return (event) => {
    switch (event.kind) {
      case 'start':
        epochs = event.epochs;
        progress.start('fine-tuning', event.steps, event.step);
        if (event.step > 0) progress.line(`fine-tuning goes on at step ${event.step} of ${event.steps}`);
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
        progress.update(event.step, `epoch ${event.epoch}/${epochs}, ${measuredText(event)}`);
        break;
      case 'epoch':
        progress.line(epochText(event.record, epochs, event.best));
        break;
    }
  };
}

function epochText({ epoch, train, validation }: EpochRecord, epochs: number, best: boolean): string {
  const held = validation ? `; ${validationText(validation)}` : '';
  return `epoch ${epoch}/${epochs}: ${measuredText(train)}${held}${best ? ' (best)' : ''}`;
}

function trialText({ clip, learningRate, validation }: Trial): string {
  const rate = learningRate === undefined ? '' : `, learning rate ${learningRate}`;
  return `${clipWords(clip)}${rate}: ${validation ? validationText(validation) : 'diverged'}`;
}

function validationText({ clean, noisy }: Validation): string {
  const under = noisy ? `, ${shown(noisy)} under noise` : '';
  return `validation ${shown(clean)} clean${under}`;
}

function measuredText(measured: Measured): string {
  const accuracy = measured.accuracy === undefined ? '' : `, accuracy ${percent(measured.accuracy)}`;
  return `loss ${measured.loss.toPrecision(3)}${accuracy}`;
}

function shown({ loss, accuracy }: Measured): string {
  return accuracy === undefined ? `loss ${loss.toPrecision(3)}` : percent(accuracy);
}
