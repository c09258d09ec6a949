/**
 * `Model` -> ONNX bytes, in pieces: large tensors are pieces of their own, the very arrays that the model holds, so that a file
 * of 2 GB is written without a second one in memory. protobufjs writes everything between them.
 */
import type protobuf from 'protobufjs/light.js';
import { TemperError } from '../errors.js';
import type { Model } from './model.js';
import { type Field, isMessage, messages, modelType } from './schema.js';
import { expandType, expandValueInfo, type Wire } from './types.js';

/** protobuf's limit for one message, and onnxruntime's for one file. */
export const largestMessage = 2 ** 31 - 1;

/** 64 bits as protobufjs hands them over and takes them. */
export interface Bits64 {
  low: number;
  high: number;
  unsigned: boolean;
}

/** Raw data from this size on are pieces of their own. */
const largeData = 2 ** 16;

function writeBits(value: bigint): Bits64 {
  const bits = BigInt.asUintN(64, value);
  return { low: Number(bits & 0xffffffffn), high: Number(bits >> 32n), unsigned: true };
}

function writeValue(field: Field, value: unknown): unknown {
  switch (field.type) {
    case 'int64':
    case 'uint64':
      return writeBits(value as bigint);
    default:
      return isMessage(field.type) ? writeMessage(field.type, value as Wire) : value;
  }
}

function writeMessage(type: string, compact: Wire, chosen: readonly Field[] = messages[type]!): Wire {
  const plain =
    type === 'ValueInfo' ? expandValueInfo(compact) : type === 'TensorType' ? expandType(compact) : compact;
  const message: Wire = {};
  for (const field of chosen) {
    const value = plain[field.name];
    if (value === undefined) continue;
    if (field.present && value === '' && !plain.emptyFields?.includes(field.name)) continue;
    if (field.repeated) message[field.name] = value.map((item: unknown) => writeValue(field, item));
    else message[field.name] = writeValue(field, value);
  }
  if (plain.unknownFields) message.$unknowns = plain.unknownFields;
  return message;
}

/** The file's bytes in order. Throws TemperError('model') for what cannot be written. */
export function encodePieces(model: Model, large: number = largeData): Uint8Array[] {
  try {
    return new Encoder(large).message('Model', model);
  } catch (cause) {
    throw new TemperError(
      'model',
      { what: `cannot be written as ONNX: ${(cause as Error).message}` },
      { cause },
    );
  }
}

export function sizeOfPieces(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** The fields of each message in the order of their numbers, as protobufjs writes them. */
const ordered: ReadonlyMap<string, readonly Field[]> = new Map(
  Object.entries(messages).map(([type, fields]) => [type, [...fields].sort((a, b) => a.number - b.number)]),
);

class Encoder {
  /** Messages that hold large data, whether directly or below. */
  readonly #heavy = new Map<object, boolean>();

  constructor(private readonly large: number) {}

  message(type: string, plain: Wire): Uint8Array[] {
    if (!this.#isHeavy(type, plain)) return [encodeFields(type, plain)];
    const pieces: Uint8Array[] = [];
    let waiting: Field[] = [];
    const flush = (rest: Wire = {}) => {
      if (waiting.length > 0 || rest.unknownFields)
        pieces.push(encodeFields(type, { ...plain, ...rest }, waiting));
      waiting = [];
    };
    for (const field of ordered.get(type)!) {
      const value = plain[field.name];
      if (value === undefined) continue;
      const items: readonly unknown[] = field.repeated ? value : [value];
      if (!items.some((item) => this.#isHeavyValue(field, item))) {
        waiting.push(field);
        continue;
      }
      flush({ unknownFields: undefined });
      for (const item of items) pieces.push(...this.#field(type, field, item));
    }
    flush({ unknownFields: plain.unknownFields });
    return pieces.filter(({ byteLength }) => byteLength > 0);
  }

  #field(type: string, field: Field, item: unknown): Uint8Array[] {
    if (!this.#isHeavyValue(field, item))
      return [encodeFields(type, { [field.name]: field.repeated ? [item] : item }, [field])];
    const content = isMessage(field.type) ? this.message(field.type, item as Wire) : [item as Uint8Array];
    // Wire type 2: the length, then as many bytes.
    return [Uint8Array.from([...varint(field.number * 8 + 2), ...varint(sizeOfPieces(content))]), ...content];
  }

  #isHeavyValue(field: Field, item: unknown): boolean {
    if (field.type === 'bytes') return (item as Uint8Array).byteLength >= this.large;
    return isMessage(field.type) && this.#isHeavy(field.type, item as Wire);
  }

  #isHeavy(type: string, plain: Wire): boolean {
    const known = this.#heavy.get(plain);
    if (known !== undefined) return known;
    const heavy = mayHold(type)
      ? messages[type]!.some((field) => {
          const value = plain[field.name];
          if (value === undefined || !(field.type === 'bytes' || isMessage(field.type))) return false;
          return ((field.repeated ? value : [value]) as unknown[]).some((item) =>
            this.#isHeavyValue(field, item),
          );
        })
      : false;
    this.#heavy.set(plain, heavy);
    return heavy;
  }
}

/** Types in their compact form have other fields than the table; none of them holds data. */
function mayHold(type: string): boolean {
  return type !== 'ValueInfo' && type !== 'TensorType' && type !== 'Type';
}

function encodeFields(type: string, plain: Wire, fields?: readonly Field[]): Uint8Array {
  const reflected: protobuf.Type = modelType.root.lookupType(`onnx.${type}`);
  const { buffer, byteOffset, byteLength } = reflected.encode(writeMessage(type, plain, fields)).finish();
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}
