/**
 * The geometry that convolution and pooling share, and its reference loop: an output position o of an axis reads the
 * inputs o * stride - padBegin + k * dilation for k in the kernel (ONNX operator specification, Conv).
 * Everything is seen as batch x group x channels x three spatial axes; missing axes have extent 1.
 */
import { zip } from '../../lists/zip.js';

/** Explicit geometry, as ONNX writes it; `pads` are all begins, then all ends. One entry for each spatial axis. */
export interface WindowAttributes {
  kernel: number[];
  strides: number[];
  pads: number[];
  dilations: number[];
}

/** Extents of batch, groups, channels per group on both sides, and of the spatial axes. */
export interface WindowExtents {
  batch: number;
  group: number;
  inChannels: number;
  outChannels: number;
  input: readonly number[];
  output: readonly number[];
}

/** The same of one spatial axis. */
export interface WindowAxis {
  kernel: number;
  stride: number;
  dilation: number;
  /** Padding before the first element and after the last. */
  begin: number;
  end: number;
  /** From the first input of a window to the one after its last. */
  field: number;
}

export function windowAxes({ kernel, strides, pads, dilations }: WindowAttributes): WindowAxis[] {
  const [begins, ends] = [pads.slice(0, kernel.length), pads.slice(kernel.length)];
  return zip(kernel, strides, dilations, begins, ends).map(([extent, stride, dilation, begin, end]) => ({
    kernel: extent,
    stride,
    dilation,
    begin,
    end,
    field: (extent - 1) * dilation + 1,
  }));
}

/** Output extents of a sliding window. With `ceil` a last window may hang over the end if it starts inside (PyTorch, ONNX >= 10). */
export function windowOutput(input: readonly number[], at: WindowAttributes, ceil = false): number[] {
  return zip(input, windowAxes(at)).map(([extent, { stride, begin, end, field }]) => {
    const room = begin + extent + end - field;
    const count = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    return ceil && (count - 1) * stride >= extent + begin ? count - 1 : count;
  });
}

/**
 * Calls `visit` for every run of outputs along the last axis that one kernel element contributes to:
 * outputs y, y + 1, ... (count of them) meet inputs x, x + step, ... and the kernel element w (flat indices).
 * Kernel elements come in row-major order for every output, so "the first maximum" means what it means in ONNX.
 */
export function forEachRun(
  at: WindowAttributes,
  extents: WindowExtents,
  visit: (x: number, w: number, y: number, count: number, step: number) => void,
): void {
  const [inD, inH, inW] = spatial(extents.input, 1);
  const [outD, outH, outW] = spatial(extents.output, 1);
  const [kD, kH, kW] = spatial(at.kernel, 1);
  const [sD, sH, sW] = spatial(at.strides, 1);
  const [dD, dH, dW] = spatial(at.dilations, 1);
  const [pD, pH, pW] = spatial(at.pads.slice(0, at.kernel.length), 0);
  const { group, inChannels, outChannels } = extents;

  const plane = (b: number, g: number, m: number, c: number) => {
    const xPlane = ((b * group + g) * inChannels + c) * inD * inH * inW;
    const yPlane = ((b * group + g) * outChannels + m) * outD * outH * outW;
    const wPlane = ((g * outChannels + m) * inChannels + c) * kD * kH * kW;
    for (let k = 0; k < kD * kH * kW; k++) {
      const shiftD = Math.floor(k / (kH * kW)) * dD - pD;
      const shiftH = (Math.floor(k / kW) % kH) * dH - pH;
      const shiftW = (k % kW) * dW - pW;
      const first = Math.max(0, Math.ceil(-shiftW / sW));
      const count = Math.min(outW - 1, Math.floor((inW - 1 - shiftW) / sW)) - first + 1;
      if (count <= 0) continue;
      for (let d = 0; d < outD; d++) {
        const xD = d * sD + shiftD;
        if (xD < 0 || xD >= inD) continue;
        for (let h = 0; h < outH; h++) {
          const xH = h * sH + shiftH;
          if (xH < 0 || xH >= inH) continue;
          const x = xPlane + (xD * inH + xH) * inW + first * sW + shiftW;
          visit(x, wPlane + k, yPlane + (d * outH + h) * outW + first, count, sW);
        }
      }
    }
  };
  for (let b = 0; b < extents.batch; b++)
    for (let g = 0; g < group; g++)
      for (let m = 0; m < outChannels; m++) for (let c = 0; c < inChannels; c++) plane(b, g, m, c);
}

function spatial(values: readonly number[], fill: number): [number, number, number] {
  const [d, h, w] = [...Array(3 - values.length).fill(fill), ...values];
  return [d, h, w];
}
