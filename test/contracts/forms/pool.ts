/** Pooling by windows and over all spatial axes. */
import fc from 'fast-check';
import { attributes, type Draw, type Form, type Forms, floats, ints, shape } from './draw.js';
import { fits, misses, skipped, window } from './window.js';

const bit = fc.constantFrom(0, 1);

function windowed(dilatedSince: number, more: (opset: number) => Parameters<typeof attributes>[0]): Draw {
  return (opset) =>
    fc
      .tuple(
        window({ dilated: opset >= dilatedSince }).filter(
          (at) => fits(at) && skipped(at) <= 0 && !misses(at),
        ),
        shape(2, 2, fc.integer({ min: 1, max: 2 })),
        attributes({ ...(opset >= 10 && { ceil_mode: fc.constantFrom(0, 1, 1) }), ...more(opset) }),
      )
      .map(
        ([window, leading, others]): Form => ({
          inputs: [floats([...leading, ...window.extents])],
          attributes: { kernel_shape: window.kernel, ...window.attributes, ...others },
        }),
      );
}

const global: Draw = () => shape(3, 5).map((of) => ({ inputs: [floats(of)] }));

/** With the indices at times. */
const maxPool: Draw = (opset) =>
  fc
    .tuple(windowed(10, () => (opset >= 8 ? { storage_order: bit } : {}))(opset), fc.boolean())
    .map(([form, indexed]) => (indexed && opset >= 8 ? { ...form, outputs: 2 } : form));

/** Off the kink of |x| at 0. onnxruntime has no LpPool of opset 22. */
const lpPool: Draw = (opset) =>
  windowed(18, () => ({ p: fc.integer({ min: 1, max: 3 }) }))(opset).map(
    ({ inputs, attributes, ...form }) => {
      const { ceil_mode, ...others } = attributes!;
      return {
        ...form,
        inputs: [floats(inputs[0] as number[], { clearOf: [0] })],
        attributes: { ...others, ...(opset >= 18 && ceil_mode !== undefined && { ceil_mode }) },
      };
    },
  );

const globalLpPool: Draw = () =>
  fc.tuple(shape(3, 5), fc.integer({ min: 1, max: 3 })).map(([of, p]) => ({
    inputs: [floats(of, { clearOf: [0] })],
    attributes: { p },
  }));

/** Windows side by side, of which each has its maximum somewhere in it. */
const maxUnpool: Draw = () =>
  fc
    .tuple(shape(3, 4, fc.integer({ min: 1, max: 3 })), fc.integer({ min: 1, max: 3 }), fc.boolean())
    .chain(([of, n, given]) =>
      fc.array(fc.nat(n - 1), { minLength: 3, maxLength: 3 }).map((within): Form => {
        const out = of.map((extent, i) => (i < 2 ? extent : extent * n));
        const positions = indices(of).map((at) =>
          at.reduce((flat, k, i) => flat * out[i]! + (i < 2 ? k : k * n + within[i - 2]!), 0),
        );
        const kernel = of.slice(2).map(() => n);
        return {
          inputs: [floats(of), { ints: positions, shape: of }, ...(given ? [ints(out)] : [])],
          attributes: { kernel_shape: kernel, strides: kernel },
        };
      }),
    );

/** Of all elements, in row-major order. */
function indices(of: readonly number[]): number[][] {
  return of.reduce<number[][]>(
    (outer, extent) => outer.flatMap((at) => [...Array(extent).keys()].map((k) => [...at, k])),
    [[]],
  );
}

export const pool: Forms = {
  MaxPool: maxPool,
  LpPool: lpPool,
  GlobalLpPool: globalLpPool,
  MaxUnpool: maxUnpool,
  AveragePool: windowed(19, () => ({ count_include_pad: bit })),
  GlobalAveragePool: global,
  GlobalMaxPool: global,
};
