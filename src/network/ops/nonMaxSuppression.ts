/** Non-maximum suppression (ONNX: NonMaxSuppression): of boxes that overlap, the one with the highest score. */
import * as tf from '@tensorflow/tfjs';
import { DataType } from '../../onnx/model.js';
import { int } from '../attributes.js';
import { positions } from '../extents.js';
import { defineOperator, UnsupportedForm } from '../operator.js';

/** Pairs of boxes that are held against one another. */
const mostPairs = 2 ** 26;

interface Box {
  readonly low: readonly [number, number];
  readonly high: readonly [number, number];
}

/**
 * selected_indices = rows [batch, class, box], from the highest score down: those whose overlap with each box kept before,
 * area(a and b) / area(a or b), is at most iou_threshold. How many remain decides about the shape; so boxes and scores must
 * be known.
 */
export const NonMaxSuppression = defineOperator({
  type: 'NonMaxSuppression',
  since: [10, 11],
  inputs: ['boxes', 'scores', 'max_output_boxes_per_class?', 'iou_threshold?', 'score_threshold?'],
  structural: ['boxes', 'scores', 'max_output_boxes_per_class', 'iou_threshold', 'score_threshold'],
  attributes: { center_point_box: int(0, { only: [0, 1] }) },
  elementTypes: () => [DataType.INT64],
  evaluate(
    { boxes, scores, max_output_boxes_per_class, iou_threshold, score_threshold },
    { center_point_box },
  ) {
    const [batches, count] = boxes.shape as [number, number];
    const classes = scores.shape[1]!;
    const fits = boxes.rank === 3 && boxes.shape[2] === 4;
    if (!fits || scores.shape.join() !== [batches, classes, count].join())
      throw new UnsupportedForm(`boxes [${boxes.shape}] with scores [${scores.shape}]`);
    const [most, overlap, least] = [
      max_output_boxes_per_class?.dataSync()[0] ?? 0,
      iou_threshold?.dataSync()[0] ?? 0,
      score_threshold?.dataSync()[0] ?? Number.NEGATIVE_INFINITY,
    ];
    const pairs = scores.size * Math.min(most, count);
    if (pairs > mostPairs)
      throw new UnsupportedForm(`${pairs} pairs of boxes`, `understood: up to ${mostPairs}`);
    const [corners, points] = [boxes.dataSync(), scores.dataSync()];
    const rows: number[][] = [];
    for (let batch = 0; batch < batches; batch++) {
      const read = (i: number) => boxAt(corners, 4 * (batch * count + i), center_point_box !== 0);
      const all = positions(count).map(read);
      for (let kind = 0; kind < classes; kind++) {
        const start = (batch * classes + kind) * count;
        const kept = suppress(all, points.subarray(start, start + count), most, overlap, least);
        rows.push(...kept.map((box) => [batch, kind, box]));
      }
    }
    return tf.tensor2d(rows.flat(), [rows.length, 3], 'int32');
  },
  gradient: 'no',
});

/** A box given by two opposite corners, in any order, or by its centre and extents. */
function boxAt(values: ArrayLike<number>, start: number, centred: boolean): Box {
  const [a, b, c, d] = [0, 1, 2, 3].map((i) => values[start + i]!) as [number, number, number, number];
  if (centred) return { low: [a - c / 2, b - d / 2], high: [a + c / 2, b + d / 2] };
  return { low: [Math.min(a, c), Math.min(b, d)], high: [Math.max(a, c), Math.max(b, d)] };
}

/** Greedily from the highest score down; of equal scores the lower index first. */
function suppress(
  boxes: readonly Box[],
  scores: ArrayLike<number>,
  most: number,
  overlap: number,
  least: number,
): number[] {
  const candidates = [...boxes.keys()].filter((i) => scores[i]! > least);
  candidates.sort((a, b) => scores[b]! - scores[a]! || a - b);
  const kept: number[] = [];
  for (const i of candidates) {
    if (kept.length >= most) break;
    if (kept.every((other) => intersectionOverUnion(boxes[i]!, boxes[other]!) <= overlap)) kept.push(i);
  }
  return kept;
}

function intersectionOverUnion(a: Box, b: Box): number {
  const side = (i: 0 | 1) => Math.max(0, Math.min(a.high[i], b.high[i]) - Math.max(a.low[i], b.low[i]));
  const area = ({ low, high }: Box) => (high[0] - low[0]) * (high[1] - low[1]);
  const common = side(0) * side(1);
  return common === 0 ? 0 : common / (area(a) + area(b) - common);
}
