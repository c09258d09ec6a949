/**
 * How training pictures are varied unless the user says otherwise: only where a reader of pictures delivered them and classes
 * are told apart. What else has the shape of a picture (spectrograms, fields) does not bear it, nor do targets that lie in
 * the picture, boxes or maps, which would have to move along.
 */
import type { Augmentation } from './batch.js';
import { type Dataset, pictureShape } from './dataset.js';

export type Varied = Pick<Dataset, 'shape' | 'pictures' | 'targets'>;

/** Colour pictures of at least 16 x 16 are cropped, and mirrored if their reader says that no class minds. */
export function usualAugmentation({ shape, pictures, targets }: Varied): Augmentation {
  const { channels, height, width } = pictureShape(shape);
  const varied = pictures !== undefined && !targets && channels === 3 && Math.min(height, width) >= 16;
  return { crop: varied ? 4 : 0, flip: varied && pictures === 'mirrorable' };
}

/** For the start of every run. */
export function augmentationText({ crop, flip }: Augmentation): string {
  const cropped = crop > 0 ? `random crops from a border of ${crop} pixels` : 'no crops';
  return crop === 0 && !flip ? 'none' : `${cropped}, ${flip ? 'mirrored at random' : 'not mirrored'}`;
}
