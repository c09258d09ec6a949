/**
 * One's own data as NumPy arrays: `x` [count, ...shape] (pictures planar, NCHW; uint8 pixels or floats) and `y` (whole
 * numbers: classes; floats: regression targets). With `x_train`, `y_train`, `x_test`, `y_test` the file has its own split.
 */
import { type Problem, TemperError } from '../../errors.js';
import { type Contents, exampleSize } from '../dataset.js';
import { labelProblems } from '../labels.js';
import { notFinite } from '../notFinite.js';
import { isFloatType, type NpyArray } from '../npy.js';
import { decodeNpz, npzNames } from '../npz.js';
import { defineReader, type ReadRequest } from '../reader.js';
import { readSource } from '../source.js';
import { drawSplit, takeExamples } from '../split.js';

export const npz = defineReader({
  name: 'npz',
  summary: 'NumPy archive with arrays x (NCHW, uint8 or float) and y (classes, or float targets)',
  location: 'file',
  split: 'drawn',
  async read({ location, split, testFraction, splitSeed }: ReadRequest): Promise<Contents> {
    const { path, sha256, bytes } = await readSource(location);
    const arrays = decodeNpz(bytes, ['x', 'y', `x_${split}`, `y_${split}`], path);
    const published = arrays.has(`x_${split}`);
    const x = arrays.get(published ? `x_${split}` : 'x');
    const y = arrays.get(published ? `y_${split}` : 'y');
    if (x === undefined || y === undefined)
      throw new TemperError('model', {
        what: `array ${x === undefined ? 'x' : published ? `y_${split}` : 'y'} is missing; the file has ${npzNames(bytes).join(', ') || 'none'}`,
        where: path,
        hint: 'numpy.savez("data.npz", x=pictures, y=classes), or x_train, y_train, x_test, y_test',
      });
    const all = { ...contentsOf(x, y, path), files: [{ path, sha256 }] };
    if (published) return all;
    // In the order of the file: with testFraction 1, the test split is the file as it stands.
    const drawn = drawSplit(x.shape[0]!, testFraction, splitSeed)[split].slice().sort();
    const { targets, targetShape = [] } = all;
    return {
      ...all,
      examples: takeExamples(all.examples, exampleSize(all.shape), drawn),
      labels: targets ? all.labels : takeExamples(all.labels, 1, drawn),
      ...(targets && { targets: takeExamples(targets, exampleSize(targetShape), drawn) }),
    };
  },
});

function contentsOf(x: NpyArray, y: NpyArray, path: string): Omit<Contents, 'files'> {
  const problems: Problem[] = [];
  if (x.shape.length < 2)
    problems.push({
      what: `x has shape [${x.shape}]`,
      where: path,
      hint: 'expected [count, ...shape of one example]',
    });
  if (x.type !== '|u1' && !isFloatType(x.type))
    problems.push({
      what: `x has type ${x.type}`,
      where: path,
      hint: 'save it as uint8 (pixels) or float32',
    });
  if (x.shape[0] !== y.shape[0])
    problems.push({ what: `x has ${x.shape[0] ?? 0} examples, y has ${y.shape[0] ?? 0}`, where: path });
  for (const [name, { type, values, shape }] of Object.entries({ x, y })) {
    const what = isFloatType(type) ? notFinite(name, values as Float32Array, shape) : undefined;
    if (what !== undefined) problems.push({ what, where: path, hint: 'leave such examples out' });
  }
  const regression = isFloatType(y.type);
  const column = y.shape.length === 1 || (y.shape.length === 2 && y.shape[1] === 1);
  if (!regression && !column)
    problems.push({
      what: `y has shape [${y.shape}]: classes are one whole number per example`,
      where: path,
      hint: 'save numpy.argmax(y, 1) for one-hot classes, or float32 for regression targets',
    });
  const classes = regression
    ? 0
    : (y.values as Float64Array).reduce((most: number, label: number) => Math.max(most, label + 1), 0);
  if (!regression) problems.push(...labelProblems(y.values, Math.max(classes, 1), `array y in ${path}`));
  if (problems.length > 0) throw new TemperError('model', problems);

  const common = { shape: x.shape.slice(1), examples: x.values as Uint8Array | Float32Array };
  if (!regression) return { ...common, classes, classesInferred: true, labels: Int32Array.from(y.values) };
  const targets = y.values as Float32Array;
  return { ...common, classes: 0, labels: new Int32Array(0), targets, targetShape: y.shape.slice(1) };
}
