/** Rules of operators that take or put elements by their indices. */
import {
  along,
  type BatchPlace,
  type BatchRule,
  fromStart,
  numberOf,
  only,
  operandOf,
  type Seen,
  unfollowed,
} from './apart.js';

const bothHold = 'indices and data hold the examples';

export const gather: BatchRule = (seen) => {
  const [data, indices] = [operandOf(seen, 0), operandOf(seen, 1)];
  const axis = fromStart(numberOf(seen, 'axis') ?? 0, data.shape.length);
  if (data.place && indices.place) unfollowed(bothHold);
  if (indices.place) return { axis: axis + indices.place.axis, rows: indices.place.rows };
  const { place } = only(seen);
  if (place.axis === axis) along(axis);
  return { axis: place.axis + (place.axis > axis ? indices.shape.length - 1 : 0), rows: place.rows };
};

/** Everything in the same place, which is not that of the indices. */
const elements: BatchRule = (seen) => {
  const places = seen.operands.map((operand) => operand?.place);
  const place = places.find((held) => held);
  const axis = fromStart(numberOf(seen, 'axis') ?? 0, operandOf(seen, 0).shape.length);
  if (axis === place?.axis) along(axis);
  if (!place || places.some((held) => held?.axis !== place.axis || held.rows !== place.rows))
    unfollowed('data and indices do not all hold the examples');
  return place;
};

export const gatherElements: BatchRule = (seen) => {
  const [data, indices] = [operandOf(seen, 0), operandOf(seen, 1)];
  const axis = fromStart(numberOf(seen, 'axis') ?? 0, data.shape.length);
  if (!data.place && indices.place?.axis === axis) return indices.place;
  return elements(seen);
};

export const scatterElements: BatchRule = elements;

export const gatherTuples: BatchRule = (seen) => {
  const [data, indices] = [operandOf(seen, 0), operandOf(seen, 1)];
  const batchDims = numberOf(seen, 'batch_dims') ?? 0;
  const depth = indices.shape.at(-1) ?? 0;
  const last = indices.shape.length - 1;
  if (data.place && indices.place) {
    const { axis, rows } = data.place;
    if (axis >= batchDims || axis !== indices.place.axis || rows !== indices.place.rows) unfollowed(bothHold);
    return data.place;
  }
  if (indices.place)
    return indices.place.axis < last && batchDims === 0 ? indices.place : unfollowed(bothHold);
  return behind(only(seen).place, batchDims + depth, last);
};

/** Tuples that pick along axes in front of the batch. */
function behind(place: BatchPlace, depth: number, last: number): BatchPlace {
  if (place.axis < depth) along(place.axis);
  return { axis: last + place.axis - depth, rows: place.rows };
}

export const scatterTuples: BatchRule = (seen) => {
  const [data, indices, updates] = [operandOf(seen, 0), operandOf(seen, 1), operandOf(seen, 2)];
  const { place } = data;
  if (!place || indices.place) unfollowed('the examples decide where something is put');
  const expected = behind(place, indices.shape.at(-1) ?? 0, indices.shape.length - 1);
  const given = updates.place;
  if (given ? given.axis !== expected.axis || given.rows !== expected.rows : seen.strict)
    unfollowed('the updates do not hold the examples as the data do');
  return place;
};

/** Slots of a cache, along an axis that is not the batch. */
export const tensorScatter: BatchRule = (seen: Seen) => {
  const axis = fromStart(numberOf(seen, 'axis') ?? -2, operandOf(seen, 0).shape.length);
  for (const operand of seen.operands)
    if (operand?.place && (operand.place.axis !== 0 || operand.place.rows !== 1 || axis === 0)) along(axis);
  return { axis: 0, rows: 1 };
};
