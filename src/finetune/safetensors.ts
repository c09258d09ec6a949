/**
 * Tensors and notes in one safetensors file (https://github.com/huggingface/safetensors: header length, JSON header, values),
 * which other software can open too. The last tensor, `sha256`, is the digest of every byte before it: a file that was cut off,
 * or changed in any bit, is told from a whole one before anything in it is believed.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { float32 } from '../compile/index.js';
import { writeParts } from '../files/write.js';
import { elements, type HostTensors } from './host.js';

const digestName = 'sha256';
const digestBytes = 32;

const size = z.int().min(0);
const headerSchema = z.record(
  z.string(),
  z.strictObject({ dtype: z.enum(['F32', 'U8']), shape: z.array(size), data_offsets: z.tuple([size, size]) }),
);
type Entry = z.infer<typeof headerSchema>[string];

/** Writes a new file and brings it to the disk. `tensors` are float32. */
export async function writeTensors(
  path: string,
  notes: Readonly<Record<string, string>>,
  tensors: HostTensors,
): Promise<void> {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { dims, data }]): [string, Entry] => {
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
  for (const part of parts) hash.update(part);
  await writeParts(path, [...parts, hash.digest()]);
}

/** What a file holds; or, in words, why it holds nothing that can be believed. */
export function readTensors(
  bytes: Buffer,
): { notes: Record<string, unknown>; tensors: HostTensors } | string {
  const body = bytes.subarray(0, Math.max(0, bytes.length - digestBytes));
  const digest = createHash('sha256').update(body).digest();
  if (!digest.equals(bytes.subarray(body.length))) return 'its content does not fit its SHA-256';
  const length = body.length < 8 ? Number.POSITIVE_INFINITY : Number(body.readBigUInt64LE());
  if (8 + length > body.length) return 'it ends within its header';
  const header = parseHeader(body.toString('utf8', 8, 8 + length));
  if (!header) return 'its header is none of a safetensors file';
  const values = body.subarray(8 + length);
  const tensors: HostTensors = {};
  for (const [name, { dtype, shape, data_offsets }] of header.entries) {
    if (dtype !== 'F32') continue;
    const [begin, end] = data_offsets;
    if (end > values.length || end - begin !== 4 * elements(shape)) return `tensor ${name} is cut off`;
    const data = new Float32Array(elements(shape));
    new Uint8Array(data.buffer).set(values.subarray(begin, end));
    tensors[name] = float32(shape, data);
  }
  return { notes: header.notes, tensors };
}

function parseHeader(
  text: string,
): { notes: Record<string, unknown>; entries: [string, Entry][] } | undefined {
  try {
    const { __metadata__: notes = {}, ...entries } = JSON.parse(text);
    return { notes, entries: Object.entries(headerSchema.parse(entries)) };
  } catch {
    return undefined;
  }
}
