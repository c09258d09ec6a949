/** Blocks of pixels into channels and back. */
import fc from 'fast-check';
import { attributes, type Draw, type Forms, floats, shape } from './draw.js';

const block = fc.integer({ min: 1, max: 3 });

const depthToSpace: Draw = (opset) =>
  fc.tuple(shape(4, 4, fc.integer({ min: 1, max: 2 })), block).chain(([[b, c, h, w], n]) =>
    attributes(opset < 11 ? {} : { mode: fc.constantFrom('DCR', 'CRD') }).map((given) => ({
      inputs: [floats([b!, c! * n * n, h!, w!])],
      attributes: { blocksize: n, ...given },
    })),
  );

const spaceToDepth: Draw = () =>
  fc.tuple(shape(4, 4, fc.integer({ min: 1, max: 2 })), block).map(([[b, c, h, w], n]) => ({
    inputs: [floats([b!, c!, h! * n, w! * n])],
    attributes: { blocksize: n },
  }));

export const rearrangement: Forms = { DepthToSpace: depthToSpace, SpaceToDepth: spaceToDepth };
