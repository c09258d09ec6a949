/**
 * A model too large for one buffer, in files from which onnxruntime maps its weights into memory (docs/decisions/0025-beyond-one-buffer.md).
 * They lie in the folder for temporary files (TMPDIR), and have no names any more once they are opened: the system keeps them
 * as long as they are mapped. What a killed process left there is removed by the next (src/files/workshop.ts).
 */
import { type FileHandle, open, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemperError } from '../errors.js';
import { failing } from '../files/ioError.js';
import { inWorkshop } from '../files/workshop.js';
import { writeAt } from '../files/write.js';
import { encodeModel } from './codec.js';
import { encodePieces, largestMessage, sizeOfPieces } from './encode.js';
import { leastExternal, nextPage, tensorBeside } from './external.js';
import type { Graph, Model, Tensor } from './model.js';

/** Bytes up to which a model is given to onnxruntime from memory. */
export const largestBuffer = largestMessage;

export function modelSize(model: Model): number {
  return sizeOfPieces(encodePieces(model));
}

/** The file of values beside the model. */
export interface Beside {
  /** The tensor with its values told to lie there; as it is if they are few. */
  take(tensor: Tensor): Tensor;
  /** Writes what was taken, so that it need not be kept. */
  flush(): Promise<void>;
}

const [modelName, dataName] = ['model.onnx', 'model.data'];

/**
 * @param bytes of the model at most
 * @param make  the model; values that it gives to `beside` it need not hold. What large initializers are left go there too
 * @param work  what is done with its path
 * Throws TemperError('io') where the disk has no room for it, or cannot be written.
 */
export async function inMappedFiles<T>(
  bytes: number,
  make: (beside: Beside) => Promise<Model>,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const folder = tmpdir();
  await requireRoom(folder, bytes);
  return inWorkshop(folder, [modelName, dataName], async (workshop) => {
    const path = join(workshop, modelName);
    const file = await open(join(workshop, dataName), 'wx');
    try {
      const beside = new DataFile(file);
      const model = await make(beside);
      const graph = await withoutValues(model.graph, beside);
      await writeFile(path, encodeModel({ ...model, graph }), { flag: 'wx' });
    } finally {
      await file.close();
    }
    return work(path);
  }).catch(failing('write', `a model of ${bytes} bytes to ${folder}`));
}

async function withoutValues(graph: Graph, beside: Beside): Promise<Graph> {
  const initializers: Tensor[] = [];
  for (const tensor of graph.initializers) {
    initializers.push(beside.take(tensor));
    await beside.flush();
  }
  return { ...graph, initializers };
}

class DataFile implements Beside {
  private end = 0;
  private waiting: { bytes: Uint8Array; place: number }[] = [];

  constructor(private readonly file: FileHandle) {}

  take(tensor: Tensor): Tensor {
    const { rawData } = tensor;
    if (!rawData || rawData.byteLength < leastExternal) return tensor;
    const place = nextPage(this.end);
    this.end = place + rawData.byteLength;
    this.waiting.push({ bytes: rawData, place });
    return tensorBeside(tensor, dataName, place);
  }

  async flush(): Promise<void> {
    for (const { bytes, place } of this.waiting) await writeAt(this.file, bytes, place);
    this.waiting = [];
  }
}

/** Before the first byte: a disk that is full has others waiting for it. */
async function requireRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder).catch(failing('look at', folder));
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw new TemperError('io', {
    what: `a model of ${bytes} bytes goes to onnxruntime through a file, and ${folder} has room for ${free}`,
    hint: 'make room, or name another folder for temporary files: TMPDIR=FOLDER',
  });
}
