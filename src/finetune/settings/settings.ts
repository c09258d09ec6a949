/** The options of fine-tuning, made complete and checked once at the door; inside, everything is decided. Plain data: the recipe of a run. */
import { type EngineName, engines } from '../../compile/index.js';
import { usualAugmentation, type Varied } from '../../data/augmentation.js';
import type { Augmentation } from '../../data/batch.js';
import { parseDevice } from '../../devices/index.js';
import { type Problem, TemperError } from '../../errors.js';
import { usualThreads } from '../../runtime/session.js';
import { createMethod, findMethod } from '../methods/index.js';
import { createOptimizer, type OptimizerOptions } from '../optimizers/index.js';
import type { Clip } from '../step/clips.js';
import { type LossName, lossNames } from '../step/losses.js';
import { checkSchedule, type PlannedSchedule, scheduleDefaults } from './schedules.js';

/** What a user may leave out. */
export interface FinetuneSettings {
  /** `wvat` (the default if there is a device) or `plain`. */
  method?: string | undefined;
  /** Spec of the device whose noise is trained and validated against, e.g. `gaussian:0.1`. */
  device?: string | undefined;
  gamma?: number | undefined;
  radius?: number | undefined;
  /**
   * Multiple of the root mean square of their tensor, as it came, that weights are clipped to before training and after each
   * step; 0 = never. `auto` (the default if there is a device): chosen on the validation split under the device's noise.
   */
  clip?: 'auto' | number | Clip | undefined;
  /** Fraction of the run over which the noise rises to its full strength. */
  ramp?: number | undefined;
  optimizer?: string | undefined;
  optimizerOptions?: Partial<OptimizerOptions> | undefined;
  /** `learningRate: 'auto'`, the default: found by short trials before training. */
  schedule?: Partial<PlannedSchedule> | undefined;
  loss?: LossName | undefined;
  smoothing?: number | undefined;
  epochs?: number | undefined;
  batchSize?: number | undefined;
  batchNorm?: 'trained' | 'frozen' | undefined;
  decayOn?: 'weights' | 'all' | undefined;
  /** Default: as the data bear it (data/augmentation.ts). */
  augmentation?: Augmentation | undefined;
  /**
   * Accuracy without noise, as a fraction, that a result may give away for accuracy under noise; where there are no classes, the loss
   * may grow by five times that. Counts where there is a device. Default 0.01: one point.
   */
  cleanDrop?: number | undefined;
  /** Whether the result may lie between the network as it came and the best epoch (default: true). Counts where there is a device. */
  interpolate?: boolean | undefined;
  /** Share of the training examples set aside for every choice. 0 = none: the last epoch is kept. */
  validation?: number | undefined;
  /** Chips over which the validation examples are spread for the accuracy under noise. */
  validationChips?: number | undefined;
  /** Stop after this many epochs without a better one; 0 = never. */
  patience?: number | undefined;
  seed?: number | undefined;
  engine?: EngineName | undefined;
  /** Of onnxruntime, inside an operator. They change the last bits of training, so they are the same on every machine. */
  threads?: number | undefined;
}

type Complete<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };
export interface Settings
  extends Omit<
    Complete<FinetuneSettings>,
    'schedule' | 'clip' | 'device' | 'gamma' | 'radius' | 'optimizerOptions'
  > {
  readonly schedule: PlannedSchedule;
  readonly clip: 'auto' | Clip;
  readonly device: string | undefined;
  readonly gamma: number | undefined;
  readonly radius: number | undefined;
  readonly optimizerOptions: Partial<OptimizerOptions>;
}

