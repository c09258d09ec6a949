/** What is said of a result that is not simply the best epoch: which it is, and why. */

import { type Decision, type History, originOf, type Validation } from '../history/history.js';
import { clipWords } from '../step/clips.js';
import { dropOf, meritOf, outdoes } from '../validation/merit.js';

export function resultNotes(history: History): string[] {
  const { decision } = history;
  const origin = originOf(history);
  const why = origin === 'epoch' ? [] : [decision ? decisionNote(history, decision) : harmNote(history)];
  return [...why, ...(decision ? dropNotes(decision) : [])];
}

/** What a larger --clean-drop buys: of what was tried, each that is better under noise than all that gives away less. */
function dropNotes({ interpolations, finalists, trained }: Decision): string[] {
  const { source } = finalists;
  if (!source) throw new Error('a decision without the source among its finalists');
  let best = meritOf(trained?.validation ?? source);
  const offers: string[] = [];
  const dear = interpolations.map(({ validation }) => ({ validation, drop: dropOf(validation, source) }));
  for (const { validation, drop } of dear.sort((a, b) => a.drop - b.drop)) {
    if (drop > 1 || !outdoes(meritOf(validation), best)) continue;
    best = meritOf(validation);
    offers.push(`--clean-drop ${Math.ceil(drop * 1000) / 1000}: ${words(validation)}`);
  }
  const shown = offers.length > 4 ? [...offers.slice(0, 3), ...offers.slice(-1)] : offers;
  return shown.length === 0
    ? []
    : [`Of what was tried, by validation, a larger allowance buys more under noise: ${shown.join('; ')}.`];
}

function decisionNote({ start, records, best }: History, decision: Decision): string {
  const { origin, trained, finalists } = decision;
  const { epoch, validation } = records[best!]!;
  const epochItself = `the epoch itself reached ${words(validation!)}`;
  if (origin === 'interpolated')
    return `The result lies between the model as it came (${clipWords(trained!.clip)}) and epoch ${epoch}, ${percent(trained!.share)} of the way: of what was tried there, the best under noise that gives away no more without it than --clean-drop allows. By validation ${words(finalists.trained!)}; ${epochItself}, the model as it came ${words(start!)}.`;
  const result =
    origin === 'clipped'
      ? 'The result is the clipped model, untrained.'
      : 'The result is the model as it came.';
  const before = origin === 'clipped' ? 'clipping alone' : 'the model as it came';
  const why = trained
    ? `Training gained nothing over ${before} that luck would not explain (one standard error over validation examples and chips): ${words(finalists[origin as 'clipped' | 'source']!)} ${origin === 'clipped' ? 'clipped' : 'as it came'}, ${words(finalists.trained!)} trained`
    : `All that training reached gives away more accuracy without noise than --clean-drop allows, by validation: the model as it came ${words(start!)}`;
  return `${why}; ${epochItself}. ${result} ${trained ? 'More examples or epochs may help.' : 'A larger --clean-drop allows it, more examples or a lower learning rate may help.'}`;
}

/** Without a device nothing is interpolated: the best epoch was worse. */
function harmNote(history: History): string {
  const { start, clipped, records, best } = history;
  const { epoch, validation } = records[best!]!;
  const told = `${words(start!)} as it came, ${clipped ? `${words(clipped)} clipped, ` : ''}${words(validation!)} in the best epoch (${epoch})`;
  return originOf(history) === 'clipped'
    ? `No epoch is better than clipping alone, by validation: ${told}. The result is the clipped model, untrained.`
    : `No epoch is better than the model that went in, by validation: ${told}. The result is the model as it came. Try a lower learning rate, more epochs or more examples.`;
}

export function words({ noisy, clean }: Validation): string {
  const said = ({ accuracy, loss }: Validation['clean']) =>
    accuracy === undefined ? `loss ${loss.toPrecision(4)}` : `${percent(accuracy)}`;
  return noisy ? `${said(noisy)} under noise and ${said(clean)} without` : said(clean);
}

function percent(fraction: number): string {
  return `${Number((100 * fraction).toFixed(2))} %`;
}
