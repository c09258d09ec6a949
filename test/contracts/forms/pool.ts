/** Pooling by windows and over all spatial axes. */
import fc from 'fast-check';
import { attributes, type Draw, type Form, type Forms, floats, shape } from './draw.js';
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

export const pool: Forms = {
  MaxPool: windowed(10, (opset) => (opset >= 8 ? { storage_order: bit } : {})),
  AveragePool: windowed(19, () => ({ count_include_pad: bit })),
  GlobalAveragePool: global,
  GlobalMaxPool: global,
};
