/**
 * Types and shapes, between onnx.proto's nesting (ValueInfo > Type > TensorType > Shape > Dimension) and the compact form
 * of `model.ts`, where nearly every value is a dense tensor and its shape a list.
 */
import type { TensorType, ValueInfo, ValueType } from './model.js';

/** A message of the wire format as protobufjs gives and takes it: data about to be checked, field by field, by name. */
export type Wire = Record<string, any>;

interface Dimension {
  value?: number;
  param?: string;
  denotation?: string;
  unknownFields?: Uint8Array[];
}

/** TensorType { elemType, shape: Shape } -> { elemType, shape: [...] }. */
export function compactType(type: Wire): Wire {
  if (!type.shape) return type;
  const { dims, unknownFields } = type.shape as { dims: Dimension[]; unknownFields?: Uint8Array[] };
  const compact: Wire = { ...type, shape: dims.map((dim) => dim.value ?? dim.param) };
  if (dims.some((dim) => dim.denotation !== undefined))
    compact.dimDenotations = dims.map((dim) => dim.denotation);
  if (unknownFields || dims.some((dim) => dim.unknownFields)) {
    compact.shapeUnknownFields = { shape: unknownFields, dims: dims.map((dim) => dim.unknownFields) };
  }
  return compact;
}

export function expandType(compact: Wire): Wire {
  const { shape, dimDenotations, shapeUnknownFields, ...type } = compact as TensorType;
  if (!shape) return type;
  const dims = shape.map((size, index) => ({
    ...(typeof size === 'number' ? { value: size } : { param: size }),
    denotation: dimDenotations?.[index],
    unknownFields: shapeUnknownFields?.dims[index],
  }));
  return { ...type, shape: { dims, unknownFields: shapeUnknownFields?.shape } };
}

/** ValueInfo { type: { tensorType, ...rest } } -> { tensorType, otherType: rest, if there is any }. */
export function compactValueInfo(value: Wire): Wire {
  const { type, ...compact } = value;
  if (!type) return compact;
  const { tensorType, ...otherType } = type as ValueType;
  if (tensorType) compact.tensorType = tensorType;
  if (!tensorType || Object.keys(otherType).length > 0) compact.otherType = otherType;
  return compact;
}

export function expandValueInfo(compact: Wire): Wire {
  const { tensorType, otherType, ...value } = compact as ValueInfo;
  if (!tensorType && !otherType) return value;
  return { ...value, type: { ...otherType, ...(tensorType && { tensorType }) } };
}
