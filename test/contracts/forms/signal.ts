/**
 * Fourier transforms. Left out: half a spectrum to a real signal of a length other than its own, where onnxruntime 1.30 mirrors
 * the wrong bins, unlike ONNX's reference and NumPy (test/network/fourier.test.ts has it).
 */
import fc from 'fast-check';
import { attributes, type Draw, extent, type Forms, floats, inputs, optional, shape } from './draw.js';

const bit = fc.constantFrom(0, 1);

const dft: Draw = (opset) =>
  fc
    .tuple(
      shape(1, 3),
      fc.integer({ min: 2, max: 6 }),
      fc.constantFrom(1, 2),
      optional(fc.integer({ min: 2, max: 8 })),
    )
    .chain(([lead, samples, parts, length]) =>
      attributes({ inverse: bit, onesided: bit })
        // Half a spectrum comes from real signals, and goes back to them.
        .filter(({ inverse = 0, onesided = 0 }) => onesided === 0 || (inverse === 1) === (parts === 2))
        .map((given) => {
          const axis = lead.length;
          const backToReal = given.inverse === 1 && given.onesided === 1;
          const last = length === null || backToReal ? null : { ints: length };
          return {
            inputs:
              opset < 20
                ? inputs(floats([...lead, samples, parts]), last)
                : inputs(floats([...lead, samples, parts]), last, { ints: axis }),
            attributes: opset < 20 ? { ...given, axis } : given,
          };
        }),
    );

const stft: Draw = () =>
  fc
    .tuple(extent, fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 3 }), extent, fc.boolean(), bit)
    .map(([batch, length, step, more, windowed, onesided]) => {
      const signal = floats([batch, length + more, 1]);
      return {
        inputs: windowed
          ? inputs(signal, { ints: step }, floats([length]))
          : inputs(signal, { ints: step }, null, { ints: length }),
        attributes: { onesided },
      };
    });

export const signal: Forms = { DFT: dft, STFT: stft };
