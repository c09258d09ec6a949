/** Pictures are varied only where that changes no answer. */
import { expect, it } from 'vitest';
import { augmentationText, usualAugmentation } from '../../src/data/augmentation.js';

const shape = [3, 32, 32];

it('is on for colour pictures with classes alone, and mirrors those whose reader allows it', () => {
  expect(usualAugmentation({ shape, pictures: 'mirrorable' })).toEqual({ crop: 4, flip: true });
  // Traffic signs in folders: another class in the mirror.
  expect(usualAugmentation({ shape, pictures: 'oriented' })).toEqual({ crop: 4, flip: false });
  const none = { crop: 0, flip: false };
  // Spectrograms in an npz.
  expect(usualAugmentation({ shape })).toEqual(none);
  // Boxes, maps.
  expect(usualAugmentation({ shape, pictures: 'mirrorable', targets: new Float32Array(1) })).toEqual(none);
  expect(usualAugmentation({ shape: [1, 28, 28], pictures: 'oriented' })).toEqual(none);
  expect(usualAugmentation({ shape: [3, 8, 8], pictures: 'mirrorable' })).toEqual(none);
});

it('is told in words', () => {
  expect(augmentationText({ crop: 0, flip: false })).toBe('none');
  expect(augmentationText({ crop: 4, flip: false })).toBe(
    'random crops from a border of 4 pixels, not mirrored',
  );
  expect(augmentationText({ crop: 0, flip: true })).toBe('no crops, mirrored at random');
});
