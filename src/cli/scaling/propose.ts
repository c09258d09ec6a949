/**
 * Before any work: do a few examples show that the model was trained for another scaling of its input? Then every number would
 * be that of a damaged model, and training would mend what the command line broke. A scaling nobody gave is refused; one that
 * was given is doubted aloud.
 */
import { checkDataset } from '../../data/check.js';
import type { Dataset } from '../../data/dataset.js';
import { asis, pixelScale, type Scaling, sameNormalization, usualScalings } from '../../data/scalings.js';
import { TemperError } from '../../errors.js';
import type { ModelFile } from '../../onnx/file.js';
import { percent, significant } from '../../report/words.js';
import { probeScalings, type ScalingProbe, type ScalingTrial } from '../../verify/model/probeScalings.js';
import { betterScaling, fitsAlike, onlyGuesses } from '../../verify/model/scalingEvidence.js';
import { table } from '../terminal/table.js';
import { asOptions, type ChosenScaling } from './choose.js';

export interface ProposeOptions {
  /** The model's input, batch first, and how many values it puts out, as far as the file says. */
  inputShape: readonly (number | undefined)[];
  classes: number | undefined;
  threads?: number | undefined;
  signal: AbortSignal;
  /** Only doubt: a run that was begun goes on. */
  begun?: boolean;
}

/** Notes for the user. Throws TemperError('usage') if the model should see another scaling, and nobody chose this one. */
export async function proposeScaling(
  chosen: ChosenScaling,
  file: ModelFile,
  data: Dataset,
  { inputShape, classes, threads, signal, begun = false }: ProposeOptions,
): Promise<string[]> {
  const { normalization } = chosen;
  // What does not fit is told by those who check it.
  if (checkDataset(data, { inputShape, classes, normalization }).length > 0) return [];
  // Tried before, by settle.ts.
  const trying = { threads, signal, rehearse: false };
  const probe = await probeScalings(file, data, { candidates: candidatesOf(chosen, data), ...trying });
  if (probe.untried !== undefined)
    return chosen.given ? [] : [`No other scaling of the input was tried: ${probe.untried}.`];
  const better = betterScaling(probe);
  if (better === undefined) {
    if (onlyGuesses(probe)) return [guessingNote(probe)];
    const open = !chosen.given && chosen.stated === undefined && pixelScale(data) !== undefined;
    return open ? [openNote(probe)] : [];
  }
  if (chosen.given || begun) return [doubt(probe, better)];
  throw new TemperError('usage', refusal(probe, better, chosen));
}

/** What is used first, then what the file states, then the usual ones. */
export function candidatesOf({ normalization, stated }: ChosenScaling, data: Dataset): Scaling[] {
  const usual = usualScalings(data);
  const all: Scaling[] = [
    { name: 'used', words: '', normalization },
    ...(stated ? [{ name: 'stated', words: '', normalization: stated }] : []),
    ...usual,
  ];
  return all.flatMap((scaling, i) => {
    const same = (other: Scaling) => sameNormalization(other.normalization, scaling.normalization);
    if (all.slice(0, i).some(same)) return [];
    const known = stated && same({ ...scaling, normalization: stated }) ? 'stated' : usual.find(same)?.name;
    const name = i === 0 ? (known ?? 'used') : scaling.name;
    return [{ ...scaling, name }];
  });
}

function shownScore({ accuracy, mse }: ScalingTrial): string {
  return accuracy === undefined ? `mean squared error ${significant(mse!)}` : percent(accuracy);
}

function doubt({ trials }: ScalingProbe, better: ScalingTrial): string {
  const [used] = trials as [ScalingTrial];
  const { name, normalization } = better.scaling;
  return `WARNING: on ${used.examples} examples the model fits the scaling ${name} (${asOptions(normalization)}) far better than the one that is used (${asOptions(used.scaling.normalization)}): ${shownScore(better)} against ${shownScore(used)}.`;
}

function refusal({ trials }: ScalingProbe, better: ScalingTrial, { stated }: ChosenScaling) {
  const [used] = trials as [ScalingTrial];
  const rows = trials.map((trial) => [
    trial.scaling.name,
    shownScore(trial),
    String(trial.examples),
    asOptions(trial.scaling.normalization),
  ]);
  const what = stated
    ? 'the file states how its input is scaled, but with these data the model does far better with another scaling'
    : 'nobody said how the input is scaled, and the model does far better with another scaling than with none';
  const { name, normalization } = better.scaling;
  const near = trials.filter((trial) => trial !== better && fitsAlike(trial, better));
  const alike = near.map(({ scaling }) => scaling.name).join(', ');
  const option = `--scaling ${name}`;
  return {
    what: `${what}:`,
    details: table(['scaling', 'result', 'examples', 'as options'], rows),
    hint: `run the same command with ${option} (that is ${asOptions(normalization)}${alike && `; ${alike} fit about as well: ask those who trained the model`}), or insist with --scaling ${stated ? 'stated' : asis.name} (${shownScore(used)})`,
  };
}

function openNote({ trials }: ScalingProbe): string {
  return `Nobody said how the input is scaled: it is fed as it is read (pixels of bytes on 0..1); on ${trials[0]!.examples} examples no usual scaling is clearly better.`;
}

function guessingNote({ trials }: ScalingProbe): string {
  const [used] = trials as [ScalingTrial];
  const names = trials.map(({ scaling }) => scaling.name).join(', ');
  return `With none of the usual scalings of the input (${names}) does the model do more than guess on ${used.examples} examples (${shownScore(used)} as used): is it trained, are these its data, and are the classes in its order?`;
}
