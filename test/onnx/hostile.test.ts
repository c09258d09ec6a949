/** Files that protobuf could read, but not in any memory or on any stack. */
import { describe, expect, it } from 'vitest';
import { TemperError } from '../../src/errors.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { decodeModel, encodeModel } from '../../src/onnx/codec.js';
import { DataType } from '../../src/onnx/model.js';
import { varint } from '../fuzz/mutations/bytes.js';

const tag = (field: number, wire = 2) => (field << 3) | wire;

function field(number: number, body: Uint8Array): Uint8Array {
  return Buffer.concat([varint(BigInt(tag(number))), varint(BigInt(body.length)), body]);
}

/** A message of `count` fields that are all `content`, at the end of a way of field numbers from the model. */
function within(way: number[], content: number[], count = 2 ** 21): Uint8Array {
  const body = Buffer.alloc(content.length * count, Uint8Array.from(content));
  return way.reduceRight<Uint8Array>((inner, number) => field(number, inner), body);
}

function refusal(bytes: Uint8Array): string {
  const before = process.memoryUsage.rss();
  try {
    decodeModel(bytes);
    return '';
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 27);
    return error.problems[0]!.what;
  }
}

describe('a file of very many parts is refused before they are made', () => {
  it.each([
    ['nodes', [7], [tag(1), 0]],
    ['attributes', [7, 1], [tag(5), 0]],
    ['inputs of a node', [7, 1], [tag(1), 0]],
    ['tensors', [7], [tag(5), 0]],
    ['integers of a tensor', [7, 5, 7], [1]],
    ['extents of a tensor', [7, 5, 1], [1]],
    ['integers of an attribute, one by one', [7, 1, 5], [tag(8, 0), 1]],
    ['metadata', [], [tag(14), 0]],
    ['fields that nobody knows', [7], [0xf8, 0x06, 1]],
    ['groups', [7], [tag(1, 3), tag(1, 4)]],
  ])('%s', (_, way, content) => {
    expect(refusal(within(way, content))).toMatch(/more than \d+ parts/);
  });
});

describe('messages in one another', () => {
  const nested = (tags: number[], depth: number) => {
    const headers: Uint8Array[] = [];
    for (let level = depth, size = 0; level > 0; level--) {
      const header = Buffer.concat([Uint8Array.of(tags[(level - 1) % tags.length]!), varint(BigInt(size))]);
      headers.push(header);
      size += header.length;
    }
    return Buffer.concat(headers.reverse());
  };

  it.each([200, 20_000, 200_000])('are refused %i deep: bodies, types, groups', (depth) => {
    expect(refusal(field(7, nested([tag(1), tag(5), tag(6)], depth)))).toMatch(/depth/);
    const types = nested([tag(4), tag(1)], depth);
    expect(refusal(field(7, field(11, field(2, types))))).toMatch(/depth/);
    const groups = Buffer.concat([Buffer.alloc(depth, tag(1, 3)), Buffer.alloc(depth, tag(1, 4))]);
    expect(refusal(field(7, groups))).toMatch(/depth|group|wire type/);
  });

  it('are read thirty bodies deep, as onnxruntime reads them', () => {
    let graph = makeGraph({ nodes: [], inputs: [], outputs: [tensorInfo('y', DataType.FLOAT)] });
    for (let i = 0; i < 30; i++) {
      const node = makeNode('If', ['c'], ['y'], { then_branch: { graph } });
      graph = makeGraph({ nodes: [node], inputs: [], outputs: [tensorInfo('y', DataType.FLOAT)] });
    }
    const model = makeModel(graph);
    expect(decodeModel(encodeModel(model))).toEqual(model);
  });
});
