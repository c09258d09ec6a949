/** A number that means something is written once: the ends of int32, and two limits that happen to be as large. */
import { expect, it } from 'vitest';
import { codeOf, sources } from './sources.js';

/** Where 2^31 stands, and what it means there. */
const places = {
  'src/int32.ts': 'the range of a signed integer of 32 bits',
  'src/onnx/encode.ts': 'the largest protobuf message',
  'src/runtime/delay.ts': 'the longest wait of a timer',
};

/** However it is spelled. */
const end =
  /\b2n? ?\*\* ?31n?\b|\b21474836(?:47|48)n?\b|\b0x7f{7}n?\b|\b0x80{7}n?\b|\b1 << 31\b|\b~0 >>> 1\b|\bpow\(2, 31\)/gi;

const found = (text: string) =>
  codeOf(text)
    .replace(/(?<=[\da-f])_(?=[\da-f])/gi, '')
    .match(end) ?? [];

it('writes the ends of int32 in one place', () => {
  const files = sources.filter(({ text }) => found(text).length > 0).map(({ path }) => path);
  expect(files).toEqual(Object.keys(places).sort());
});

it.each([
  '2 ** 31',
  '2**31 - 1',
  '2n ** 31n',
  '-(2 ** 31)',
  '2147483647',
  '-2_147_483_648',
  '0x7fffffff',
  '0x7FFF_FFFF',
  '0x80000000',
  '1 << 31',
  'Math.pow(2, 31)',
])('knows them by the spelling %s', (spelling) => {
  expect(found(`const most = ${spelling};`)).toHaveLength(1);
});
