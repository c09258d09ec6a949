/**
 * How a chip reads the codes of an exported model: the description in `metadata_props` ("temper.crossbar") and, with the
 * scales and the hash of the file, in crossbar.json beside it. Schema 1:
 *   model      { file, sha256 }: the ONNX file it describes
 *   pair       "differential, one-sided": code c sits on two devices, G+ = levels[max(c, 0)], G- = levels[max(-c, 0)]
 *   unit       "microsiemens", of gMin, gMax, levels
 *   tensors[]  name (value in the graph), codes (initializer of the codes), nodes, opType, dims, outputAxis, bits,
 *              largestCode, levels (conductance of |code| = 0 .. largestCode), scaleAxis (null: one scale), scales
 *              weight = scale * code = scale * (G+ - G-) / levelStep, with levelStep = (gMax - gMin) / largestCode
 */
import { largestCode } from '../mapping/codes.js';
import { type ConductanceRange, siemensPerUnit, toPair } from '../mapping/conductance.js';
import type { QuantizedTensor } from './quantize.js';

export interface CrossbarEntry {
  readonly name: string;
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
  readonly tensors: readonly CrossbarEntry[];
}

/** The key of the description in metadata_props. */
export const crossbarKey = 'temper.crossbar';

export function describeCrossbar(tensors: readonly QuantizedTensor[], range: ConductanceRange): Crossbar {
  return {
    schema: 1,
    pair: 'differential, one-sided',
    unit: 'microsiemens',
    gMin: range.gMin,
    gMax: range.gMax,
    tensors: tensors.map((entry) => describeTensor(entry, range)),
  };
}

function describeTensor(
  { tensor, codesName, bits, axis, scales }: QuantizedTensor,
  range: ConductanceRange,
): CrossbarEntry {
  const { name, nodes, opType, dims, outputAxis } = tensor;
  const largest = largestCode(bits);
  const codes = Array.from({ length: largest + 1 }, (_, code) => code);
  return {
    name,
    codes: codesName,
    nodes,
    opType,
    dims,
    outputAxis,
    bits,
    largestCode: largest,
    levelStep: siemensPerUnit(largest, range),
    levels: [...toPair(codes, largest, range).positive],
    scaleAxis: axis ?? null,
    scales: [...scales],
  };
}

/** The entry of metadata_props: without what the model itself holds (scales) or what follows (levels). */
export function crossbarMetadata({ tensors, ...head }: Crossbar): string {
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
