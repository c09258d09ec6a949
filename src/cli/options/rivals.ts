/** What the hardened model is held against, beside the original, so that a report shows what its gain is made of. */
import { names } from '../parse/option.js';

export const rivalNames = ['clipped', 'plain'] as const;
export type RivalName = (typeof rivalNames)[number];

export const rivalOptions = {
  rivals: names(
    'what the hardened model is also held against: clipped = the original with its weights clipped as chosen, not trained; plain = trained as long without noise and clipped by the same choices, which costs a second training',
    rivalNames,
    { default: [...rivalNames] },
  ),
};
