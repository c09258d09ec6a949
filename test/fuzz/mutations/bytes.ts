/** Damage to a file as bytes: what transmission, editors and attackers do who know nothing of the format, or only protobuf. */
import type { Draw } from '../draw.js';

/** The damaged bytes; `other` is another file. */
export type ByteMutation = (bytes: Uint8Array, draw: Draw, other: () => Uint8Array) => Uint8Array;

const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

function cut(bytes: Uint8Array, draw: Draw): [number, number] {
  const start = draw.below(bytes.length);
  return [start, Math.min(bytes.length, start + draw.upTo(bytes.length))];
}

/** A varint of any value below 2^64; `padding` more bytes than it needs. */
export function varint(value: bigint, padding = 0): Uint8Array {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    out.push(Number(rest & 127n));
    rest >>= 7n;
  } while (rest > 0n);
  for (let i = 0; i < padding; i++) out.push(0);
  return Uint8Array.from(out, (byte, i) => (i < out.length - 1 ? byte | 128 : byte));
}

interface Span {
  /** Where the length is written, and where the field's content begins and ends. */
  at: number;
  start: number;
  end: number;
}

/** The length-delimited fields of a message, as far as it can be read. */
function delimited(bytes: Uint8Array, from: number, to: number): Span[] {
  const spans: Span[] = [];
  let at = from;
  const number = () => {
    let value = 0;
    for (let shift = 1; at < to; shift *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < to) {
    const wire = number() & 7;
    const start = at;
    if (wire === 0) number();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const length = number();
      if (at + length > to) break;
      spans.push({ at: start, start: at, end: at + length });
      at += length;
    } else break;
  }
  return spans;
}

/** A length at some depth of the nesting replaced by another. */
const length: ByteMutation = (bytes, draw) => {
  let span: Span | undefined;
  for (let [from, to] = [0, bytes.length]; ; ) {
    const spans = delimited(bytes, from, to);
    if (spans.length === 0) break;
    span = draw.pick(spans);
    if (draw.chance(0.3)) break;
    [from, to] = [span.start, span.end];
  }
  if (!span) return bytes;
  const value = draw.pick([0, 1, span.end - span.start + draw.between(-3, 3), 2 ** 31 - 1, 2 ** 32, 2 ** 53]);
  const written = varint(BigInt(Math.max(0, value)), draw.chance(0.2) ? draw.between(1, 9) : 0);
  return join(bytes.subarray(0, span.at), written, bytes.subarray(span.start));
};

/** Messages in one another by the thousand, as fields that are known (`tags`), or as groups (`tags` undefined). */
function nested(tags: readonly number[] | undefined, depth: number): Uint8Array {
  if (!tags) return join(new Uint8Array(depth).fill(0x0b), new Uint8Array(depth).fill(0x0c));
  const headers: Uint8Array[] = [];
  for (let level = depth, size = 0; level > 0; level--) {
    const header = join(Uint8Array.of(tags[(level - 1) % tags.length]!), varint(BigInt(size)));
    headers.push(header);
    size += header.length;
  }
  return join(...headers.reverse());
}

/** Tags of length-delimited fields: graph 7 > (node 1 > attribute 5 > graph 6)*. */
const nesting: ByteMutation = (bytes, draw) => {
  const tag = (field: number) => (field << 3) | 2;
  const depth = draw.upTo(30_000);
  const groups = draw.chance(0.3);
  const inner = nested(groups ? undefined : [tag(1), tag(5), tag(6)], depth);
  return join(bytes, Uint8Array.of(tag(7)), varint(BigInt(inner.length)), inner);
};

export const byteMutations: Readonly<Record<string, ByteMutation>> = {
  truncate: (bytes, draw) =>
    bytes.subarray(0, draw.chance(0.5) ? draw.below(bytes.length) : draw.upTo(bytes.length)),
  flip(bytes, draw) {
    const out = Uint8Array.from(bytes);
    for (let i = draw.upTo(64); i > 0; i--) out[draw.below(out.length)]! ^= 1 << draw.below(8);
    return out;
  },
  overwrite(bytes, draw) {
    const out = Uint8Array.from(bytes);
    // Most of a large file is weights: the ends hold what tells how to read them.
    const reach = draw.chance(0.5) ? out.length : Math.min(out.length, 2000);
    for (let i = draw.upTo(64); i > 0; i--) {
      const at = draw.below(reach);
      out[draw.chance(0.5) ? at : out.length - 1 - at] = draw.pick([0, 1, 0x7f, 0x80, 0xff, draw.below(256)]);
    }
    return out;
  },
  remove(bytes, draw) {
    const [start, end] = cut(bytes, draw);
    return join(bytes.subarray(0, start), bytes.subarray(end));
  },
  repeat(bytes, draw) {
    const [start, end] = cut(bytes, draw);
    const chunk = bytes.subarray(start, Math.min(end, start + 20_000));
    return join(bytes.subarray(0, end), ...Array(draw.upTo(50)).fill(chunk), bytes.subarray(end));
  },
  noise(bytes, draw) {
    const at = draw.below(bytes.length + 1);
    const noise = Uint8Array.from({ length: draw.upTo(1000) }, () => draw.below(256));
    return join(bytes.subarray(0, at), noise, bytes.subarray(at));
  },
  splice(bytes, draw, other) {
    const second = other();
    return join(bytes.subarray(0, draw.below(bytes.length + 1)), second.subarray(draw.below(second.length)));
  },
  append: (bytes, _, other) => join(bytes, other()),
  length,
  nesting,
};
