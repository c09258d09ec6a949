/**
 * Tensors and notes in one safetensors file (https://github.com/huggingface/safetensors: header length, JSON header, values),
 * which other software can open too. The last tensor, `sha256`, is the digest of every byte before it: a file that was cut off,
 * or changed in any bit, is told from a whole one before anything in it is believed.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import { float32 } from '../../compile/index.js';
import { writeParts } from '../../files/write.js';
import { updateHash } from '../../onnx/writeFile.js';
import { elements, type HostTensors } from '../step/host.js';

const digestName = 'sha256';
const digestBytes = 32;

const size = z.int().min(0);
const headerSchema = z.record(
  z.string(),
  z.strictObject({ dtype: z.enum(['F32', 'U8']), shape: z.array(size), data_offsets: z.tuple([size, size]) }),
);
type TensorEntry = z.infer<typeof headerSchema>[string];

/** Writes a new file and brings it to the disk. `tensors` are float32. */
export async function writeTensors(
  path: string,
  notes: Readonly<Record<string, string>>,
  tensors: HostTensors,
): Promise<void> {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { dims, data }]): [string, TensorEntry] => {
    const begin = end;
    end += data.byteLength;
    return [name, { dtype: 'F32', shape: [...dims], data_offsets: [begin, end] }];
  });
  entries.push([digestName, { dtype: 'U8', shape: [digestBytes], data_offsets: [end, end + digestBytes] }]);
  const text = JSON.stringify({ __metadata__: notes, ...Object.fromEntries(entries) });
  // Padded with blanks, as the format allows, so that the values are aligned.
  const header = Buffer.from(text.padEnd(text.length + ((8 - (Buffer.byteLength(text) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const parts: Uint8Array[] = [
    Buffer.concat([length, header]),
    ...Object.values(tensors).map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  ];
  const hash = createHash('sha256');
  for (const part of parts) updateHash(hash, part);
  await writeParts(path, [...parts, hash.digest()]);
}

/**
 * What a file holds; or, in words, why it holds nothing that can be believed. Read in parts: node reads no 2 GiB in one go.
 * Throws the error of the file system.
 */
export async function readTensors(
  path: string,
): Promise<{ notes: Record<string, unknown>; tensors: HostTensors } | string> {
  const file = await open(path, 'r');
  try {
    const end = (await file.stat()).size - digestBytes;
    if (end < 8) return 'it ends within its header';
    const digest = await readAt(file, new Uint8Array(digestBytes), end);
    if (!(await digestOf(file, end)).equals(digest)) return 'its content does not fit its SHA-256';
    const size = await readAt(file, Buffer.alloc(8), 0);
    const length = Number(size.readBigUInt64LE());
    if (8 + length > end) return 'it ends within its header';
    const text = await readAt(file, Buffer.alloc(length), 8);
    const header = parseHeader(text.toString('utf8'));
    if (!header) return 'its header is none of a safetensors file';
    const begin = 8 + length;
    const tensors: HostTensors = {};
    for (const [name, { dtype, shape, data_offsets }] of header.entries) {
      if (dtype !== 'F32') continue;
      const [from, to] = data_offsets;
      if (begin + to > end || to - from !== 4 * elements(shape)) return `tensor ${name} is cut off`;
      const data = new Float32Array(elements(shape));
      await readAt(file, new Uint8Array(data.buffer), begin + from);
      tensors[name] = float32(shape, data);
    }
    return { notes: header.notes, tensors };
  } finally {
    await file.close();
  }
}

/** Bytes that are read or hashed at once. */
const chunk = 2 ** 24;

async function readAt<T extends Uint8Array>(file: FileHandle, into: T, position: number): Promise<T> {
  for (let done = 0; done < into.length; ) {
    const length = Math.min(chunk, into.length - done);
    const { bytesRead } = await file.read(into, done, length, position + done);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    done += bytesRead;
  }
  return into;
}

/** Of all bytes before `end`. */
async function digestOf(file: FileHandle, end: number): Promise<Buffer> {
  const hash = createHash('sha256');
  const part = new Uint8Array(Math.min(chunk, end));
  for (let at = 0; at < end; at += part.length)
    hash.update(await readAt(file, part.subarray(0, Math.min(part.length, end - at)), at));
  return hash.digest();
}

function parseHeader(
  text: string,
): { notes: Record<string, unknown>; entries: [string, TensorEntry][] } | undefined {
  try {
    const { __metadata__: notes = {}, ...entries } = JSON.parse(text);
    return { notes, entries: Object.entries(headerSchema.parse(entries)) };
  } catch {
    return undefined;
  }
}
