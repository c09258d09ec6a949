/** Data against model, before any work: shapes, classes, value ranges, all problems at once. */
import type { Problem } from '../errors.js';
import type { Augmentation } from './batch.js';
import { type Dataset, exampleSize, pictureShape } from './dataset.js';
import { labelProblems } from './labels.js';
import { type Normalization, normalizationProblems, unitScale } from './normalize.js';
import { notFinite } from './notFinite.js';

export interface CheckTarget {
  /** The model's input, batch dimension first; undefined where the model leaves a size open. */
  inputShape: readonly (number | undefined)[];
  /** Classes (or values) the model puts out, if known. */
  classes?: number | undefined;
  normalization?: Normalization | undefined;
  augmentation?: Augmentation | undefined;
}

export function checkDataset(dataset: Dataset, target: CheckTarget): Problem[] {
  const { normalization = unitScale } = target;
  return [
    ...shapeProblems(dataset, target.inputShape),
    ...classProblems(dataset, target.classes),
    ...normalizationProblems(normalization, pictureShape(dataset.shape).channels),
    ...valueProblems(dataset, normalization),
    ...augmentationProblems(dataset, target.augmentation),
  ].map((problem) => ({ where: `data ${dataset.spec}`, ...problem }));
}

/** What the check let pass but a reader of the results should know. */
export function fitNotes(
  dataset: Dataset,
  { inputShape, classes, normalization = unitScale }: CheckTarget,
): string[] {
  const notes = [...(dataset.notes ?? [])];
  const input = inputShape.slice(1);
  if (input.length !== dataset.shape.length)
    notes.push(`Examples [${dataset.shape}] are fed as [${describe(input)}]; the order of the values stays.`);
  if (dataset.classesInferred && classes !== undefined && dataset.classes < classes)
    notes.push(`The labels reach class ${dataset.classes - 1}; the model has ${classes} classes.`);
  const { examples } = dataset;
  const plain = normalization.mean.every((m) => m === 0) && normalization.std.every((s) => s === 1);
  if (plain && examples instanceof Float32Array && largest(examples) > 10)
    notes.push(`Float examples reach ${largest(examples)} and are fed unscaled.`);
  return notes;
}

function shapeProblems({ shape }: Dataset, inputShape: readonly (number | undefined)[]): Problem[] {
  const input = inputShape.slice(1);
  const squeezed = (dims: readonly (number | undefined)[]) => dims.filter((size) => size !== 1);
  if (matches(shape, input) || matches(squeezed(shape) as number[], squeezed(input))) return [];
  const flat = input.length === 1 || squeezed(shape).length === 1;
  if (flat && !input.includes(undefined) && exampleSize(input as number[]) === exampleSize(shape)) return [];
  const hint = shapeHint(shape, input);
  return [
    { what: `examples have shape [${shape}], the model wants [${describe(input)}]`, ...(hint && { hint }) },
  ];
}

function matches(shape: readonly number[], input: readonly (number | undefined)[]): boolean {
  return (
    shape.length === input.length && shape.every((size, i) => input[i] === undefined || input[i] === size)
  );
}

function shapeHint(shape: readonly number[], input: readonly (number | undefined)[]): string | undefined {
  if (input.length !== 3 || shape.length !== 3) return undefined;
  if (shape[0] === 3 && input[0] === 1) return 'the data are colour pictures, the model wants grey ones';
  if (shape[0] === 1 && input[0] === 3)
    return 'the data are grey pictures, the model wants colour (RGB) ones';
  if (input[2] === shape[0] && matches(shape.slice(1), input.slice(0, 2)))
    return 'the model wants channels last (NHWC); Temper feeds planar pictures (NCHW): put a Transpose behind the input of the model';
  if (matches([...shape.slice(2), ...shape.slice(0, 2)], input))
    return 'the data look channels last (NHWC): save numpy.ascontiguousarray(x.transpose(0, 3, 1, 2))';
  return undefined;
}

function classProblems(dataset: Dataset, classes: number | undefined): Problem[] {
  const { targets, targetShape = [], labels, count } = dataset;
  if (targets !== undefined) {
    const values = exampleSize(targetShape);
    const broken = notFinite('targets', targets, [count, ...targetShape]);
    return [
      ...(classes !== undefined && values !== classes
        ? [
            {
              what: `regression targets have ${values} ${values === 1 ? 'value' : 'values'} each, the model puts out ${classes}`,
              ...(values === 1 && { hint: 'for classes, save whole numbers from 0 on' }),
            },
          ]
        : []),
      ...(broken === undefined ? [] : [{ what: broken }]),
    ];
  }
  if (classes === 1)
    return [
      {
        what: `the data have ${dataset.classes} classes, the model puts out one value for each example`,
        hint: 'npz files: --labels values lets it meet the labels as values (mean squared error)',
      },
    ];
  const problems = labelProblems(labels, classes ?? dataset.classes, `data ${dataset.spec}`);
  if (labels.length !== count) problems.push({ what: `${count} examples but ${labels.length} labels` });
  if (classes !== undefined && !dataset.classesInferred && dataset.classes !== classes)
    problems.push({
      what: `the data have ${dataset.classes} classes, the model has ${classes}`,
      hint: 'use the data the model was trained for',
    });
  return problems;
}

function valueProblems({ examples, count, shape }: Dataset, { mean, std }: Normalization): Problem[] {
  if (examples instanceof Uint8Array) return [...scaleProblems('mean', mean), ...scaleProblems('std', std)];
  const broken = notFinite('examples', examples, [count, ...shape]);
  if (broken !== undefined) return [{ what: broken }];
  const max = largest(examples);
  const given = mean.some((m) => m !== 0) || std.some((s) => s !== 1);
  if (given && max > 10 && mean.every((m) => m >= 0 && m <= 1) && std.every((s) => s <= 1))
    return [
      {
        what: `examples reach ${max}, but --mean and --std are for values on the 0..1 scale`,
        hint: 'save x as uint8, or divide it by 255',
      },
    ];
  return [];
}

/** Pixels are on the 0..1 scale when they are normalized; a value beyond 2 was meant for 0..255. */
function scaleProblems(name: string, values: readonly number[]): Problem[] {
  if (values.every((value) => Math.abs(value) <= 2)) return [];
  const hint = `divide by 255: ${values.map((value) => (value / 255).toFixed(4))}`;
  return [{ what: `--${name} ${values} is not on the 0..1 scale`, hint }];
}

function augmentationProblems(
  { shape, targets }: Dataset,
  augmentation: Augmentation | undefined,
): Problem[] {
  if (augmentation === undefined || (augmentation.crop === 0 && !augmentation.flip)) return [];
  if (targets)
    return [
      {
        what: 'pictures cannot be cropped or mirrored, as their targets would not be',
        hint: 'leave the augmentation off (--crop 0 --flip off)',
      },
    ];
  const { channels, height, width } = pictureShape(shape);
  if (shape.length < 2 || ![1, 3].includes(channels))
    return [{ what: `examples of shape [${shape}] are not pictures: they cannot be cropped or mirrored` }];
  const most = Math.min(height, width) - 1;
  if (Number.isInteger(augmentation.crop) && augmentation.crop >= 0 && augmentation.crop <= most) return [];
  return [{ what: `crop ${augmentation.crop} is not a whole number from 0 to ${most}` }];
}

function largest(values: Float32Array): number {
  let max = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]!) > max) max = Math.abs(values[i]!);
  return max;
}

function describe(shape: readonly (number | undefined)[]): string {
  return shape.map((size) => size ?? '?').join(',');
}
