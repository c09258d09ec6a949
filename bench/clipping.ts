/**
 * What clipping alone does, without data or training: the weights of a model limited once to twice the root mean square of their
 * tensor, judged on the same chips at noise relative to their own largest weights, and at the noise of the original in absolute
 * units.
 *
 *   npm run bench:clipping -- MODEL DATA_SPEC MEAN STD [--limit N] [--draws N]
 *
 * for example models/mnist-lenet.onnx digits 0.1307 0.3081. A model's row takes the place of its former one.
 */
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { crossbarTensors, encodeModel, type Model, openDataset, readModel, verify } from '../src/index.js';
import { tensorValues, withValues } from '../src/onnx/tensor.js';
import { writeRow } from './rows.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { limit: { type: 'string' }, draws: { type: 'string', default: '20' } },
});
const [file, spec, mean, std] = positionals;
if (!file || !spec || !mean || !std) {
  process.stderr.write('usage: npm run bench:clipping -- MODEL DATA_SPEC MEAN STD [--limit N] [--draws N]\n');
  process.exit(2);
}
const multiple = 2;
const devices = ['gaussian:0.05', 'gaussian:0.1', 'gaussian:0.2'];
const numbers = (text: string) => text.split(',').map(Number);

const model = await readModel(file);
const original = encodeModel(model);
const clipped = encodeModel(clip(model));
const dataset = await openDataset(spec, { split: 'test' });
const shared = {
  dataset,
  normalization: { mean: numbers(mean), std: numbers(std) },
  devices,
  draws: Number(values.draws),
  seed: 2026,
  ...(values.limit !== undefined && { limit: Number(values.limit) }),
};

async function judge(what: string, options: { model: Uint8Array; noiseFrom?: Uint8Array }) {
  const { runs, data } = await verify({
    ...shared,
    ...options,
    onProgress: ({ done, total }) => process.stdout.write(`${what} ${done}/${total}\n`),
  });
  const found = runs.map(({ device, accuracy }) => {
    const { clean, mean: average, std: spread, min } = accuracy!;
    return { device, clean, mean: average, std: spread, min };
  });
  return { examples: data.count, runs: found };
}

const before = await judge('original', { model: original });
writeRow('clipping', 'npm run bench:clipping -- MODEL DATA_SPEC MEAN STD', {
  model: basename(file),
  data: `${spec.split(':')[0]} test`,
  multiple,
  ...{ examples: before.examples, draws: shared.draws, chipSeed: shared.seed },
  original: before.runs,
  clipped: (await judge('clipped', { model: clipped })).runs,
  equal: (await judge('clipped, noise of the original', { model: clipped, noiseFrom: original })).runs,
});

function clip({ graph, ...rest }: Model): Model {
  const mapped = new Set(crossbarTensors({ graph, ...rest }).map(({ name }) => name));
  const initializers = graph.initializers.map((tensor) => {
    if (!mapped.has(tensor.name)) return tensor;
    const weights = tensorValues(tensor) as Float32Array;
    const squares = weights.reduce((sum, weight) => sum + weight * weight, 0);
    const limit = multiple * Math.sqrt(squares / weights.length);
    return withValues(
      tensor,
      weights.map((weight) => Math.max(-limit, Math.min(limit, weight))),
    );
  });
  return { ...rest, graph: { ...graph, initializers } };
}
