/** Attributes of recorded nodes, read as what they are. One that is not there is a bug: our own kernels wrote the node. */
import type { AttributeValue } from '../onnx/build.js';
import type { WindowAttributes } from './kernels/windows.js';

type Attributes = Readonly<Record<string, AttributeValue>>;

export function numberOf(attributes: Attributes, name: string): number {
  const value = attributes[name];
  if (typeof value !== 'number') throw new Error(`attribute ${name} is no number`);
  return value;
}

export function floatOf(attributes: Attributes, name: string): number {
  const value = attributes[name];
  if (typeof value !== 'object' || !('float' in value)) throw new Error(`attribute ${name} is no float`);
  return value.float;
}

export function numbersOf(attributes: Attributes, name: string): number[] {
  const value = attributes[name];
  if (value === undefined || !isList(value)) throw new Error(`attribute ${name} is no list of numbers`);
  return [...value];
}

/** The geometry of a node that slides a window, under the names that our kernels give it. */
export function windowOf(attributes: Attributes): WindowAttributes {
  return {
    kernel: numbersOf(attributes, 'kernel'),
    strides: numbersOf(attributes, 'strides'),
    pads: numbersOf(attributes, 'pads'),
    dilations: numbersOf(attributes, 'dilations'),
  };
}

function isList(value: AttributeValue): value is readonly number[] {
  return Array.isArray(value);
}
