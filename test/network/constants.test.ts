/** Stored integers that int32 cannot hold are told, unless they only mean "to the end". */
import { expect, it } from 'vitest';
import { importModel } from '../../src/import/importModel.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';

/** x sliced along axis 1 up to `end`, times a stored integer. */
function sliced(end: bigint, factor: bigint): Model {
  const graph = makeGraph({
    nodes: [
      makeNode('Slice', ['x', 'start', 'end', 'axis'], ['part']),
      makeNode('Cast', ['factor'], ['number'], { to: DataType.FLOAT }),
      makeNode('Mul', ['part', 'number'], ['y']),
    ],
    initializers: [
      makeTensor('start', DataType.INT64, [1], [0n]),
      makeTensor('end', DataType.INT64, [1], [end]),
      makeTensor('axis', DataType.INT64, [1], [1n]),
      makeTensor('factor', DataType.INT64, [], [factor]),
    ],
    inputs: [tensorInfo('x', DataType.FLOAT, ['n', 4])],
    outputs: [tensorInfo('y', DataType.FLOAT, ['n', 4])],
  });
  return makeModel(graph, { opset: 17, irVersion: 8 });
}

const told = (model: Model) => importModel(model).notes.filter((note) => note.includes('beyond int32'));

it('says nothing of the extremes of int64', () => {
  expect(told(sliced(9223372036854775807n, 3n))).toEqual([]);
  expect(told(sliced(9223372036854775806n, -2147483648n))).toEqual([]);
});

it('tells integers that are read as others', () => {
  expect(told(sliced(9223372036854775807n, 3000000000n))).toEqual([
    '1 tensors store integers beyond int32, which are read as its ends',
  ]);
});
