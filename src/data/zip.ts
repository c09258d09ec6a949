/**
 * ZIP archives (PKWARE, APPNOTE.TXT 6.3): what the directory at the end says, and the content of single entries.
 * An archive may lie about sizes, let entries overlap, or name one twice; nothing is unpacked beyond what its entry declares.
 */
import { crc32, inflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  /** Bytes in the archive, and unpacked as declared. */
  readonly packed: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly offset: number;
}

const signatures = {
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
  entry: 0x02014b50,
  local: 0x04034b50,
};
const endLength = 22;
const longestComment = 65535;
/** Stands where the value is in the 64-bit form. */
const elsewhere = 0xffffffff;

/** All entries of the archive. Throws an Error, often a RangeError, for what is none. */
export function zipEntries(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let { at, count } = findDirectory(view);
  const entries: ZipEntry[] = [];
  for (; count > 0; count--) {
    expect(view, at, signatures.entry);
    const lengths = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const [name, extra, comment] = lengths as [number, number, number];
    const [packed, size, offset] = wideValues(view, at, at + 46 + name, extra);
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + name)),
      method: view.getUint16(at + 10, true),
      encrypted: (view.getUint16(at + 8, true) & 1) === 1,
      crc: view.getUint32(at + 16, true),
      ...{ packed, size, offset },
    });
    at += 46 + name + extra + comment;
  }
  return entries;
}

function findDirectory(view: DataView): { at: number; count: number } {
  const last = view.byteLength - endLength;
  let end = last;
  while (end >= 0 && end >= last - longestComment && view.getUint32(end, true) !== signatures.end) end--;
  if (end < 0 || end < last - longestComment) throw new Error('it has no directory');
  const [count, at] = [view.getUint16(end + 10, true), view.getUint32(end + 16, true)];
  if (count !== 0xffff && at !== elsewhere) return { at, count };
  expect(view, end - 20, signatures.locator64);
  const end64 = wide(view, end - 12);
  expect(view, end64, signatures.end64);
  return { at: wide(view, end64 + 48), count: wide(view, end64 + 32) };
}

/** Packed size, size and offset; those that need 64 bits stand in the extra field 1, in the order size, packed, offset. */
function wideValues(view: DataView, at: number, extra: number, length: number): [number, number, number] {
  let field = extra;
  while (field < extra + length && view.getUint16(field, true) !== 1)
    field += 4 + view.getUint16(field + 2, true);
  let next = field + 4;
  const wider = (fieldAt: number) => {
    const value = view.getUint32(at + fieldAt, true);
    if (value !== elsewhere || field >= extra + length) return value;
    next += 8;
    return wide(view, next - 8);
  };
  const [size, packed, offset] = [wider(24), wider(20), wider(42)];
  return [packed, size, offset];
}

/** A 64-bit number; beyond 2^53 it lies outside of every file anyway. */
function wide(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function expect(view: DataView, at: number, signature: number): void {
  if (view.getUint32(at, true) !== signature) throw new Error('it is damaged');
}

/** The content of an entry; no more than its declared size is ever unpacked. Throws an Error if it is not as declared. */
export function unpack(
  bytes: Uint8Array,
  { name, method, encrypted, crc, packed, size, offset }: ZipEntry,
): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  expect(view, offset, signatures.local);
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (!(start + packed <= bytes.length)) throw new Error(`entry ${name} is cut off`);
  if (encrypted) throw new Error(`entry ${name} is encrypted`);
  const stored = bytes.subarray(start, start + packed);
  const content = method === 0 ? stored : method === 8 ? inflate(stored, size) : undefined;
  if (!content) throw new Error(`entry ${name} is compressed by method ${method}, which is not supported`);
  if (content.length !== size || crc32(content) !== crc)
    throw new Error(`entry ${name} is not what the directory says: damaged`);
  return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
}

function inflate(stored: Uint8Array, size: number): Uint8Array {
  const chunkSize = Math.min(2 ** 24, Math.max(2 ** 14, size));
  return inflateRawSync(stored, { maxOutputLength: Math.max(1, size), chunkSize });
}
