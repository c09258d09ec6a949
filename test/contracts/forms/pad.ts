/** Pad: every mode, by any amount that Temper understands, along all axes or some. */
import fc from 'fast-check';
import {
  axes,
  type Draw,
  type Form,
  type Forms,
  floats,
  inputs,
  ints,
  number,
  optional,
  shape,
} from './draw.js';

/** What is added before and after so many elements; at least one element is left. */
function amounts(extent: number, mode: string): fc.Arbitrary<[number, number]> {
  const most = { reflect: extent - 1, wrap: extent }[mode] ?? 3;
  const least = mode === 'wrap' ? 0 : 1 - extent;
  const one = fc.integer({ min: least, max: most });
  return fc.tuple(one, one).filter(([before, after]) => {
    const kept = extent + Math.min(0, before) + Math.min(0, after);
    const reflected = mode === 'reflect' ? Math.max(0, before, after) : 0;
    return before + extent + after > 0 && reflected < Math.max(1, kept);
  });
}

const pad: Draw = (opset) =>
  fc
    .tuple(shape(1, 4), fc.constantFrom('constant', 'reflect', 'edge', ...(opset >= 19 ? ['wrap'] : [])))
    .chain(([of, mode]) =>
      (opset >= 18 ? optional(axes(of.length)) : fc.constant(null)).chain((along) => {
        const each = fc.tuple(...(along ?? [...of.keys()]).map((at) => amounts(of.at(at)!, mode)));
        return fc.tuple(each, optional(number(-1, 1)), fc.boolean()).map(([pairs, value, explicit]): Form => {
          const pads = [...pairs.map(([before]) => before), ...pairs.map(([, after]) => after)];
          const given = explicit || mode !== 'constant' ? { mode } : {};
          if (opset < 11)
            return {
              inputs: [floats(of)],
              attributes: { ...given, pads, ...(value !== null && { value: { float: value } }) },
            };
          const fill =
            value === null
              ? null
              : floats([], { between: [value, value], ...(mode !== 'constant' && { gradient: false }) });
          return { inputs: inputs(floats(of), ints(pads), fill, along && ints(along)), attributes: given };
        });
      }),
    );

export const padding: Forms = { Pad: pad };
