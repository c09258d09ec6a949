/**
 * Devices as ONNX programs, traced once from their tfjs functions. Workers get the programs (draws.ts) and never load tfjs.
 */
import { traceModel } from '../compile/index.js';
import type { Device } from '../devices/index.js';
import { encodeModel } from '../onnx/codec.js';
import { type DeviceProgram, shapeKey } from './draws.js';

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
