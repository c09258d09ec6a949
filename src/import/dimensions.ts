/**
 * Extents that a file leaves open, by a symbol or without a name, and values for them. The network is made from the view with
 * the values; the file keeps its symbols.
 */
import { type Problem, TemperError } from '../errors.js';
import type { Model, ValueInfo } from '../onnx/model.js';
import { fedInputs } from '../onnx/walk.js';

/** By symbol, or `INPUT:AXIS` for an extent without one. */
export type Dimensions = ReadonlyMap<string, number>;

export interface OpenExtent {
  input: string;
  axis: number;
  /** null if the file gives it no name. */
  symbol: string | null;
}

export function openExtents(model: Model): OpenExtent[] {
  return fedInputs(model).flatMap(({ name, tensorType }) =>
    (tensorType?.shape ?? []).flatMap((extent, axis) =>
      typeof extent === 'number' && extent > 0
        ? []
        : [{ input: name, axis, symbol: typeof extent === 'string' && extent !== '' ? extent : null }],
    ),
  );
}

/** How the command line names an open extent. */
export function dimensionName({ input, axis, symbol }: OpenExtent): string {
  return symbol ?? `${input}:${axis}`;
}

/** The model with the open extents of its inputs fixed. Throws TemperError('usage') with every name that the model does not have. */
export function withDimensions(model: Model, dimensions: Dimensions): Model {
  if (dimensions.size === 0) return model;
  const open = openExtents(model);
  const names = new Set(open.map(dimensionName));
  const unknown = [...dimensions.keys()].filter((name) => !names.has(name));
  if (unknown.length > 0)
    throw new TemperError(
      'usage',
      unknown.map((name) => unknownName(name, open)),
    );
  const values = new Map(open.map((extent) => [`${extent.input}:${extent.axis}`, dimensionName(extent)]));
  const fixed = (value: ValueInfo): ValueInfo => {
    const { name, tensorType } = value;
    if (!tensorType?.shape) return value;
    const shape = tensorType.shape.map((extent, axis) => {
      const known = values.get(`${name}:${axis}`);
      return (known === undefined ? undefined : dimensions.get(known)) ?? extent;
    });
    return { ...value, tensorType: { ...tensorType, shape } };
  };
  return { ...model, graph: { ...model.graph, inputs: model.graph.inputs.map(fixed) } };
}

function unknownName(name: string, open: readonly OpenExtent[]): Problem {
  const named = open.find(({ input, axis }) => `${input}:${axis}` === name)?.symbol;
  if (named) return { what: `the extent ${name} has the name "${named}"`, hint: `give ${named}=N` };
  const known = [...new Set(open.map(dimensionName))];
  return {
    what: `the model leaves no extent "${name}" open`,
    hint: known.length > 0 ? `it leaves open: ${known.join(', ')}` : 'it leaves none open',
  };
}
