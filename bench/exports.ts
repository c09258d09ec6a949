/**
 * What weights as INT8 or INT4 codes cost: accuracy on the full test set (onnxruntime, exact numerics; beside it
 * onnxruntime's own default, which may round activations to 8 bits) and file size, for each way to scale the codes.
 *
 *   npm run bench:exports -- DATA_SPEC MODEL...
 */
import { basename } from 'node:path';
import { encodeModel, exportModel, type Model, openDataset, readModel } from '../src/index.js';
import { accuracy, classesOf, inputScaling } from './classes.js';
import { sha256 } from './machine.js';
import { writeRow } from './rows.js';

const [spec, ...models] = process.argv.slice(2);
if (!spec || models.length === 0) {
  process.stderr.write('usage: npm run bench:exports -- DATA_SPEC MODEL...\n');
  process.exit(2);
}
const dataset = await openDataset(spec, { split: 'test' });

const forms = [
  { name: 'float' },
  ...([8, 4] as const).flatMap((bits) =>
    (['tensor', 'channel'] as const).map((scales) => ({ name: `INT${bits} per ${scales}`, bits, scales })),
  ),
];

async function measure(model: Model) {
  const rows: { form: string; accuracy: number; points: number; deployAccuracy: number; bytes: number }[] =
    [];
  for (const { name, ...options } of forms) {
    const bytes = encodeModel(exportModel(model, options).model);
    const scaling = inputScaling(model);
    const exact = accuracy(await classesOf(bytes, dataset, scaling), dataset);
    const deploy = accuracy(await classesOf(bytes, dataset, scaling, 'deploy'), dataset);
    const points = Number((100 * (exact - (rows[0]?.accuracy ?? exact))).toFixed(2));
    rows.push({ form: name, accuracy: exact, points, deployAccuracy: deploy, bytes: bytes.length });
    process.stdout.write(`${name}: ${JSON.stringify(rows.at(-1))}\n`);
  }
  return rows;
}

for (const path of models) {
  process.stdout.write(`${path}\n`);
  writeRow('exports', 'npm run bench:exports -- DATA_SPEC MODEL...', {
    model: basename(path),
    sha256: sha256(path),
    data: { name: spec.split(':')[0], split: dataset.split, pictures: dataset.count },
    exports: await measure(await readModel(path)),
  });
}
