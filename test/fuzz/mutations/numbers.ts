/** Attributes, operands and declared extents that are far too large, negative, or too many. */

import { DataType, type Model } from '../../../src/onnx/model.js';
import { tensorValues, withValues } from '../../../src/onnx/tensor.js';
import type { Draw } from '../draw.js';
import { attributes as attributeNames, dataTypes, extents, floats, integers } from '../extremes.js';
import { nodesOf, strike, tensorsOf, valuesOf } from './place.js';

function attribute(model: Model, draw: Draw): void {
  const nodes = nodesOf(model).filter((node) => node.attributes.length > 0);
  strike(draw, nodes, (node) =>
    strike(draw, node.attributes, (found) => {
      if (found.ints && found.ints.length > 0 && draw.chance(0.8))
        found.ints[draw.below(found.ints.length)] = draw.pick(integers);
      else if (found.ints) found.ints = Array.from({ length: draw.upTo(40) }, () => draw.pick(integers));
      else if (found.i !== undefined) found.i = draw.pick(integers);
      else if (found.f !== undefined) found.f = draw.pick(floats);
      else if (found.s) found.s = Uint8Array.from({ length: draw.below(9) }, () => draw.below(256));
      else found.type = draw.below(16);
    }),
  );
}

function moreAttributes(model: Model, draw: Draw): void {
  strike(draw, nodesOf(model), (node) => {
    const name = draw.pick([...node.attributes.map((found) => found.name), ...attributeNames]);
    const ints = Array.from({ length: draw.below(5) }, () => draw.pick(integers));
    if (draw.chance(0.5)) node.attributes.push({ name, type: 7, ints });
    else
      node.attributes.unshift({ name, type: draw.chance(0.9) ? 2 : draw.below(16), i: draw.pick(integers) });
  });
}

/** Constants of whole numbers are shapes, axes, repeats, sizes. */
function operand(model: Model, draw: Draw): void {
  const places = tensorsOf(model).filter(
    ({ dataType, dims }) => dataType === DataType.INT64 && dims.length <= 1,
  );
  strike(draw, places, (tensor) => {
    const values = safeValues(tensor);
    if (values.length === 0 || draw.chance(0.2)) values.push(draw.pick(integers));
    else values[draw.below(values.length)] = draw.pick(integers);
    const dims = tensor.dims.length === 0 && values.length === 1 ? [] : [values.length];
    Object.assign(tensor, withValues({ ...tensor, dims }, values));
  });
}

function safeValues(tensor: Parameters<typeof tensorValues>[0]): bigint[] {
  try {
    return Array.from(tensorValues(tensor) as BigInt64Array);
  } catch {
    return [];
  }
}

function extent(model: Model, draw: Draw): void {
  strike(draw, valuesOf(model), ({ tensorType }) => {
    const shape = tensorType?.shape;
    if (!shape || shape.length === 0 || draw.chance(0.2))
      Object.assign(tensorType ?? {}, {
        shape: Array.from({ length: draw.upTo(200) }, () => draw.pick(extents)),
      });
    else shape[draw.below(shape.length)] = draw.chance(0.9) ? draw.pick(extents) : undefined;
  });
}

/** The inputs of the main graph decide the size of everything. */
function largeInput({ graph }: Model, draw: Draw): void {
  strike(draw, graph.inputs, ({ tensorType }) => {
    const shape = tensorType?.shape ?? [];
    if (shape.length > 0) shape[draw.below(shape.length)] = draw.pick(extents);
  });
}

function valueType(model: Model, draw: Draw): void {
  strike(draw, valuesOf(model), (value) => {
    if (value.tensorType) value.tensorType.elemType = draw.pick(dataTypes);
    if (draw.chance(0.1)) {
      delete value.tensorType;
      value.otherType = { sequenceType: { elemType: { sequenceType: {} } } };
    }
  });
}

export const numberMutations = { attribute, moreAttributes, operand, extent, largeInput, valueType };
