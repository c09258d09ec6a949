/**
 * One's own data as NumPy arrays: `x` [count, ...shape] (pictures planar, NCHW; uint8 pixels or floats) and `y` (classes, or
 * regression targets: see targets.ts). With `x_train`, `y_train`, `x_test`, `y_test` the file has its own split.
 */

import { type Problem, TemperError } from '../../errors.js';
import { elementOf } from '../../lists/elementOf.js';
import { type Contents, exampleSize } from '../dataset.js';
import { notFinite } from '../notFinite.js';
import { isFloatType, type NpyArray } from '../npy.js';
import { decodeNpz, npzNames } from '../npz.js';
import { defineReader, type ReadRequest } from '../reader.js';
import { readSource } from '../source.js';
import { partOf, takeExamples } from '../split.js';
import { type Understood, understand } from '../targets.js';

export const npz = defineReader({
  name: 'npz',
  summary:
    'NumPy archive with arrays x (NCHW, uint8 or float) and y (classes, also one-hot, or float targets)',
  location: 'file',
  split: 'drawn',
  async read(request: ReadRequest): Promise<Contents> {
    const { location, split } = request;
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
    const all = { ...contentsOf(x, y, request, path), files: [{ path, sha256 }] };
    if (published) return all;
    // In the order of the file.
    const { indices, note } = partOf(elementOf(x.shape, 0, 'axis'), request);
    const drawn = indices.slice().sort();
    const { targets, targetShape = [] } = all;
    return {
      ...all,
      examples: takeExamples(all.examples, exampleSize(all.shape), drawn),
      labels: targets ? all.labels : takeExamples(all.labels, 1, drawn),
      ...(targets && { targets: takeExamples(targets, exampleSize(targetShape), drawn) }),
      undivided: request.undivided === 'whole',
      notes: [...all.notes, note],
    };
  },
});

function contentsOf(
  x: NpyArray,
  y: NpyArray,
  request: ReadRequest,
  path: string,
): Omit<Contents, 'files' | 'notes'> & { notes: string[] } {
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
    const what = isFloatType(type) ? notFinite(name, values, shape) : undefined;
    if (what !== undefined) problems.push({ what, where: path, hint: 'leave such examples out' });
  }
  const understood = understoodOr(problems, () => understand(y, request, `array y in ${path}`));
  if (problems.length > 0 || understood === undefined) throw new TemperError('model', problems);
  return { shape: x.shape.slice(1), examples: fed(x.values), ...understood };
}

/** Pixels, or float32 as networks compute with it. */
function fed(values: NpyArray['values']): Uint8Array | Float32Array {
  return values instanceof Float64Array ? Float32Array.from(values) : values;
}

/** What is wrong with `y` is told together with what is wrong with `x`. */
function understoodOr(problems: Problem[], work: () => Understood): Understood | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
