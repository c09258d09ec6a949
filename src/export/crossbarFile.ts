/**
 * How a chip reads the codes of an exported model: the description in `metadata_props` ("temper.crossbar") and, with the
 * scales and the hash of the file, in crossbar.json beside it. Schema 1:
 *   model      { file, sha256 }: the ONNX file it describes
 *   pair       "differential, one-sided": code c sits on two devices, G+ = levels[max(c, 0)], G- = levels[max(-c, 0)]
 *   unit       "microsiemens", of gMin, gMax, levels
 *   weights    { codes, all }: of `all` numbers that compute as weights so many are codes
 *   leftOut[]  layers that are not: tensors (values in the graph), nodes, opType, weights (how many), reason; by choice
 *              digital ones, recurrent layers, computed weights, codes that no pair of devices can hold
 *   tensors[]  name (value in the graph), copies (further values that are this array), codes (initializer of the codes), nodes, opType, dims, outputAxis, bits,
 *              largestCode, levels (conductance of |code| = 0 .. largestCode), scaleAxis (null: one scale), scales
 *              weight = scale * code = scale * (G+ - G-) / levelStep, with levelStep = (gMax - gMin) / largestCode
 */
import { largestCode } from '../mapping/codes.js';
import { type ConductanceRange, microsiemensPerUnit, toPair } from '../mapping/conductance.js';
import type { CrossbarTensor } from '../mapping/crossbar.js';
import { type Arrangement, weightCounts } from '../mapping/digital.js';
import { type LeftOut, layersLeftOut, unreadable } from './leftOut.js';
import type { QuantizedTensor } from './quantize.js';

export interface CrossbarEntry {
  readonly name: string;
  readonly copies: readonly string[];
  readonly codes: string;
  readonly nodes: readonly string[];
  readonly opType: string;
  readonly dims: readonly number[];
  readonly outputAxis: number;
  readonly bits: number;
  readonly largestCode: number;
  readonly levelStep: number;
  readonly levels: readonly number[];
  readonly scaleAxis: number | null;
  readonly scales: readonly number[];
}

export interface Crossbar {
  readonly schema: 1;
  readonly pair: 'differential, one-sided';
  readonly unit: 'microsiemens';
  readonly gMin: number;
  readonly gMax: number;
  readonly weights: { readonly codes: number; readonly all: number };
  readonly leftOut: readonly LeftOut[];
  readonly tensors: readonly CrossbarEntry[];
}

/** A tensor of codes as a chip reads it. */
export type CodedTensor = Pick<QuantizedTensor, 'tensor' | 'codesName' | 'bits' | 'axis' | 'scales'>;

/** The key of the description in metadata_props. */
export const crossbarKey = 'temper.crossbar';

/** @param arrangement of the exported model, in which the weights are codes already */
export function describeCrossbar(arrangement: Arrangement, range: ConductanceRange): Crossbar {
  const coded = arrangement.crossbar.flatMap(codedTensor);
  const arrays = new Map(coded.map(({ tensor: { array, dims } }) => [array, dims]));
  const size = (dims: readonly number[]) => dims.reduce((product, extent) => product * extent, 1);
  return {
    schema: 1,
    pair: 'differential, one-sided',
    unit: 'microsiemens',
    gMin: range.gMin,
    gMax: range.gMax,
    weights: {
      codes: [...arrays.values()].reduce((sum, dims) => sum + size(dims), 0),
      all: weightCounts(arrangement).all,
    },
    leftOut: layersLeftOut(arrangement),
    tensors: coded.map((entry) => describeTensor(entry, range)),
  };
}

function codedTensor(tensor: CrossbarTensor): CodedTensor[] {
  const { codes } = tensor;
  if (!codes || unreadable(tensor) !== undefined) return [];
  const { name: codesName, bits, scales, axis } = codes;
  return [{ tensor, codesName, bits, scales, ...(axis !== undefined && { axis }) }];
}

function describeTensor(
  { tensor, codesName, bits, axis, scales }: CodedTensor,
  range: ConductanceRange,
): CrossbarEntry {
  const { name, copies, nodes, opType, dims, outputAxis } = tensor;
  const largest = largestCode(bits);
  const codes = Array.from({ length: largest + 1 }, (_, code) => code);
  return {
    name,
    copies,
    codes: codesName,
    nodes,
    opType,
    dims,
    outputAxis,
    bits,
    largestCode: largest,
    levelStep: microsiemensPerUnit(largest, range),
    levels: [...toPair(codes, largest, range).positive],
    scaleAxis: axis ?? null,
    scales: [...scales],
  };
}

/** The entry of metadata_props: without what the model itself holds (scales) or what follows (levels). */
export function crossbarMetadata({ tensors, leftOut: _, weights: __, ...head }: Crossbar): string {
  const brief = tensors.map(({ name, codes, bits, largestCode: largest, levelStep, scaleAxis }) => ({
    name,
    codes,
    bits,
    largestCode: largest,
    levelStep,
    scaleAxis,
  }));
  return JSON.stringify({ ...head, tensors: brief });
}

/** The text of crossbar.json. */
export function crossbarJson(crossbar: Crossbar, file: string, sha256: string): string {
  return `${JSON.stringify({ ...crossbar, model: { file, sha256 } }, undefined, 1)}\n`;
}
