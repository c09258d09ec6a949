/** `NAME:PLACE[:train|:test]`, e.g. `cifar10:data/cifar10:test`, `npz:C:\data\xy.npz`, `digits`. */
import { type Problem, TemperError } from '../errors.js';
import type { Split } from './dataset.js';
import type { Reader } from './reader.js';
import { readers } from './readers.js';

export interface DataSpec {
  reader: Reader;
  /** Folder or file; empty for readers without one. */
  location: string;
  /** Only if the spec ends in it. */
  split?: Split;
}

/**
 * The first colon ends the name, a last `:train` or `:test` is the split, all between is the place: places may contain
 * colons. (A folder whose name itself ends in `:test` is written with a slash behind it.) Throws TemperError 'usage'.
 */
export function parseDataSpec(spec: string): DataSpec {
  const [, head = '', split] = /^(.*?)(?::(train|test))?$/s.exec(spec.trim()) ?? [];
  const colon = head.indexOf(':');
  const name = colon < 0 ? head : head.slice(0, colon);
  const location = colon < 0 ? '' : head.slice(colon + 1);
  const reader = readers.find((candidate) => candidate.name === name);
  if (reader === undefined) throw new TemperError('usage', unknownReader(spec, name));
  const form = specForm(reader);
  if (reader.location === 'none' && colon >= 0)
    throw new TemperError('usage', {
      what: `data spec "${spec}": ${name} takes no folder`,
      hint: `write ${form}`,
    });
  if (reader.location !== 'none' && location === '')
    throw new TemperError('usage', {
      what: `data spec "${spec}": the ${reader.location === 'file' ? 'file' : 'folder'} is missing`,
      hint: `write ${form}`,
    });
  return { reader, location, ...(split !== undefined && { split: split as Split }) };
}

/** How a spec of this reader is written, e.g. `cifar10:DIR[:train|:test]`. */
export function specForm({ name, location }: Reader): string {
  const place = { directory: ':DIR', file: ':FILE', none: '' }[location];
  return `${name}${place}[:train|:test]`;
}

/** The spec in its one canonical form, split included if there is one. */
export function formatDataSpec({ reader, location }: DataSpec, split: Split | undefined): string {
  const parts = [reader.name, location, split ?? ''];
  return parts.filter((part) => part !== '').join(':');
}

function unknownReader(spec: string, name: string): Problem {
  const known = `known forms: ${readers.map(specForm).join(', ')}`;
  const likely = spec.endsWith('.npz') ? `write npz:${spec}` : undefined;
  return {
    what: `data spec "${spec}": there is no reader "${name}"`,
    hint: likely === undefined ? known : `${likely}; ${known}`,
  };
}
