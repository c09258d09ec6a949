/** Rules of operators that combine, order or join what lies along certain axes: these may not be the batch. */
import { extentOf } from '../../compile/shapes.js';
import {
  along,
  type BatchPlace,
  type BatchRule,
  fromStart,
  listOf,
  numberOf,
  only,
  resultOf,
  type Seen,
  unfollowed,
} from './apart.js';

/** Along the axis of an attribute, from it to the last one (`onwards`), or an operand. */
interface Combined {
  readonly otherwise?: number;
  readonly onwards?: (seen: Seen) => boolean;
  /** The operand that is the axis. */
  readonly operand?: number;
}

const never = () => false;

/** What is combined stays in place: softmax, sums that run along, norms. */
export const within =
  ({ otherwise = -1, onwards = never, operand }: Combined = {}): BatchRule =>
  (seen) => {
    const { shape, place } = only(seen);
    const given = operand === undefined ? numberOf(seen, 'axis') : seen.integers(operand)?.[0];
    const axis = fromStart(given ?? otherwise, shape.length);
    if (place.axis === axis || (onwards(seen) && place.axis > axis)) along(place.axis);
    return place;
  };

/** Axis 1 by default and all from it on, until operator set 13. */
export const softmax: BatchRule = (seen) =>
  within({ otherwise: seen.opset < 13 ? 1 : -1, onwards: ({ opset }) => opset < 13 })(seen);

/** Along a list of axes, which stay. */
export const withinAxes: BatchRule = (seen) => {
  const { shape, place } = only(seen);
  const axes = (listOf(seen, 'axes') ?? []).map((axis) => fromStart(axis, shape.length));
  if (axes.includes(place.axis)) along(place.axis);
  return place;
};

/** One number for what lies along the axes; without axes, for everything. */
export const reduced: BatchRule = (seen) => {
  const { shape, place } = only(seen);
  const given = seen.operands[1] ? seen.integers(1) : listOf(seen, 'axes');
  const none = seen.attributes.noop_with_empty_axes === 1 ? [] : [...shape.keys()];
  const axes = given && given.length > 0 ? given.map((axis) => fromStart(axis, shape.length)) : none;
  return without(place, axes, seen.attributes.keepdims !== 0);
};

/** The place of the highest. */
export const extreme: BatchRule = (seen) => {
  const { shape, place } = only(seen);
  const axis = fromStart(numberOf(seen, 'axis') ?? 0, shape.length);
  return without(place, [axis], seen.attributes.keepdims !== 0);
};

function without(place: BatchPlace, axes: readonly number[], keep: boolean): BatchPlace {
  if (axes.includes(place.axis)) along(place.axis);
  const before = keep ? 0 : axes.filter((axis) => axis < place.axis).length;
  return { axis: place.axis - before, rows: place.rows };
}

export const concat: BatchRule = (seen) => {
  const held = seen.operands.flatMap((operand) => (operand?.place ? [operand.place] : []));
  const [place] = held;
  const axis = fromStart(numberOf(seen, 'axis') ?? 1, resultOf(seen).length);
  if (!place || held.some((other) => other.axis !== place.axis || other.rows !== place.rows))
    unfollowed('operands hold the examples along different axes');
  if (axis === place.axis) along(axis);
  const constant = seen.operands.find((operand) => operand && !operand.place);
  if (constant && seen.strict) unfollowed(`an operand [${constant.shape}] reaches along the batch`);
  return place;
};

export const split: BatchRule = (seen) => {
  const { shape, place } = only(seen);
  const axis = fromStart(numberOf(seen, 'axis') ?? 0, shape.length);
  if (axis === place.axis && seen.results.length > 1) along(axis);
  return place;
};

/** What int32 keeps of "to the end". */
const toTheEnd = 2 ** 30;

/** The batch is taken whole for any number of examples, or not at all. */
export const slice: BatchRule = (seen) => {
  const { shape, place } = only(seen);
  const list = (operand: number, attribute: string) => seen.integers(operand) ?? listOf(seen, attribute);
  const starts = list(1, 'starts') ?? [];
  const ends = list(2, 'ends') ?? [];
  const axes = list(3, 'axes') ?? [...starts.keys()];
  const steps = seen.integers(4);
  axes.forEach((axis, i) => {
    if (fromStart(axis, shape.length) !== place.axis) return;
    const [start, end = 0, step = 1] = [starts[i], ends[i], steps?.[i]];
    const last = seen.strict ? toTheEnd : extentOf(shape, place.axis);
    if (start !== 0 || end < last || step !== 1) along(place.axis);
  });
  return place;
};

export const tile: BatchRule = (seen) => {
  const { shape, place } = only(seen);
  if (resultOf(seen)[place.axis] !== shape[place.axis]) along(place.axis);
  return place;
};

export const pad: BatchRule = (seen) => {
  const { shape, place } = only(seen);
  const pads = seen.integers(1) ?? listOf(seen, 'pads') ?? listOf(seen, 'paddings') ?? [];
  const axes = seen.integers(3)?.map((axis) => fromStart(axis, shape.length)) ?? [...shape.keys()];
  const at = axes.indexOf(place.axis);
  if (at >= 0 && (pads[at] !== 0 || pads[at + axes.length] !== 0)) along(place.axis);
  return place;
};

export const compress: BatchRule = (seen) => {
  const { shape, place } = only(seen);
  const axis = numberOf(seen, 'axis');
  if (axis === undefined) unfollowed('all elements are taken as one row');
  if (fromStart(axis, shape.length) === place.axis) along(place.axis);
  return place;
};

/** Sequences are turned round along one axis, each by its own length. */
export const reverseSequence: BatchRule = (seen) => {
  const place = seen.operands[0]?.place ?? only(seen).place;
  const time = numberOf(seen, 'time_axis') ?? 0;
  const batch = numberOf(seen, 'batch_axis') ?? 1;
  const lengths = seen.operands[1]?.place;
  if (place.axis === time) along(time);
  if (lengths && place.axis !== batch) unfollowed('the lengths are made of the examples');
  if (seen.strict && !lengths && place.axis === batch) unfollowed('the lengths are those of one batch');
  return place;
};

/** Matrices are the last two axes. */
export const matrices =
  (drops: number): BatchRule =>
  (seen) => {
    const { shape, place } = only(seen);
    if (place.axis >= shape.length - 2) along(place.axis);
    return drops > 0 || resultOf(seen).length === shape.length ? place : unfollowed('the rank changes');
  };

/** The last axis holds real and imaginary parts; the transform goes along another one. */
export const fourier: BatchRule = (seen) => {
  const { shape, place } = only(seen);
  const given = seen.opset < 20 ? numberOf(seen, 'axis') : seen.integers(2)?.[0];
  const axis = fromStart(given ?? (seen.opset < 20 ? 1 : -2), shape.length);
  if (place.axis === axis || place.axis === shape.length - 1) along(place.axis);
  return place;
};
