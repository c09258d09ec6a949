/** What the iterations of a Loop give, joined, depends on all that any of them depends on. */
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { stacked } from '../../src/network/control/control.js';
import { DataType } from '../../src/onnx/model.js';

const slice = { tensor: tf.scalar(1), elementType: DataType.FLOAT, fromInput: false };

it('is known only if every slice is', () => {
  expect(stacked([slice, slice]).fromParameter).toBeFalsy();
  expect(stacked([slice, { ...slice, fromParameter: true }]).fromParameter).toBe(true);
  expect(stacked([slice, { ...slice, fromInput: true }]).fromInput).toBe(true);
});
