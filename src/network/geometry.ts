/**
 * Attributes of sliding windows as ONNX writes them (auto_pad, or pads; everything optional) made explicit.
 * ONNX operator specification, Conv and MaxPool: SAME_UPPER and SAME_LOWER give ceil(extent / stride) outputs.
 */

import {
  type WindowAttributes,
  type WindowAxis,
  windowAxes,
  windowOutput,
} from '../compile/kernels/windows.js';
import { zip } from '../lists/zip.js';
import { type AttributeSpec, ints, string } from './attributes.js';
import { positions } from './extents.js';
import { type Refusal, UnsupportedForm } from './operator.js';

export const windowAttributes = {
  auto_pad: string('NOTSET', { only: ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'] }),
  strides: ints(),
  pads: ints(),
} satisfies Record<string, AttributeSpec>;

interface FileWindow {
  auto_pad: string;
  strides: number[] | undefined;
  pads: number[] | undefined;
  dilations: number[] | undefined;
}

/** The window over `input` extents, with explicit pads. */
export function resolveWindow(
  input: readonly number[],
  kernel: readonly number[],
  attributes: FileWindow,
): WindowAttributes {
  const rank = input.length;
  if (rank < 1 || rank > 3) throw new UnsupportedForm(`${rank} spatial axes`, 'one to three are supported');
  const ones = Array<number>(rank).fill(1);
  const { strides = ones, dilations = ones, pads: given } = attributes;
  for (const [what, list, length] of [
    ['kernel_shape', kernel, rank],
    ['strides', strides, rank],
    ['dilations', dilations, rank],
    ['pads', given ?? [...ones, ...ones], 2 * rank],
  ] as const) {
    if (list.length !== length)
      throw new UnsupportedForm(`${what} has ${list.length} entries where ${length} belong`);
  }
  const none = Array<number>(2 * rank).fill(0);
  const window = { kernel: [...kernel], strides: [...strides], pads: none, dilations: [...dilations] };
  if (attributes.auto_pad.startsWith('SAME'))
    return { ...window, pads: samePads(input, windowAxes(window), attributes.auto_pad) };
  return { ...window, pads: given && attributes.auto_pad === 'NOTSET' ? [...given] : none };
}

/** All begins, then all ends: half of what ceil(extent / stride) outputs need, the odd one at the end or at the begin. */
function samePads(input: readonly number[], axes: readonly WindowAxis[], autoPad: string): number[] {
  const both = zip(input, axes).map(([extent, { stride, field }]) => {
    const total = Math.max(0, (Math.ceil(extent / stride) - 1) * stride + field - extent);
    const small = Math.floor(total / 2);
    return autoPad === 'SAME_UPPER' ? [small, total - small] : [total - small, small];
  });
  return zip(...both).flat();
}

/** ONNX does not say whether "same" means the kernel or its dilated field; engines disagree. */
export function refuseDilatedSame({ dilations }: WindowAttributes, autoPad: string): void {
  if (autoPad.startsWith('SAME') && dilations.some((dilation) => dilation !== 1))
    throw new UnsupportedForm(`auto_pad ${autoPad} with dilations [${dilations}]`, 'write the pads out');
}

/**
 * Windows further apart than the extent asks for would need negative pads, (outputs - 1) * stride + kernel - extent in all,
 * which pooling engines refuse or shift by.
 * @param elements how many skipped elements are allowed
 */
export function refuseSparseSame(
  input: readonly number[],
  { kernel, strides }: WindowAttributes,
  autoPad: string,
  elements: Readonly<Record<string, number>> = { SAME_UPPER: 0, SAME_LOWER: 0 },
): void {
  const skipped = zip(input, kernel, strides).map(
    ([extent, size, stride]) => extent - size - (Math.ceil(extent / stride) - 1) * stride,
  );
  const most = elements[autoPad] ?? Number.POSITIVE_INFINITY;
  if (skipped.some((count) => count > most))
    throw new UnsupportedForm(
      `auto_pad ${autoPad} of a kernel [${kernel}] with strides [${strides}] over [${input}]: pads would be negative`,
      'write the pads out',
    );
}

/** With dilations, a window may find nothing but padding, and the maximum or mean of nothing is not defined. */
export function refuseEmptyWindows(input: readonly number[], window: WindowAttributes, ceil: boolean): void {
  const { kernel, pads, dilations } = window;
  for (const [extent, count, axis] of zip(input, windowOutput(input, window, ceil), windowAxes(window))) {
    const touches = (output: number) => {
      const start = output * axis.stride - axis.begin;
      // The first element of the kernel that lies behind the padding before the input.
      const first = Math.max(0, Math.ceil(-start / axis.dilation));
      return first < axis.kernel && start + first * axis.dilation < extent;
    };
    // Windows that begin in the input begin at an element of it, if the last one does.
    const before = Math.min(count, Math.ceil(axis.begin / axis.stride));
    if (!positions(before).every(touches) || (count > 0 && !touches(count - 1)))
      throw new UnsupportedForm(
        `a kernel [${kernel}] (dilations [${dilations}]) over [${input}] with pads [${pads}]: a window holds padding only`,
      );
  }
}

/** A window must fit into the padded input at least once. */
export function refuseMisfit(input: readonly number[], window: WindowAttributes, ceil = false): void {
  if (windowOutput(input, window, ceil).every((extent) => extent > 0)) return;
  const { kernel, pads, dilations } = window;
  const dilated = dilations.some((dilation) => dilation !== 1) ? ` (dilations [${dilations}])` : '';
  throw new UnsupportedForm(
    `a kernel [${kernel}]${dilated} does not fit into [${input}] with pads [${pads}]`,
  );
}

/** Forms that the attributes alone give away. */
export function windowRefusals({ pads, strides, dilations }: Omit<FileWindow, 'auto_pad'>): Refusal[] {
  const refusals: Refusal[] = [];
  if (pads?.some((extent) => extent < 0))
    refusals.push({
      what: `negative pads [${pads}]`,
      hint: 'crop with Slice, or pad with Pad, before the window',
    });
  for (const [name, list] of Object.entries({ strides, dilations }))
    if (list?.some((extent) => extent < 1)) refusals.push({ what: `${name} [${list}] below 1` });
  return refusals;
}
