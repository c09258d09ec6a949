/**
 * NPY arrays (NumPy's own format, version 1 to 3): magic, version, a Python dictionary as text, then raw values.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { TemperError } from '../errors.js';

export interface NpyArray {
  /** NumPy's type code, e.g. `|u1`, `<f4`. */
  type: string;
  shape: number[];
  /** All integers but uint8 become numbers in a Float64Array (exact to 2^53). */
  values: Uint8Array | Float32Array | Float64Array;
}

const wholeTypes = ['|u1', '|i1', '<i2', '<i4', '<i8', '<u2', '<u4', '<u8', '|b1'];
const floatTypes = ['<f4', '<f8'];

/** numpy itself reads no longer one without being told to trust the file (max_header_size). */
const longestHeader = 10_000;

export function isFloatType(type: string): boolean {
  return floatTypes.includes(type);
}

/** Decodes one array; `where` names it in errors. Throws TemperError 'model'. */
export function decodeNpy(bytes: Uint8Array, where: string): NpyArray {
  const refuse = (what: string, hint?: string) =>
    new TemperError('model', { what, where, ...(hint && { hint }) });
  if (bytes.length < 12 || String.fromCharCode(...bytes.subarray(0, 6)) !== '\x93NUMPY')
    throw refuse('not an NPY array (wrong magic)');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes[6] === 1 ? 10 : 12;
  const end = start + (start === 10 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (end - start > longestHeader) throw refuse(`NPY header of ${end - start} bytes`);
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const dims = /'shape':\s*\(([\d,\sL]*)\)/.exec(header)?.[1];
  if (type === undefined || order === undefined || dims === undefined)
    throw refuse(
      `NPY header is not understood: ${header.slice(0, 120).trim()}`,
      'plain arrays only, no structures',
    );
  if (!wholeTypes.includes(type) && !floatTypes.includes(type))
    throw refuse(
      `arrays of type ${type} are not supported`,
      `use one of ${[...wholeTypes, ...floatTypes].join(', ')}`,
    );
  const shape = dims.split(',').flatMap((text) => (text.trim() === '' ? [] : [Number.parseInt(text, 10)]));
  if (order === 'True' && shape.length > 1)
    throw refuse('array is stored in Fortran order', 'save numpy.ascontiguousarray(array)');
  const count = shape.reduce((a, b) => a * b, 1);
  const needed = count * Number(type.slice(2));
  if (bytes.length - end !== needed)
    throw refuse(
      `array is truncated or too long: ${bytes.length - end} bytes of values, ${type} [${shape}] needs ${needed}`,
    );
  return { type, shape, values: readValues(bytes.slice(end).buffer, type) };
}

/** NPY is little-endian here, as are all machines Node runs on but s390x. */
function readValues(buffer: ArrayBuffer, type: string): NpyArray['values'] {
  switch (type) {
    case '|u1':
    case '|b1':
      return new Uint8Array(buffer);
    case '<f4':
      return new Float32Array(buffer);
    case '<f8':
      return new Float64Array(buffer);
    case '|i1':
      return Float64Array.from(new Int8Array(buffer));
    case '<i2':
      return Float64Array.from(new Int16Array(buffer));
    case '<u2':
      return Float64Array.from(new Uint16Array(buffer));
    case '<i4':
      return Float64Array.from(new Int32Array(buffer));
    case '<u4':
      return Float64Array.from(new Uint32Array(buffer));
    case '<u8':
      return Float64Array.from(new BigUint64Array(buffer), Number);
    default:
      return Float64Array.from(new BigInt64Array(buffer), Number);
  }
}
