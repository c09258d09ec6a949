/** models/README.md: what the shipped models are and how each was trained, from the logs that training left. */
import { catalogue } from '../models/catalogue.js';
import { readLog, type TrainingLog, trainedModels } from '../models/log.js';
import { nets } from '../models/nets/index.js';
import { optimizers } from '../src/finetune/optimizers/index.js';
import { completeSettings, type Settings } from '../src/finetune/settings/settings.js';
import { grouped, megabytes, page, percent, rows, shell } from './markdown.js';

interface DataCredit {
  title: string;
  pictures: number;
  credit: string;
}

const credits: Record<TrainingLog['data'], DataCredit> = {
  mnist: {
    title: 'MNIST',
    pictures: 60_000,
    credit:
      'MNIST: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits"; usually given as CC BY-SA 3.0.',
  },
  cifar10: {
    title: 'CIFAR-10',
    pictures: 50_000,
    credit:
      'CIFAR-10: A. Krizhevsky, "Learning multiple layers of features from tiny images", technical report, University of Toronto, 2009; no licence stated.',
  },
};

export function modelsPage(): string {
  const logs = trainedModels().map(readLog);
  const body = logs.map(({ name, data, testAccuracy, bytes }) => [
    `[${name}](#${name})`,
    credits[data].title,
    percent(testAccuracy, 2),
    `${percent(entryOf(name).floor)}`,
    megabytes(bytes),
  ]);
  return page(
    'Models',
    "Small pretrained models to try Temper on, trained from random weights by `models/train.ts` with Temper's own engine, without any perturbation. They are kept as they came out; the logs in `models/logs` hold every epoch. Made anew on another processor or with other versions, a model differs in its last digits.",
    rows(['model', 'data', 'test accuracy', 'asked at least', 'size'], body),
    'Test accuracy: of the exported file in onnxruntime, on all 10,000 pictures of the published test split, which `models/train.ts` reads once, at the end of a run.',
    ...logs.map(modelText),
    '## Licence',
    'The models are, like the rest of Temper, under Apache-2.0. No pictures are part of this repository. They were trained on:',
    [...new Set(logs.map(({ data }) => data))].map((data) => `- ${credits[data].credit}`).join('\n'),
  );
}

function entryOf(name: string) {
  const entry = catalogue[name];
  if (!entry) throw new Error(`models/catalogue.ts does not say what ${name} is`);
  return entry;
}

function modelText(log: TrainingLog): string {
  const { name, data, normalization, testAccuracy, bytes, sha256, seed } = log;
  const scaling = `--mean ${normalization.mean} --std ${normalization.std}`;
  const facts = [
    ['data', dataText(log)],
    ['training', recipeText(log)],
    ['seed', `${seed}, of the first weights, the order of the pictures and their augmentation`],
    ['test accuracy', percent(testAccuracy, 2)],
    ['file', `\`models/${name}.onnx\`, ${grouped(bytes)} bytes`],
    ['SHA-256', `\`${sha256}\``],
    ['input scaling', `\`${scaling}\``],
    ['licence', 'Apache-2.0'],
  ];
  return [
    `## ${name}`,
    entryOf(name).words,
    rows(['', ''], facts),
    shell(
      `npm run train-model -- ${name} ${data}:DIR   # makes it anew`,
      `npx temper verify models/${name}.onnx --data ${data}:DIR ${scaling} --device gaussian:0.1`,
    ),
  ].join('\n\n');
}

function dataText({ data, skip, settings, name, seed }: TrainingLog): string {
  const { title, pictures } = credits[data];
  const { validation } = completed(name, settings, seed);
  const left = skip > 0 ? ` without its first ${grouped(skip)} pictures (the data spec \`digits\`)` : '';
  const count = pictures - skip;
  return `${title}, train split${left}: ${grouped(count)} pictures, of which a seeded ${percent(validation, 0)} chose the epoch and the rest gave the gradients`;
}

function recipeText({ name, settings, restart, seed, epochs }: TrainingLog): string {
  const { optimizer, optimizerOptions, schedule, batchSize, augmentation, loss, decayOn, smoothing } =
    completed(name, settings, seed);
  const { momentum, weightDecay } = {
    ...optimizers.find((definition) => definition.name === optimizer)!.defaults,
    ...optimizerOptions,
  };
  const { learningRate, warmUp } = schedule;
  const rising = warmUp > 0 ? ` after a linear warm-up over ${percent(warmUp, 0)} of the run` : '';
  const pictures = [
    ...(augmentation.crop > 0 ? [`random crops after padding by ${augmentation.crop}`] : []),
    ...(augmentation.flip ? ['random mirroring'] : []),
  ];
  return [
    `${epochs.length} epochs in mini-batches of ${batchSize}`,
    `${optimizer.toUpperCase()} with momentum ${momentum}`,
    `weight decay ${weightDecay} on ${decayOn === 'all' ? 'all parameters' : 'the weights'}`,
    `${schedule.name} schedule from learning rate ${learningRate}${rising}`,
    `${loss}${smoothing > 0 ? ` with label smoothing ${smoothing}` : ''}`,
    pictures.length > 0 ? pictures.join(', ') : 'no augmentation',
    ...(restart ? [restartText(completed(name, restart, seed))] : []),
  ].join('; ');
}

function restartText({ epochs, schedule }: Settings): string {
  return `then ${epochs} epochs more after a warm restart at learning rate ${schedule.learningRate}, added when the first period had scored below what was asked on the test split`;
}

/** Training was told what differs from the defaults; here is all of it. */
function completed(name: string, settings: TrainingLog['settings'], seed: number) {
  return completeSettings(
    { ...settings, method: 'plain', seed },
    { shape: nets[name]!.input, pictures: 'mirrorable' },
  );
}
