import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { crossEntropy, hits, meanSquaredError, oneHot, smoothed } from '../../../src/finetune/step/losses.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const logits = [
  [2, -1, 0.5],
  [0.1, 0.2, -3],
];
const labels = tf.tensor1d([0, 2], 'int32');

/** In float64, straight from the definition. */
function reference(rows: number[][], truth: number[][]): number {
  const losses = rows.map((row, i) => {
    const sum = row.reduce((total, z) => total + Math.exp(z), 0);
    return -row.reduce((total, z, c) => total + truth[i]![c]! * Math.log(Math.exp(z) / sum), 0);
  });
  return losses.reduce((a, b) => a + b) / rows.length;
}

describe('cross-entropy', () => {
  it.each([0, 0.1])(
    'is the mean surprise, with the gradient (softmax - target) / batch (smoothing %d)',
    (smoothing) => {
      const targets = smoothed(oneHot(labels, 3), smoothing);
      const truth = targets.arraySync();
      const z = tf.tensor2d(logits);
      const loss = (x: tf.Tensor) => crossEntropy(x as tf.Tensor2D, targets);
      expect(loss(z).dataSync()[0]).toBeCloseTo(reference(logits, truth), 6);
      const slope = (tf.grad(loss)(z) as tf.Tensor2D).arraySync();
      logits.forEach((row, i) => {
        row.forEach((_, c) => {
          const moved = (by: number) =>
            logits.map((r, j) => r.map((v, k) => (j === i && k === c ? v + by : v)));
          const difference = (reference(moved(1e-5), truth) - reference(moved(-1e-5), truth)) / 2e-5;
          expect(slope[i]![c]).toBeCloseTo(difference, 6);
        });
      });
    },
  );

  it('stays finite for huge logits', () => {
    const loss = (z: tf.Tensor) => crossEntropy(z as tf.Tensor2D, oneHot(tf.tensor1d([0], 'int32'), 2));
    const far = tf.tensor2d([[-1000, 1000]]);
    expect(loss(far).dataSync()[0]).toBe(2000);
    expect([...tf.grad(loss)(far).dataSync()]).toEqual([-1, 1]);
  });

  it('passes the factor it is differentiated with on', () => {
    const loss = (z: tf.Tensor) => crossEntropy(z as tf.Tensor2D, oneHot(labels, 3));
    const [once, scaled] = [undefined, tf.scalar(0.25)].map((dy) =>
      tf.grad(loss)(tf.tensor2d(logits), dy).dataSync(),
    );
    for (const [i, value] of scaled!.entries()) expect(value).toBeCloseTo(0.25 * once![i]!, 7);
  });
});

it('the squared error is the mean over all elements, with its gradient', () => {
  const targets = tf.tensor2d([
    [1, 2],
    [3, 4],
  ]);
  const outputs = tf.tensor2d([
    [1, 1],
    [5, 4],
  ]);
  const loss = (y: tf.Tensor) => meanSquaredError(y, targets);
  expect(loss(outputs).dataSync()[0]).toBeCloseTo(5 / 4, 6);
  expect([...tf.grad(loss)(outputs).dataSync()]).toEqual([0, -0.5, 1, 0]);
});

describe('hits', () => {
  const count = (rows: number[][], truth: number[], k: number) => {
    const targets = oneHot(tf.tensor1d(truth, 'int32'), rows[0]!.length);
    return hits(tf.tensor2d(rows), targets, [k])[0]!.dataSync()[0];
  };

  it('counts labels among the best k', () => {
    const rows = [
      [5, 4, 3, 2],
      [5, 4, 3, 2],
      [5, 4, 3, 2],
    ];
    expect(count(rows, [0, 1, 3], 1)).toBe(1);
    expect(count(rows, [0, 1, 3], 2)).toBe(2);
    expect(count(rows, [0, 1, 3], 4)).toBe(3);
  });

  it('does not take a dead or a broken network for a perfect one', () => {
    expect(count([[0, 0, 0]], [1], 1)).toBe(0);
    expect(count([[Number.NaN, 0, 1]], [2], 1)).toBe(0);
    expect(count([[Number.NaN, Number.NaN, Number.NaN]], [2], 1)).toBe(0);
  });
});
