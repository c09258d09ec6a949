/** Before any work of `temper verify`: every file read, once, and everything checked. */
import type { Dataset } from '../../data/dataset.js';
import { parseDevice } from '../../devices/index.js';
import { arrange } from '../../mapping/digital.js';
import type { ModelFile } from '../../onnx/file.js';
import { parseRequirement, refuseUndecidable, refuseUnmeasured } from '../../verify/report/requirement.js';
import { Findings } from '../open/findings.js';
import { openJudged } from '../open/judgedExamples.js';
import { limitNotes } from '../open/limitNotes.js';
import { exampleShapeOf } from '../open/modelInput.js';
import { outputClasses } from '../open/pretrained.js';
import { rehearsed } from '../open/rehearsed.js';
import { readSound } from '../open/sound.js';
import { digitalOf } from '../options/digital.js';
import type { verifyOptions } from '../options/verify.js';
import type { OptionValues } from '../parse/option.js';
import { type SettledScaling, settleScaling } from '../scaling/settle.js';
import type { Terminal } from '../terminal/terminal.js';
import { checkOutputs, makeFolderOf } from '../write/outputFile.js';

export type VerifyValues = OptionValues<typeof verifyOptions> & { input: string };

export interface PreparedVerification {
  /** What is judged is what was checked, whatever becomes of the paths. */
  models: { model: ModelFile; against: ModelFile | undefined; noiseFrom: ModelFile | undefined };
  dataset: Dataset;
  scaling: SettledScaling;
}

/** Everything that can be wrong with the command is told before the first chip is drawn. */
export async function prepare(values: VerifyValues, { signal }: Terminal): Promise<PreparedVerification> {
  const findings = new Findings();
  for (const spec of values.device) await findings.from(() => parseDevice(spec));
  for (const condition of values.require ?? [])
    await findings.from(() => refuseUndecidable(parseRequirement(condition), values.draws));
  const digital = digitalOf(values.digital);
  const { input, against: other, 'noise-from': drawnOn } = values;
  const file = await findings.from(() => readSound(input));
  const against = other === undefined ? undefined : await findings.from(() => readSound(other));
  const noiseFrom = drawnOn === undefined ? undefined : await findings.from(() => readSound(drawnOn));
  // With one that cannot be used, none is run.
  const all = (other === undefined || against) && (drawnOn === undefined || noiseFrom);
  for (const read of [file, against])
    if (read && digital) await findings.from(() => arrange(read.model, digital));
  const shape = file && exampleShapeOf(file.model);
  const classes = file && outputClasses(file.model);
  const dataset = await findings.from(() =>
    openJudged(values, { limit: values.limit, shape, outputs: classes }),
  );
  const inputShape = [undefined, ...(shape ?? [])];
  const scaling = await settleScaling(findings, values, all ? file : undefined, dataset, {
    inputShape,
    classes,
    signal,
  });
  const normalizations = scaling && [scaling.normalization];
  const tried = { values, dataset, ...(normalizations && { normalizations }), signal };
  await rehearsed(findings, against, tried);
  for (const condition of dataset ? (values.require ?? []) : [])
    await findings.from(() => refuseUnmeasured(parseRequirement(condition), dataset!.targets !== undefined));
  const outputs = outputsOf(values);
  const read = dataset?.files.map(({ path }) => path) ?? [];
  await findings.from(() => checkOutputs(outputs, [input, other, drawnOn, ...read]));
  findings.refuse();
  for (const file of outputs) await makeFolderOf(file);
  const notes = [...scaling!.notes, ...limitNotes(values.limit, dataset!.count, values.draws)];
  return { models: { model: file!, against, noiseFrom }, dataset: dataset!, scaling: { ...scaling!, notes } };
}

export function outputsOf({ json, html, 'write-chip': chip }: VerifyValues): string[] {
  return [json === '-' ? undefined : json, html, chip?.[1]].filter((file) => file !== undefined);
}
