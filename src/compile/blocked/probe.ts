/**
 * Which block size this processor's kernels use, if any: found by running them, because the operators are not part of the
 * ONNX standard. A small convolution is compared with the plain one; only if both agree is the layout used.
 */
import { lookUp } from '../../lists/lookUp.js';
import { zip } from '../../lists/zip.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../onnx/build.js';
import { encodeModel } from '../../onnx/codec.js';
import { DataType, type Graph } from '../../onnx/model.js';
import { float32, type HostTensor } from '../../runtime/host.js';
import { openSession } from '../../runtime/session.js';
import { Recorder } from '../recorder.js';
import { blockedDomain } from './layout.js';
import { blockedRule } from './rules.js';

let probed: Promise<number | undefined> | undefined;

/** 16 with AVX-512, 8 with AVX2; undefined where onnxruntime has no such kernels, or where they do not answer as expected. */
export function blockSize(): Promise<number | undefined> {
  probed ??= probe().catch(() => undefined);
  return probed;
}

async function probe(): Promise<number | undefined> {
  const block = await packedChannels();
  if (block === undefined || block < 2) return undefined;
  const [plain, blocked] = [await convolve(undefined), await convolve(block)];
  const largest = plain.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (blocked.length !== plain.length) return undefined;
  const isAlike = zip(blocked, plain).every(([value, other]) => Math.abs(value - other) <= 1e-5 * largest);
  return isAlike ? block : undefined;
}

/** Packs the channels 0 ... 63 of a picture of two equal pixels: after a whole block the first pixel ends. */
async function packedChannels(): Promise<number | undefined> {
  const shape = [1, 64, 1, 2];
  const info = (name: string) => tensorInfo(name, DataType.FLOAT, shape);
  const graph = makeGraph({
    name: 'pack',
    nodes: [makeNode('ReorderInput', ['x'], ['y'], {}, { domain: blockedDomain })],
    inputs: [info('x')],
    outputs: [info('y')],
  });
  const channels = Float32Array.from({ length: 128 }, (_, i) => Math.floor(i / 2));
  const y = await runOnce(graph, { x: float32(shape, channels) });
  const block = y.indexOf(0, 1);
  return block > 1 ? block : undefined;
}

/** A strided, padded convolution of 64 channels, in blocks or plainly. */
async function convolve(block: number | undefined): Promise<Float32Array> {
  const recorder = new Recorder(block === undefined ? undefined : blockedRule(block));
  const specs = { x: [2, 64, 6, 5], w: [64, 64, 3, 3] };
  const values = Object.entries(specs).map(([name, shape]) =>
    recorder.input(name, { shape, dtype: 'float32' }),
  );
  const geometry = { kernel_shape: [3, 3], strides: [2, 1], pads: [1, 1, 1, 1], dilations: [1, 1], group: 1 };
  const y = recorder.node('Conv', values, { shape: [2, 64, 3, 5], dtype: 'float32' }, geometry);
  const feeds = Object.fromEntries(
    Object.entries(specs).map(([name, shape]) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      return [
        name,
        float32(
          shape,
          Float32Array.from({ length: size }, (_, i) => ((i * 7919) % 31) / 15 - 1),
        ),
      ];
    }),
  );
  return runOnce(recorder.finish('probe', values, { y }), feeds);
}

/** The output y. */
async function runOnce(graph: Graph, feeds: Record<string, HostTensor>): Promise<Float32Array> {
  const model = makeModel(graph, { opset: 21 });
  const opsetImport = [...model.opsetImport, { domain: blockedDomain, version: 1 }];
  const session = await openSession(encodeModel({ ...model, opsetImport }), { threads: 1 });
  try {
    return lookUp(await session.run(feeds), 'y', 'output').data as Float32Array;
  } finally {
    await session.release();
  }
}
