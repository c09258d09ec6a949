/**
 * What `y` of somebody's own file means. Whole numbers are classes. Floats are either classes written as floats (Keras'
 * to_categorical, pandas) or values of a regression: rows with one 1 among zeros are classes, and so is one whole number for
 * each example, unless the model puts out one value, which could be trained to meet it. What was understood is said.
 */
import { TemperError } from '../errors.js';
import { exampleSize } from './dataset.js';
import { labelProblems, mostClasses } from './labels.js';
import { isFloatType, type NpyArray } from './npy.js';

/** What a user may say: `classes`, or `values` that the outputs are to meet. Left out, `y` decides. */
export type Labels = 'classes' | 'values';

export interface Understood {
  /** 0 when there are `targets`. */
  classes: number;
  classesInferred?: boolean;
  labels: Int32Array;
  targets?: Float32Array;
  targetShape?: number[];
  notes: string[];
}

export interface Meaning {
  /** Values the model puts out for an example, if known. */
  outputs?: number | undefined;
  labels?: Labels | undefined;
}

/** Throws TemperError 'model' if `y` is neither, or not what the user says. `where` names it. */
export function understand(y: NpyArray, { outputs, labels }: Meaning, where: string): Understood {
  if (labels === 'values') return valuesOf(y);
  const width = exampleSize(y.shape.slice(1));
  const float = isFloatType(y.type);
  if (width > 1 && y.shape.length === 2) {
    const oneHot = labelsOfRows(y.values, width);
    if (oneHot !== undefined)
      return {
        classes: width,
        labels: oneHot,
        notes: [
          `The rows of y [${y.shape}] are one-hot: they are taken for ${width} classes (--labels values: for values to be met).`,
        ],
      };
    if (float) refuseNearOneHot(y.values, width, where);
  }
  if (width === 1 && y.shape.length <= 2) {
    if (!float) return classesOf(y.values, where);
    const counts = outputs === undefined ? y.shape.length === 1 : outputs > 1;
    // One value for each example cannot be what several outputs are to meet: then it is a class, or wrong.
    if (labels === 'classes' || (outputs ?? 1) > 1 || (counts && areWhole(y.values))) {
      const understood = classesOf(y.values, where);
      const note = `y holds whole numbers as floats: they are taken for ${understood.classes} classes (--labels values: for values to be met).`;
      return { ...understood, notes: [note] };
    }
  }
  if (float && labels === undefined) return valuesOf(y);
  throw new TemperError('model', {
    what: `y has shape [${y.shape}]: classes are one whole number per example, or one-hot rows`,
    where,
    hint: 'for values that the outputs are to meet (regression), --labels values',
  });
}

function classesOf(values: ArrayLike<number>, where: string): Understood {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.floor(values[i]!) || 0);
  const classes = Math.min(most + 1, mostClasses);
  const problems = labelProblems(values, classes, where);
  if (problems.length > 0) throw new TemperError('model', problems);
  return { classes, classesInferred: true, labels: Int32Array.from(values), notes: [] };
}

function valuesOf({ values, shape }: NpyArray): Understood {
  const targets = values instanceof Float32Array ? values : Float32Array.from(values);
  return { classes: 0, labels: new Int32Array(0), targets, targetShape: shape.slice(1), notes: [] };
}

function areWhole(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isInteger(values[i]!) || values[i]! < 0) return false;
  return values.length > 0;
}

/** Of rows of zeros and ones, this share must be one-hot for the others to be mistakes rather than several labels each. */
const mostlyOneHot = 0.9;

/** Throws TemperError('model') naming the rows that are no class among rows that are. */
function refuseNearOneHot(values: ArrayLike<number>, width: number, where: string): void {
  const ones = new Uint32Array(values.length / width);
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== 0 && values[i] !== 1) return;
    if (values[i] === 1) ones[Math.floor(i / width)]!++;
  }
  const odd = [...ones.entries()].filter(([, count]) => count !== 1);
  const [first] = odd;
  if (!first || odd.length > (1 - mostlyOneHot) * ones.length) return;
  const [row, count] = first;
  throw new TemperError('model', {
    what: `y is one-hot, but for ${odd.length} of ${ones.length} rows: row ${row} holds ${count === 0 ? 'no 1' : `${count} ones`}`,
    where,
    hint: 'correct it; or, if several labels or none are meant, --labels values',
  });
}

/** The place of the one 1 in each row; undefined if any row is something else. */
function labelsOfRows(values: ArrayLike<number>, width: number): Int32Array | undefined {
  const labels = new Int32Array(values.length / width).fill(-1);
  for (let i = 0; i < values.length; i++) {
    if (values[i] === 0) continue;
    const row = Math.floor(i / width);
    if (values[i] !== 1 || labels[row] !== -1) return undefined;
    labels[row] = i % width;
  }
  return labels.length === 0 || labels.includes(-1) ? undefined : labels;
}
