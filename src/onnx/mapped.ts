/**
 * Models too large for one buffer, in files from which onnxruntime maps their weights into memory
 * (docs/decisions/0025-beyond-one-buffer.md). They lie in the folder for temporary files (TMPDIR). What is opened keeps the values
 * that it has mapped, whatever becomes of the names; what a killed process left is removed by the next (src/files/workshop.ts).
 */
import { type FileHandle, open, statfs, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemperError } from '../errors.js';
import { failing } from '../files/ioError.js';
import { inWorkshop } from '../files/workshop.js';
import { writeAt } from '../files/write.js';
import { encodeModel } from './codec.js';
import { encodePieces, largestMessage, sizeOfPieces } from './encode.js';
import { leastExternal, nextPage, tensorBeside } from './external.js';
import type { Model, Tensor } from './model.js';

/** Bytes up to which a model is given to onnxruntime from memory. */
export const largestBuffer = largestMessage;

export function modelSize(model: Model): number {
  return sizeOfPieces(encodePieces(model));
}

/** Of one model to be opened: `make` gives the model, and may have its new values written before it makes others. */
export type Making = (write: (tensor: Tensor) => Tensor, flush: () => Promise<void>) => Promise<Model>;

/** Opens one model through files. Throws TemperError('io') where the disk has no room for it, or cannot be written. */
export async function throughFiles<T>(model: Model, work: (path: string) => Promise<T>): Promise<T> {
  const shelf = new Shelf(modelSize(model));
  try {
    return await shelf.open(async () => model, work);
  } finally {
    await shelf.close();
  }
}

const names = { model: 'model.onnx', own: 'own.data', shared: 'shared.data' };

/** For models that share most of their values, as chips do: those are written once. One is opened after the other. */
export class Shelf {
  private place: Promise<{ folder: string; shared: MappedFile; end: () => void }> | undefined;
  private ended: Promise<void> = Promise.resolve();

  /** @param room bytes of all that will lie there at one time */
  constructor(private readonly room: number) {}

  /** @param work is given the path of the model, which is gone when it ends */
  async open<T>(make: Making, work: (path: string) => Promise<T>): Promise<T> {
    this.place ??= this.begin();
    const { folder, shared } = await this.place;
    const [path, beside] = [join(folder, names.model), join(folder, names.own)];
    try {
      const own = await MappedFile.create(beside, names.own);
      try {
        const model = await make(
          (tensor) => own.take(tensor),
          () => own.flush(),
        );
        await writeFile(path, encodeModel(await shared.without(model)), { flag: 'wx' });
      } finally {
        await own.close();
      }
      return await work(path);
    } catch (error) {
      return failing('write', `a model to ${folder}`)(error);
    } finally {
      for (const file of [path, beside]) await unlink(file).catch(() => {});
    }
  }

  async close(): Promise<void> {
    const place = await this.place?.catch(() => undefined);
    await place?.shared.close();
    place?.end();
    await this.ended;
  }

  private async begin() {
    const folder = tmpdir();
    await requireRoom(folder, this.room);
    return new Promise<{ folder: string; shared: MappedFile; end: () => void }>((resolve, reject) => {
      const used = inWorkshop(folder, Object.values(names), async (workshop) => {
        const shared = await MappedFile.create(join(workshop, names.shared), names.shared);
        await new Promise<void>((end) => resolve({ folder: workshop, shared, end }));
      });
      used.catch((error) => {
        try {
          failing('write', folder)(error);
        } catch (told) {
          reject(told);
        }
      });
      this.ended = used.catch(() => {});
    });
  }
}

/** Values of tensors, one behind the other, each at a page of its own. */
class MappedFile {
  private end = 0;
  private readonly places = new Map<Uint8Array, number>();
  private waiting: { bytes: Uint8Array; place: number }[] = [];

  private constructor(
    private readonly file: FileHandle,
    private readonly name: string,
  ) {}

  static async create(path: string, name: string): Promise<MappedFile> {
    return new MappedFile(await open(path, 'wx'), name);
  }

  /** The tensor with its values told to lie here; as it is if they are few. */
  take(tensor: Tensor): Tensor {
    const { rawData } = tensor;
    if (!rawData || rawData.byteLength < leastExternal) return tensor;
    const place = nextPage(this.end);
    this.end = place + rawData.byteLength;
    this.waiting.push({ bytes: rawData, place });
    return tensorBeside(tensor, this.name, place);
  }

  async flush(): Promise<void> {
    for (const { bytes, place } of this.waiting) await writeAt(this.file, bytes, place);
    this.waiting = [];
  }

  /** The model with the initializers of its graph here; those that are here already stay where they are. */
  async without({ graph, ...model }: Model): Promise<Model> {
    const initializers: Tensor[] = [];
    for (const tensor of graph.initializers) {
      const { rawData } = tensor;
      const known = rawData && this.places.get(rawData);
      const place = nextPage(this.end);
      const taken = known === undefined ? this.take(tensor) : tensorBeside(tensor, this.name, known);
      if (rawData && taken !== tensor) this.places.set(rawData, known ?? place);
      initializers.push(taken);
      await this.flush();
    }
    return { ...model, graph: { ...graph, initializers } };
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** Before the first byte: a disk that is full has others waiting for it. */
async function requireRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder).catch(failing('look at', folder));
  const free = bavail * bsize;
  if (free >= bytes) return;
  throw new TemperError('io', {
    what: `the model goes to onnxruntime through files of ${bytes} bytes, and ${folder} has room for ${free}`,
    hint: 'make room, or name another folder for temporary files: TMPDIR=FOLDER',
  });
}
