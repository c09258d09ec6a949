/** A small model and data it can learn, as files, and `temper` run on them inside this process. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { writeModel } from '../../src/onnx/writeFile.js';
import { randomStream } from '../../src/random/stream.js';
import { recordingTerminal } from '../cli/terminal.js';
import { npy, npz, temporaryFolder } from '../data/layouts.js';
import { convolutional } from '../finetune/nets.js';

export interface Fixture {
  folder: string;
  model: string;
  /** Data spec, both splits. */
  data: string;
  path(name: string): string;
}

const classes = 4;
const size = 2 * 6 * 6;

/** `count` pictures [2, 6, 6] of four classes: noise, and the bits of the class as brightness of the channels. */
export async function fixture(count = 640, folder = temporaryFolder()): Promise<Fixture> {
  const path = (name: string) => join(folder, name);
  const noise = randomStream('e2e').integers(count * size, 140);
  const labels = BigInt64Array.from({ length: count }, (_, i) => BigInt(i % classes));
  const pixels = Uint8Array.from({ length: count * size }, (_, at) => {
    const [label, channel] = [Math.floor(at / size) % classes, Math.floor((at % size) / 36)];
    return noise[at]! + ((label >> channel) & 1 ? 110 : 0);
  });
  writeFileSync(
    path('data.npz'),
    npz({ x: npy('|u1', [count, 2, 6, 6], pixels), y: npy('<i8', [count], labels) }),
  );
  await writeModel(path('model.onnx'), convolutional({ classes }));
  return { folder, model: path('model.onnx'), data: `npz:${path('data.npz')}`, path };
}

export interface Outcome {
  code: number;
  out: string;
  err: string;
}

/** Runs a command line in this process. */
export async function temper(...argv: string[]): Promise<Outcome> {
  const terminal = recordingTerminal();
  const code = await runProgram(argv, terminal);
  return { code, out: terminal.printed.join('\n'), err: terminal.noted.join('\n') };
}
