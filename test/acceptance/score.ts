/**
 * Does a model of models/ score on the test split, in onnxruntime, what its log says, and as much as was asked of it?
 *
 *   npx tsx test/acceptance/score.ts NAME DATA_SPEC
 */
import { readFileSync } from 'node:fs';
import { classesOf } from '../../bench/classes.js';
import { catalogue } from '../../models/catalogue.js';
import { modelFile, readLog } from '../../models/log.js';
import { openDataset } from '../../src/index.js';

const [name, spec] = process.argv.slice(2);
/** Another processor rounds differently, which may turn a picture or two. */
const rounding = 2;

const { testAccuracy, normalization } = readLog(name!);
const test = await openDataset(spec!, { split: 'test' });
const classes = await classesOf(readFileSync(modelFile(name!)), test, normalization);
const right = classes.filter((found, i) => found === test.labels[i]).length;
const logged = Math.round(testAccuracy * test.count);
const least = Math.ceil(catalogue[name!]!.floor * test.count);
process.stdout.write(
  `${name}: ${right} of ${test.count} right; its log says ${logged}, asked for ${least}\n`,
);
if (Math.abs(right - logged) > rounding || right < least) process.exitCode = 1;
