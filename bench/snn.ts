/**
 * What spiking costs: accuracy of a network and of its spiking form after T steps, in onnxruntime on test pictures, thresholds
 * from training pictures. And whether the exported file does what the eager run on tfjs does: the class of 100 pictures,
 * and layer by layer on equal inputs.
 *
 *   npm run bench:snn -- DATA_SPEC MODEL [--timesteps 4,8,16,32,64] [--limit N] [--eager-minutes 5] [--check]
 *
 * --check: only the accuracy after 32 steps, which must come within 2 points of the network's; no result is written.
 */
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import {
  calibrationBatches,
  convertToSnn,
  encodeModel,
  exportModel,
  importModel,
  openDataset,
  readModel,
} from '../src/index.js';
import { accuracy, classesOf, inputScaling } from './classes.js';
import { sha256 } from './machine.js';
import { writeRow } from './rows.js';
import { classAgreement } from './snn/classAgreement.js';
import { layerByLayer } from './snn/layerByLayer.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    timesteps: { type: 'string', default: '4,8,16,32,64' },
    limit: { type: 'string' },
    'eager-minutes': { type: 'string', default: '5' },
    check: { type: 'boolean', default: false },
  },
});
const [spec, path] = positionals;
if (!spec || !path) {
  process.stderr.write(
    'usage: npm run bench:snn -- DATA_SPEC MODEL [--timesteps 4,8,...] [--limit N] [--eager-minutes N] [--check]\n',
  );
  process.exit(2);
}
/** Of the comparison with the eager run, and of the check. */
const eagerTimesteps = 32;
/** Points of accuracy that spiking may cost in the check. */
const tolerance = 2;

const source = await readModel(path);
const folded = exportModel(source, { foldBatchNorm: true });
const { model, network } = importModel(folded.model);
const scaling = inputScaling(source);
const test = await openDataset(spec, {
  split: 'test',
  ...(values.limit !== undefined && { limit: Number(values.limit) }),
});
const train = await openDataset(spec, { split: 'train' });

const calibration = calibrationBatches(network, { dataset: train, normalization: scaling, seed: 0 });
const { thresholds, notes } = await convertToSnn(model, network, { timesteps: 1, calibration });
const ann = accuracy(await classesOf(encodeModel(model), test, scaling), test);
process.stdout.write(`ANN: ${ann}\n`);
if (values.check) await check();
else await measureAll();

async function check() {
  const { points } = await measure(eagerTimesteps);
  if (points >= -tolerance) return;
  process.stdout.write(`FAILED ${points} points\n`);
  process.exitCode = 1;
}

async function measureAll() {
  const snn = [];
  for (const timesteps of values.timesteps.split(',').map(Number)) snn.push(await measure(timesteps));
  const spiking = await convert(eagerTimesteps);
  const pictures = { dataset: test, scaling, network, converted: spiking };
  const classes = await classAgreement(pictures, Number(values['eager-minutes']));
  process.stdout.write(`classes: ${JSON.stringify(classes)}\n`);
  const layers = await layerByLayer(pictures);
  process.stdout.write(`layers: ${JSON.stringify(layers)}\n`);
  writeRow('snn', 'npm run bench:snn -- DATA_SPEC MODEL --limit N', {
    model: basename(path!),
    sha256: sha256(path!),
    data: { name: spec!.split(':')[0], split: test.split, pictures: test.count },
    notes: [...folded.notes, ...notes],
    thresholds: Object.fromEntries(thresholds),
    ...{ ann, snn, eager: { timesteps: eagerTimesteps, classes, layers } },
  });
}

/** Thresholds do not depend on the number of steps: they are calibrated once. */
function convert(timesteps: number) {
  return convertToSnn(model, network, { timesteps, thresholds });
}

async function measure(timesteps: number) {
  const bytes = encodeModel((await convert(timesteps)).model);
  const began = performance.now();
  const found = accuracy(await classesOf(bytes, test, scaling), test);
  const seconds = Number(((performance.now() - began) / 1000).toFixed(1));
  const row = { timesteps, accuracy: found, points: Number((100 * (found - ann)).toFixed(2)), seconds };
  process.stdout.write(`SNN: ${JSON.stringify(row)}\n`);
  return row;
}
