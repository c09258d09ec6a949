/**
 * A device as ONNX bytes, one small program per tensor shape: traced once from its tfjs function, then run by onnxruntime
 * in whichever worker draws a chip. Plain data, so that it can be sent to a worker.
 */
import { traceModel } from '../compile/index.js';
import type { Device } from '../devices/index.js';
import { encodeModel } from '../onnx/codec.js';

export interface DeviceProgram {
  spec: string;
  noiseCount: number;
  /** `weights`, `noise` [noiseCount, ...dims] and `strength` [] -> `programmed`, by `shapeKey(dims)`. */
  programs: Record<string, Uint8Array>;
}

export function shapeKey(dims: readonly number[]): string {
  return dims.join('x');
}

export function compileDevice(device: Device, shapes: readonly (readonly number[])[]): DeviceProgram {
  const { spec, noiseCount } = device;
  const programs: Record<string, Uint8Array> = {};
  for (const dims of shapes) programs[shapeKey(dims)] ??= compileShape(device, dims);
  return { spec, noiseCount, programs };
}

function compileShape(device: Device, dims: readonly number[]): Uint8Array {
  const inputs = [
    { name: 'weights', shape: dims, dtype: 'float32' as const },
    { name: 'noise', shape: [device.noiseCount, ...dims], dtype: 'float32' as const },
    { name: 'strength', shape: [], dtype: 'float32' as const },
  ];
  const model = traceModel(
    ({ weights, noise, strength }) => ({
      programmed: device.program(weights!, noise!, strength!.asScalar()),
    }),
    inputs,
  );
  return encodeModel(model);
}
