/**
 * What weights as INT8 or INT4 codes cost: accuracy on the full test set (onnxruntime, exact numerics; beside it
 * onnxruntime's own default, which may round activations to 8 bits) and file size, for each way to scale the codes.
 *
 *   npm run bench:exports -- DATA_SPEC MODEL... [--check]
 *
 * --check: only INT8 as `temper export --bits 8` writes it, which must keep accuracy within 0.3 points; no result is written.
 */
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeModel, exportModel, type Model, openDataset, readModel } from '../src/index.js';
import { accuracy, classesOf, inputScaling } from './classes.js';
import { sha256 } from './machine.js';
import { writeRow } from './rows.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean', default: false } },
});
const [spec, ...models] = positionals;
if (!spec || models.length === 0) {
  process.stderr.write('usage: npm run bench:exports -- DATA_SPEC MODEL... [--check]\n');
  process.exit(2);
}
const dataset = await openDataset(spec, { split: 'test' });

/** Points of accuracy that INT8 may differ from float. */
const tolerance = 0.3;
const every = ([8, 4] as const).flatMap((bits) =>
  (['tensor', 'channel'] as const).map((scales) => ({ name: `INT${bits} per ${scales}`, bits, scales })),
);
const usual = [{ name: 'INT8', bits: 8 as const }];
const forms = [{ name: 'float' }, ...(values.check ? usual : every)];

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
  const measured = await measure(await readModel(path));
  if (values.check) {
    const far = measured.filter(({ points }) => !(Math.abs(points) <= tolerance));
    for (const { form, points } of far) process.stdout.write(`FAILED ${form}: ${points} points\n`);
    if (far.length > 0) process.exitCode = 1;
    continue;
  }
  writeRow('exports', 'npm run bench:exports -- DATA_SPEC MODEL...', {
    model: basename(path),
    sha256: sha256(path),
    data: { name: spec.split(':')[0], split: dataset.split, pictures: dataset.count },
    exports: measured,
  });
}
