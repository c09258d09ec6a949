/** Stored tensors whose shape, type, data and place do not go together. */
import type { Model } from '../../../src/onnx/model.js';
import type { Draw } from '../draw.js';
import { dataTypes, extents } from '../extremes.js';
import { graphsOf, nodesOf, strike, tensorsOf } from './place.js';

function dims(model: Model, draw: Draw): void {
  strike(draw, tensorsOf(model), (tensor) => {
    if (tensor.dims.length === 0 || draw.chance(0.2))
      tensor.dims = Array.from({ length: draw.upTo(2000) }, () => draw.pick([1, 0, ...extents]));
    else tensor.dims[draw.below(tensor.dims.length)] = draw.pick(extents);
  });
}

function elementType(model: Model, draw: Draw): void {
  strike(draw, tensorsOf(model), (tensor) => {
    tensor.dataType = draw.pick(dataTypes);
  });
}

function data(model: Model, draw: Draw): void {
  strike(draw, tensorsOf(model), (tensor) => {
    const kind = draw.below(5);
    if (kind === 0) tensor.rawData = new Uint8Array(draw.upTo(10_000));
    else if (kind === 1) delete tensor.rawData;
    else if (kind === 2) tensor.floatData = Array.from({ length: draw.upTo(300) }, () => 1);
    else if (kind === 3) tensor.int64Data = Array.from({ length: draw.upTo(300) }, () => 1n);
    else tensor.segment = { begin: 1n, end: 2n ** 62n };
  });
}

/** Places that the folder of a case holds (see folder.ts), and places outside of it. */
const locations = [
  ...[
    'weights.bin',
    'link.bin',
    'pipe',
    'folder',
    '.',
    '..',
    '',
    '../weights.bin',
    'folder/../../weights.bin',
  ],
  ...['/etc/passwd', '/dev/zero', 'model.onnx', 'absent', 'a\0b', 'C:\\w.bin', 'x'.repeat(5000)],
];
const offsets = ['0', '1', '-1', '4096', '99999999999999', '1e3', '', '0x10', '18446744073709551616'];

function external(model: Model, draw: Draw): void {
  strike(draw, tensorsOf(model), (tensor) => {
    tensor.dataLocation = draw.chance(0.9) ? 1 : draw.between(-1, 3);
    if (draw.chance(0.8)) delete tensor.rawData;
    tensor.externalData = [{ key: 'location', value: draw.pick(locations) }];
    if (draw.chance(0.5)) tensor.externalData.push({ key: 'offset', value: draw.pick(offsets) });
    if (draw.chance(0.5)) tensor.externalData.push({ key: 'length', value: draw.pick(offsets) });
  });
}

function sparse(model: Model, draw: Draw): void {
  strike(draw, graphsOf(model), (graph) =>
    strike(draw, graph.initializers, (values) => {
      const made = { values, indices: values, dims: [draw.pick(extents), draw.pick(extents)] };
      if (draw.chance(0.5)) graph.sparseInitializers = [made];
      else
        strike(draw, nodesOf(model), (node) =>
          node.attributes.push({ name: 'sparse_value', sparseTensor: made }),
        );
    }),
  );
}

export const tensorMutations = { dims, elementType, data, external, sparse };
