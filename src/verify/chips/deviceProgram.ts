/**
 * Devices as ONNX programs, traced once from their tfjs functions. Workers get the programs (draws.ts) and never load tfjs.
 */
import { traceModel } from '../../compile/index.js';
import type { Device } from '../../devices/index.js';
import type { ChannelRange } from '../../mapping/channels.js';
import { encodeModel } from '../../onnx/codec.js';
import { type CleanWeight, type DeviceProgram, rangeFor, shapeKey } from './draws.js';

export interface CompiledDevice {
  readonly device: Device;
  readonly program: DeviceProgram;
}

/** @param weights every shape among them has its program */
export function compileDevices(
  devices: readonly Device[],
  weights: readonly CleanWeight[],
): CompiledDevice[] {
  return devices.map((device) => ({ device, program: compileDevice(device, weights) }));
}

export function compileDevice(device: Device, weights: readonly CleanWeight[]): DeviceProgram {
  const { spec, noiseCount, goesByChannel } = device;
  const programs: Record<string, Uint8Array> = {};
  for (const weight of weights) {
    const range = rangeFor(device, weight);
    programs[shapeKey(weight.dims, range)] ??= compileShape(device, weight.dims, range);
  }
  return { spec, noiseCount, goesByChannel, programs };
}

function compileShape(device: Device, dims: readonly number[], range: ChannelRange | undefined): Uint8Array {
  const dtype = 'float32' as const;
  const inputs = [
    { name: 'weights', shape: dims, dtype },
    { name: 'noise', shape: [device.noiseCount, ...dims], dtype },
    { name: 'strength', shape: [], dtype },
    ...(range ? [{ name: 'range', shape: range.dims, dtype }] : []),
  ];
  const model = traceModel(
    ({ weights, noise, strength, range: given }) => ({
      programmed: device.program(weights!, noise!, strength!.asScalar(), given),
    }),
    inputs,
  );
  return encodeModel(model);
}
