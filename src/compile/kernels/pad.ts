/** Padding with a number, and with mirror images. */
import { defineKernel, type KernelDefinition, type Lowering, type Value } from '../kernel.js';
import { extentOf, paddedShape } from '../shapes.js';
import { concatenate, slice } from './shape.js';

const padV2 = defineKernel({
  name: 'PadV2',
  lower: (at) => pad(at, at.attrs.paddings, at.attrs.constantValue, 'constant'),
});

const mirrorPad = defineKernel({
  name: 'MirrorPad',
  lower(at) {
    const { mode, paddings } = at.attrs;
    return mode === 'reflect' ? pad(at, paddings, undefined, 'reflect') : symmetric(at, paddings);
  },
});

function pad(at: Lowering, paddings: [number, number][], fill: number | undefined, mode: string): Value {
  const x = at.input('x');
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
  const shape = paddedShape(x.shape, paddings);
  const pads = at.int64([...paddings.map((p) => p[0]), ...paddings.map((p) => p[1])]);
  return at.node(
    'Pad',
    [x, pads, fill === undefined ? undefined : at.constant(fill, [], x.dtype)],
    { shape, dtype: x.dtype },
    { mode },
  );
}

/** A mirror that shows the edge too, which ONNX does not have: axis by axis the first and last slices, reversed. */
function symmetric(at: Lowering, paddings: [number, number][]): Value {
  return paddings.reduce((x, [before, after], axis) => {
    const extent = extentOf(x.shape, axis);
    const parts = [
      mirrored(at, x, axis, before - 1, -1),
      x,
      mirrored(at, x, axis, extent - 1, extent - 1 - after),
    ];
    return concatenate(
      at,
      parts.filter((part) => extentOf(part.shape, axis) > 0),
      axis,
    );
  }, at.input('x'));
}

/** The slices from `begin` down to the one after `end`. */
function mirrored(at: Lowering, x: Value, axis: number, begin: number, end: number): Value {
  const along = (one: number, others: (extent: number) => number) =>
    x.shape.map((extent, i) => (i === axis ? one : others(extent)));
  return slice(
    at,
    x,
    along(begin, () => 0),
    along(end, (extent) => extent),
    along(-1, () => 1),
  );
}

export const padKernels: KernelDefinition[] = [padV2, mirrorPad];
