/**
 * ONNX bytes <-> `Model`. protobufjs reads and writes the wire format; here its messages become plain data:
 * bigint for int64, fields our schema does not know as raw bytes, types and shapes in the compact form of `model.ts`.
 * Byte fields are views of the input, not copies: treat the bytes given to `decodeModel` as read-only afterwards.
 */
import protobuf from 'protobufjs/light.js';
import { TemperError } from '../errors.js';
import { type Bits64, encodePieces, largestMessage, sizeOfPieces } from './encode.js';
import type { Model, Tensor } from './model.js';
import { checkParts } from './parts.js';
import { type Field, isMessage, messages, modelType, tensorType } from './schema.js';
import { compactType, compactValueInfo, type Wire } from './types.js';

function readBits({ low, high, unsigned }: Bits64): bigint {
  const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return unsigned ? bits : BigInt.asIntN(64, bits);
}

function readInteger(bits: Bits64, field: Field): number {
  const value = Number(readBits(bits));
  if (!Number.isSafeInteger(value)) throw new RangeError(`${field.name}: ${readBits(bits)} is out of range`);
  return value;
}

function readValue(field: Field, value: unknown): unknown {
  switch (field.type) {
    case 'integer':
      return readInteger(value as Bits64, field);
    case 'int64':
    case 'uint64':
      return readBits(value as Bits64);
    case 'bytes': {
      const { buffer, byteOffset, byteLength } = value as Uint8Array;
      return new Uint8Array(buffer, byteOffset, byteLength);
    }
    default:
      return isMessage(field.type) ? readMessage(field.type, value as Wire) : value;
  }
}

const scalar = new Set(['float', 'double', 'int32', 'string']);

function readMessage(type: string, message: Wire): Wire {
  const plain: Wire = {};
  for (const field of messages[type]!) {
    const { name, repeated, present } = field;
    const value = message[name];
    // A repeated field without elements leaves no trace in the file; protobufjs makes an empty array of it.
    if (repeated ? value.length > 0 : Object.hasOwn(message, name)) {
      if (present && value === '') plain.emptyFields = [...(plain.emptyFields ?? []), name];
      if (scalar.has(field.type)) plain[name] = value;
      else
        plain[name] = repeated
          ? value.map((item: unknown) => readValue(field, item))
          : readValue(field, value);
    } else if (present) {
      plain[name] = repeated ? [] : field.type === 'string' ? '' : 0;
    }
  }
  if (message.$unknowns)
    plain.unknownFields = message.$unknowns.map((bytes: Uint8Array) => Uint8Array.from(bytes));
  if (type === 'ValueInfo') return compactValueInfo(plain);
  return type === 'TensorType' ? compactType(plain) : plain;
}

/** Decodes an ONNX file. External data stays external (`readModel` reads it). Throws TemperError('model') for other bytes. */
export function decodeModel(bytes: Uint8Array): Model {
  const model = decodeMessage('Model', modelType, bytes, 'not an ONNX model, or damaged');
  if (!model.graph) {
    throw new TemperError('model', {
      what: 'not an ONNX model: it has no graph',
      hint: 'is it another kind of file?',
    });
  }
  return model as Model;
}

/** Decodes a file that holds one tensor (onnx.TensorProto). Throws TemperError('model') for other bytes. */
export function decodeTensor(bytes: Uint8Array): Tensor {
  const tensor = decodeMessage('Tensor', tensorType, bytes, 'not an ONNX tensor, or damaged');
  return tensor as Tensor;
}

function decodeMessage(name: string, type: protobuf.Type, bytes: Uint8Array, complaint: string): Wire {
  const reader = protobuf.Reader.create(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  reader.discardUnknown = false;
  try {
    checkParts(name, bytes);
    return readMessage(name, type.decode(reader));
  } catch (cause) {
    const what = `${complaint}: ${(cause as Error).message}`;
    throw new TemperError('model', { what, hint: 'check that the file is complete' }, { cause });
  }
}

/** Encodes a model. `decodeModel` gives an equal model back; fields are written in the order of their numbers. */
export function encodeModel(model: Model): Uint8Array {
  const pieces = encodePieces(model);
  const size = sizeOfPieces(pieces);
  if (size > largestMessage)
    throw new TemperError('model', {
      what: `${size} bytes where a model has at most ${largestMessage} besides the initializers of its graph`,
      hint: 'store large values as initializers of the graph itself, not of its functions and bodies nor as Constant nodes',
    });
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}
