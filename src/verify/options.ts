/** What a verification is asked for, and whether that can be done; checked at the door, all problems at once. */
import type { Dataset } from '../data/dataset.js';
import { type Normalization, unitScale } from '../data/normalize.js';
import { sampleDataset, sampleNotes } from '../data/sample.js';
import { type Device, parseDevice } from '../devices/index.js';
import { type Problem, TemperError } from '../errors.js';
import type { Asked } from '../runtime/limits.js';
import type { ModelSource } from './feed/source.js';
import type { VerifyProgress } from './judge/trials.js';
import type { ChipFile } from './writeChip.js';

export interface VerifyOptions {
  /**
   * Path of an ONNX file, its bytes, or a file that was read already. It is run in this process, after
   * `rehearse`.
   */
  model: ModelSource;
  dataset: Dataset;
  /** Default: pixels on the 0..1 scale. */
  normalization?: Normalization | undefined;
  /** Specs such as `gaussian:0.05`. */
  devices: readonly string[];
  /**
   * Layers that stay on digital hardware, of both models: names or patterns (src/mapping/digital.ts). Left out, what the model
   * says, for the other too unless that says otherwise itself.
   */
  digital?: readonly string[] | undefined;
  /** Chips per device. */
  draws: number;
  /** Of the chips; default 0. */
  seed?: number | undefined;
  /** Judge only so many examples: a sample in which every class keeps its share (seed 0). */
  limit?: number | undefined;
  /**
   * Whether `model` and `against` are first run on one batch in a process apart, which a stranger's file may end instead of this
   * one: true, false, or what they may take there. Default: yes for a path or a file that was read, no for bytes, which then go there through a file.
   */
  rehearse?: boolean | Asked | undefined;
  /** Examples at once. The scores do not depend on it but for rounding. */
  batchSize?: number | undefined;
  /** Threads in all; default: one per core. The scores do not depend on it. */
  threads?: number | undefined;
  /** `exact` (default): quantized operators as written; `deploy`: as onnxruntime fuses them by default. */
  numerics?: 'exact' | 'deploy' | undefined;
  /** Also writes the model of one chip (of the only device) as plain ONNX. */
  writeChip?: ChipFile | undefined;
  /** Bytes of a model, or of a chip of it, that go to onnxruntime from memory; more go through files. Changes no score. */
  largest?: number | undefined;
  /** Another model in the same form (sameForm.ts), judged on the same chips. */
  against?: ModelSource | undefined;
  /**
   * A model in the same form: the noise is drawn on its weights and added to those of the models, so that different models meet the
   * same deviations in absolute units. Default: each model's own weights.
   */
  noiseFrom?: ModelSource | undefined;
  /** What a user should know of how the machine is used; no part of the report. */
  onNote?: ((text: string) => void) | undefined;
  onProgress?: ((event: VerifyProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** What is asked for, with all that was left open. */
export interface VerifyRequest
  extends Omit<VerifyOptions, 'dataset' | 'devices' | 'normalization' | 'numerics' | 'seed'> {
  /** The part that is judged. */
  readonly data: Dataset;
  readonly devices: readonly Device[];
  readonly normalization: Normalization;
  readonly numerics: 'exact' | 'deploy';
  readonly seed: number;
}

/** Throws TemperError('usage') with every problem of the options. */
export function completeOptions(options: VerifyOptions): VerifyRequest {
  const devices = checkOptions(options);
  const { dataset, normalization = unitScale, numerics = 'exact', seed = 0, ...rest } = options;
  return { ...rest, devices, normalization, numerics, seed, data: partOf(dataset, options.limit) };
}

/** The examples that are judged. */
function partOf(data: Dataset, limit = data.count): Dataset {
  const part = sampleDataset(data, limit);
  return part === data ? data : { ...part, notes: [...(data.notes ?? []), ...sampleNotes(part)] };
}

/** The devices. */
function checkOptions(options: VerifyOptions): Device[] {
  const problems: Problem[] = [];
  const count = (name: string, value: number | undefined, least: number) => {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least)) {
      problems.push({ what: `${name} must be a whole number of at least ${least}, not ${value}` });
    }
  };
  count('draws', options.draws, 1);
  count('seed', options.seed, 0);
  count('limit', options.limit, 1);
  count('batch size', options.batchSize, 1);
  count('threads', options.threads, 1);
  count('chip to write', options.writeChip?.chip, 0);
  const devices = options.devices.flatMap((spec) => parse(spec, problems));
  const specs = devices.map(({ spec }) => spec);
  for (const spec of new Set(specs.filter((other, i) => specs.indexOf(other) !== i))) {
    problems.push({ what: `device ${spec} is given twice` });
  }
  if (options.devices.length === 0) problems.push({ what: 'no device', hint: 'for example gaussian:0.1' });
  if (options.writeChip && options.devices.length > 1) {
    const hint = 'verify that device alone';
    problems.push({ what: `a chip is written of one device, not of ${options.devices.length}`, hint });
  }
  if (problems.length > 0) throw new TemperError('usage', problems);
  return devices;
}

function parse(spec: string, problems: Problem[]): Device[] {
  try {
    return [parseDevice(spec)];
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    problems.push(...error.problems);
    return [];
  }
}
