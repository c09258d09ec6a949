/**
 * How many parts a file has, counted on the wire before any of them is made. An empty message takes two bytes in a file and
 * four hundred in memory: a few megabytes of them would exhaust it.
 */
import { type Field, isMessage, messages } from './schema.js';

/** Messages, texts, 64-bit integers and unknown fields. Networks of ten thousand nodes have a tenth of it. */
const mostParts = 2 ** 20;
/** As deep as protobuf goes; the decoder refuses what is deeper. */
const deepest = 100;

const wideTypes: readonly string[] = ['integer', 'int64', 'uint64'];
const fieldsOf: ReadonlyMap<string, ReadonlyMap<number, Field>> = new Map(
  Object.entries(messages).map(([type, fields]) => [
    type,
    new Map(fields.map((field) => [field.number, field])),
  ]),
);

/** Throws an Error for a message with more parts than any network has. Damage is left to the decoder. */
export function checkParts(type: string, bytes: Uint8Array): void {
  new Census(bytes).message(type, bytes.length, 0);
}

class Census {
  private at = 0;
  private parts = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** Goes through a message that ends at `end`. */
  message(type: string, end: number, depth: number): void {
    const fields = fieldsOf.get(type)!;
    while (this.at < end) {
      const tag = this.varint();
      const field = fields.get(Math.floor(tag / 8));
      if (!field || isMessage(field.type) || field.repeated) this.count(field);
      switch (tag % 8) {
        case 0:
          this.varint();
          break;
        case 1:
          this.at += 8;
          break;
        case 2:
          this.delimited(field, end, depth);
          break;
        case 5:
          this.at += 4;
          break;
        // Groups: their ends are tags without content, too.
      }
    }
    this.at = end;
  }

  private delimited(field: Field | undefined, outerEnd: number, depth: number): void {
    const end = Math.min(outerEnd, this.varint() + this.at);
    if (field && isMessage(field.type) && depth < deepest) this.message(field.type, end, depth + 1);
    else if (field && wideTypes.includes(field.type))
      for (; this.at < end; this.at++) if (this.bytes[this.at]! < 128) this.count(field);
    this.at = end;
  }

  /** Numbers of up to 32 bits stay about as small as in the file. */
  private count(field: Field | undefined): void {
    if (field?.type === 'float' || field?.type === 'double' || field?.type === 'int32') return;
    if (++this.parts > mostParts)
      throw new Error(`it has more than ${mostParts} parts (nodes, attributes, texts, integers)`);
  }

  private varint(): number {
    let value = 0;
    for (let factor = 1; this.at < this.bytes.length; factor *= 128) {
      const byte = this.bytes[this.at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) break;
    }
    return value;
  }
}
