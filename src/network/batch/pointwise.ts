/** Rules of operators that treat elements, rows or pictures by themselves. */
import {
  along,
  type BatchOperand,
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

/** Elements that broadcast as in NumPy: axes are counted from the end. */
export const elementwise: BatchRule = (seen) => broadcastPlace(seen, seen.operands, resultOf(seen).length);

export function broadcastPlace(
  { strict }: Pick<Seen, 'strict'>,
  operands: Seen['operands'],
  rank: number,
): BatchPlace {
  const present = operands.filter((operand) => operand !== undefined);
  const aligned = ({ shape }: BatchOperand, axis: number) => axis + rank - shape.length;
  const places = present.flatMap((operand) =>
    operand.place ? [{ axis: aligned(operand, operand.place.axis), rows: operand.place.rows }] : [],
  );
  const [place] = places;
  if (!place || places.some(({ axis, rows }) => axis !== place.axis || rows !== place.rows))
    unfollowed('operands hold the examples along different axes');
  const own = present.find(
    (operand) => !operand.place && (operand.shape[place.axis - aligned(operand, 0)] ?? 1) !== 1,
  );
  if (own && strict) unfollowed(`an operand [${own.shape}] reaches along the batch`);
  return place;
}

/** The first operand is changed element by element, by others that are the same for all. */
export const elementOf: BatchRule = (seen) => only(seen).place;

/** Examples are pictures, sequences, rows along axis 0 of the operands `data`; the others are the same for all of them. */
export const perExample =
  (...data: readonly number[]): BatchRule =>
  ({ operands }) => {
    const places = operands.flatMap((operand, i) => (operand?.place ? [{ i, ...operand.place }] : []));
    for (const { i, axis } of places) {
      if (!data.includes(i)) unfollowed('an operand beside the data is made of the examples');
      if (axis !== 0) unfollowed(`examples lie along axis ${axis}`);
    }
    const [first] = places;
    if (!first) unfollowed('no operand holds the examples');
    if (places.some(({ rows }) => rows !== first.rows))
      unfollowed('operands differ in what belongs to one example');
    return { axis: 0, rows: first.rows };
  };

/** By channels (axis 1), with statistics that are stored. */
export const batchNormalization: BatchRule = (seen) => {
  const { place } = only(seen);
  if (seen.attributes.training_mode === 1) unfollowed('the statistics are those of the batch');
  if (place.axis === 1 || seen.attributes.spatial === 0) return perExample(0)(seen);
  return place;
};

/** Codes and scales: the scale belongs to all elements, or to positions along an axis that is not the batch. */
export const quantization: BatchRule = (seen) => {
  const { shape, place } = only(seen);
  const scale = seen.operands[1]?.shape ?? [];
  const size = scale.reduce((product, extent) => product * extent, 1);
  const axis = fromStart(numberOf(seen, 'axis') ?? 1, shape.length);
  const blocked = (numberOf(seen, 'block_size') ?? 0) !== 0;
  if ((size !== 1 && axis === place.axis) || (blocked && scale[place.axis] !== 1)) along(place.axis);
  return place;
};

/** Pictures and channels by themselves. */
export const pooled: BatchRule = (seen) => {
  const { place } = only(seen);
  if (place.axis > 1) along(place.axis);
  return place;
};

/** The batch stays as long as it is; with a scale that is nearly 1 it would be interpolated all the same. */
export const resized =
  (scalesAt: number): BatchRule =>
  (seen) => {
    const { shape, place } = only(seen);
    const { axis } = place;
    if (resultOf(seen)[axis] !== shape[axis] || seen.attributes.coordinate_transformation_mode === cropped)
      along(axis);
    const axes = listOf(seen, 'axes')?.map((given) => fromStart(given, shape.length)) ?? [...shape.keys()];
    const scales = seen.operands[scalesAt] ? seen.integers(scalesAt) : listOf(seen, 'scales');
    const scale = scales?.[axes.indexOf(axis)] ?? 1;
    if (scale !== 1) along(axis);
    return place;
  };

const cropped = 'tf_crop_and_resize';