/** @param data decide the default augmentation. Throws TemperError('usage') with everything that is wrong. */
export function completeSettings(given: FinetuneSettings, data: Varied): Settings {
  const method = given.method ?? (given.device === undefined ? 'plain' : 'wvat');
  const { defaults } = findMethod(method);
  const settings: Settings = {
    method,
    device: given.device,
    gamma: given.gamma,
    radius: given.radius,
    clip: clipOf(given.clip ?? (given.device === undefined ? 0 : 'auto')),
    ramp: given.ramp ?? defaults.ramp,
    optimizer: given.optimizer ?? 'scaled-adam',
    optimizerOptions: given.optimizerOptions ?? {},
    schedule: { ...scheduleDefaults, ...withoutGaps(given.schedule ?? {}) },
    loss: given.loss ?? 'cross-entropy',
    smoothing: given.smoothing ?? 0,
    epochs: given.epochs ?? 8,
    batchSize: given.batchSize ?? 128,
    batchNorm: given.batchNorm ?? 'trained',
    decayOn: given.decayOn ?? 'weights',
    augmentation: given.augmentation ?? usualAugmentation(data),
    cleanDrop: given.cleanDrop ?? 0.01,
    interpolate: given.interpolate ?? true,
    validation: given.validation ?? 0.1,
    validationChips: given.validationChips ?? 10,
    patience: given.patience ?? 0,
    seed: given.seed ?? 0,
    engine: given.engine ?? 'onnxruntime',
    threads: given.threads ?? usualThreads,
  };
  const problems = [...settingsProblems(settings), ...definitionProblems(settings)];
  if (problems.length > 0) throw new TemperError('usage', problems);
  return settings;
}

function clipOf(given: 'auto' | number | Clip): 'auto' | Clip {
  return typeof given === 'number' ? { multiple: given, per: 'tensor' } : given;
}

function settingsProblems(settings: Settings): Problem[] {
  const problems: Problem[] = [];
  const demand = (holds: boolean, what: string) => holds || problems.push({ what });
  const isCount = (value: number, least: number) => Number.isInteger(value) && value >= least;
  const { clip, ramp, smoothing, epochs, batchSize, cleanDrop, validation, validationChips, patience, seed } =
    settings;
  demand(
    clip === 'auto' || clip.multiple >= 0,
    `clip ${clip === 'auto' ? clip : clip.multiple} is not a multiple of the root mean square of at least 0`,
  );
  demand(ramp >= 0 && ramp <= 1, `ramp ${ramp} is not a fraction of the run, 0 ... 1`);
  demand(smoothing >= 0 && smoothing < 1, `label smoothing ${smoothing} is not in [0, 1)`);
  demand(isCount(epochs, 1), `${epochs} epochs: a whole number of at least 1 is needed`);
  demand(isCount(batchSize, 1), `batch size ${batchSize} is not a whole number of at least 1`);
  demand(cleanDrop >= 0 && cleanDrop <= 1, `clean drop ${cleanDrop} is not a fraction of accuracy, 0 ... 1`);
  demand(validation >= 0 && validation < 1, `validation share ${validation} is not in [0, 1)`);
  demand(isCount(validationChips, 1), `${validationChips} validation chips: at least 1 is needed`);
  demand(isCount(patience, 0), `patience ${patience} is not a whole number of epochs`);
  demand(isCount(seed, 0), `seed ${seed} is not a whole number of at least 0`);
  demand(isCount(settings.threads, 1), `${settings.threads} threads: a whole number of at least 1 is needed`);
  demand(
    lossNames.includes(settings.loss),
    `unknown loss "${settings.loss}", losses are ${lossNames.join(', ')}`,
  );
  demand(
    engines.includes(settings.engine),
    `unknown engine "${settings.engine}", engines are ${engines.join(', ')}`,
  );
  if (settings.method !== 'plain' && settings.gamma !== 0 && settings.device === undefined) {
    problems.push({
      what: `method ${settings.method} needs the device to train against`,
      hint: 'for example --device gaussian:0.1',
    });
  }
  return problems;
}

/** What the definitions of method, device, optimizer and schedule have to say. */
function definitionProblems({
  method,
  gamma,
  radius,
  device,
  optimizer,
  optimizerOptions,
  schedule,
}: Settings): Problem[] {
  const attempts = [
    () =>
      createMethod(method, {
        ...(gamma !== undefined && { gamma }),
        ...(radius !== undefined && { radius }),
      }),
    () => device !== undefined && parseDevice(device),
    () => createOptimizer(optimizer, optimizerOptions),
    () => checkSchedule(schedule),
  ];
  return attempts.flatMap((attempt) => {
    try {
      attempt();
      return [];
    } catch (error) {
      if (error instanceof TemperError) return error.problems;
      throw error;
    }
  });
}

function withoutGaps<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
