/** How a model is fine-tuned. What is left out takes the default of the method, the optimizer or the data. */
import { engines } from '../../compile/index.js';
import { usualAugmentation, type Varied } from '../../data/augmentation.js';
import { TemperError } from '../../errors.js';
import { scheduleNames } from '../../finetune/course/schedules.js';
import { methods } from '../../finetune/methods/index.js';
import { optimizers } from '../../finetune/optimizers/index.js';
import { completeSettings, type FinetuneSettings, type Settings } from '../../finetune/run/settings.js';
import type { Clip } from '../../finetune/step/clips.js';
import { lossNames } from '../../finetune/step/losses.js';
import {
  autoOr,
  type Condition,
  choice,
  numbers,
  type OptionValues,
  real,
  text,
  whole,
} from '../parse/option.js';

const names = (definitions: readonly { name: string }[]) => definitions.map(({ name }) => name);
const onOff = ['on', 'off'] as const;

const perturbed: Condition = { said: '--method wvat', holds: ({ method }) => method === 'wvat' };
const ascending: Condition = {
  said: '--method wvat and a --gamma below 1',
  holds: ({ method, gamma }) => method === 'wvat' && gamma !== undefined && (gamma as number) < 1,
};
const stepped: Condition = { said: '--schedule step', holds: ({ schedule }) => schedule === 'step' };
const validated: Condition = { said: 'a --val above 0', holds: ({ val }) => Number(val) > 0 };
const decided: Condition = {
  said: '--device and a --val above 0',
  holds: ({ device, val }) => device !== undefined && Number(val) > 0,
};
const classified: Condition = {
  said: '--loss cross-entropy',
  holds: ({ loss }) => loss === 'cross-entropy',
};

export const trainingOptions = {
  method: choice('how weights are trained', names(methods), { default: 'wvat' }),
  epochs: whole('passes over the training examples', { minimum: 1, maximum: 1e5, default: 8 }),
  'train-limit': whole('only N training examples, a sample in which every class keeps its share', {
    minimum: 1,
  }),
  'batch-size': whole('examples in a mini-batch', { minimum: 1, maximum: 1e6, default: 128 }),
  optimizer: choice('the optimizer', names(optimizers), { default: 'scaled-adam' }),
  'learning-rate': autoOr('highest learning rate; auto = found by short trials before training', {
    alias: 'l',
    default: 'auto',
  }),
  momentum: real('SGD: momentum; Adam: beta1', { maximum: 1 }),
  'weight-decay': real('decay of the weights', {}),
  schedule: choice('course of the learning rate', scheduleNames, { default: 'cosine' }),
  'warm-up': real('fraction of the run over which the learning rate rises', { maximum: 1, default: 0 }),
  milestones: numbers('--schedule step: where the rate falls, as fractions of the run', { when: stepped }),
  factor: real('--schedule step: what the rate is multiplied by', { when: stepped }),
  gamma: real('probability of device noise instead of gradient ascent, for each mini-batch', {
    maximum: 1,
    when: perturbed,
  }),
  radius: real('length of the gradient ascent, relative to the norm of each tensor', { when: ascending }),
  ramp: real('fraction of the run over which the noise rises to full strength', {
    maximum: 1,
    when: perturbed,
  }),
  clip: text(
    'limit weights to N times the root mean square of their tensor, or of each output channel (N:channel); 0 = never; auto = chosen on validation under noise',
    { value: 'auto|N|N:channel', default: 'auto', check: (given) => void clipOf(given) },
  ),
  loss: choice('the loss', lossNames, { default: 'cross-entropy' }),
  smoothing: real('label smoothing', { maximum: 1, default: 0, when: classified }),
  'batch-norm': choice('statistics of batch normalization', ['trained', 'frozen'], { default: 'trained' }),
  crop: whole(
    'pixels of padding for random crops; left out, 4 for colour pictures of cifar10, cifar100 and folder, 0 for the rest',
    {},
  ),
  flip: choice('random mirroring; left out, on for cifar10 and cifar100', onOff, {}),
  'clean-drop': real(
    'accuracy without noise that the result may give away, as a fraction, as counted and as the cross-entropy says; on validation half a point less, at most half (losses without classes: growth by five times that)',
    { maximum: 1, default: 0.01, when: decided },
  ),
  interpolate: choice('whether the result may lie between the model as it came and the best epoch', onOff, {
    default: 'on',
    when: decided,
  }),
  val: real('share of the training examples kept for choosing the best epoch', {
    maximum: 0.9,
    default: 0.1,
  }),
  patience: whole('stop after N epochs without a better one; 0 = never', { default: 0, when: validated }),
  engine: choice('what runs the training steps', engines, { default: 'onnxruntime' }),
};

/** `auto`, `2.5` or `2.5:channel`. Throws TemperError('usage') for anything else. */
function clipOf(given: string): 'auto' | Clip {
  if (given === 'auto') return given;
  const [, multiple, per] = /^(\d+(?:\.\d+)?|\.\d+)(?::(tensor|channel))?$/.exec(given) ?? [];
  if (multiple === undefined)
    throw new TemperError('usage', {
      what: `"${given}" is no clip`,
      hint: 'auto, a number such as 2.5, or 2.5:channel',
    });
  return { multiple: Number(multiple), per: (per ?? 'tensor') as Clip['per'] };
}

export type TrainingValues = OptionValues<typeof trainingOptions> & {
  device?: string;
  seed: number;
  threads?: number | undefined;
};

/** Values of the command line as settings of fine-tuning, complete. Throws TemperError('usage') with every problem. */
export function trainingSettings(values: TrainingValues, data: Varied): Settings {
  return completeSettings(givenSettings(values, data), data);
}

function givenSettings(values: TrainingValues, data: Varied): FinetuneSettings {
  const { momentum, crop, flip, milestones, factor } = values;
  const optimizerOptions = { momentum, weightDecay: values['weight-decay'] };
  const usual = usualAugmentation(data);
  return {
    method: values.method,
    device: values.device,
    gamma: values.gamma,
    radius: values.radius,
    clip: values.device === undefined && values.clip === 'auto' ? undefined : clipOf(values.clip),
    ramp: values.ramp,
    optimizer: values.optimizer,
    optimizerOptions: withoutGaps(optimizerOptions),
    schedule: withoutGaps({
      name: values.schedule,
      learningRate: values['learning-rate'],
      warmUp: values['warm-up'],
      milestones,
      factor,
    }),
    loss: values.loss,
    smoothing: values.smoothing,
    epochs: values.epochs,
    batchSize: values['batch-size'],
    batchNorm: values['batch-norm'],
    augmentation: { crop: crop ?? usual.crop, flip: flip === undefined ? usual.flip : flip === 'on' },
    cleanDrop: values['clean-drop'],
    interpolate: values.interpolate === 'on',
    validation: values.val,
    patience: values.patience,
    seed: values.seed,
    engine: values.engine,
    threads: values.threads,
  };
}

type Gapless<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutGaps<T extends object>(options: T): Gapless<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Gapless<T>;
}
