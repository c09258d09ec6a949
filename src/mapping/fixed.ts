/**
 * Stored vectors that nobody has trained: the shares of the colours in a grey picture, the windows of spectra. Told by their
 * numbers. A product with them is preparation of the data, and taken to be digital.
 */
import type { Tensor } from '../onnx/model.js';
import { elementCount, tensorView } from '../onnx/tensor.js';

/** Red, green, blue: ITU-R BT.601 (also as three digits of MATLAB), BT.709 (also of scikit-image), BT.2020. */
const greys: readonly (readonly number[])[] = [
  [0.299, 0.587, 0.114],
  [0.2989, 0.587, 0.114],
  [0.2126, 0.7152, 0.0722],
  [0.2125, 0.7154, 0.0721],
  [0.2627, 0.678, 0.0593],
];

/** Cosine sums a0 - a1 cos(t) + a2 cos(2 t): Harris, "On the use of windows for harmonic analysis", Proc. IEEE 66 (1978). */
const windows: readonly (readonly number[])[] = [
  [0.5, 0.5, 0],
  [0.54, 0.46, 0],
  [25 / 46, 21 / 46, 0],
  [0.42, 0.5, 0.08],
  [7938 / 18608, 9240 / 18608, 1430 / 18608],
];
const shortestWindow = 8;
const longestWindow = 1 << 14;
/** Of the largest number; constants are stored with three or four digits. */
const tolerance = 1e-3;

export type Fixed = 'shares of the colours in a grey picture' | 'window of a spectrum';

/** What the numbers of a tensor are, if nobody has trained them; they may be scaled as a whole. */
export function fixedNumbers(tensor: Tensor): Fixed | undefined {
  const count = elementCount(tensor.dims);
  if (count !== 3 && (count < shortestWindow || count > longestWindow)) return undefined;
  if (tensor.dims.filter((extent) => extent !== 1).length !== 1) return undefined;
  const numbers = numbersOf(tensor);
  if (!numbers) return undefined;
  if (count === 3) {
    const alike = greys.some((grey) => isLike(numbers, grey) || isLike(numbers, [...grey].reverse()));
    return alike ? 'shares of the colours in a grey picture' : undefined;
  }
  return isWindow(numbers) ? 'window of a spectrum' : undefined;
}

function numbersOf(tensor: Tensor): number[] | undefined {
  try {
    return Array.from(tensorView(tensor) as ArrayLike<number | bigint>, Number);
  } catch {
    return undefined; // of a type without numbers, or damaged: told elsewhere
  }
}

/** Whether the numbers are these times a single one. */
function isLike(numbers: readonly number[], wanted: readonly number[]): boolean {
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const factor = dot(numbers, wanted) / dot(wanted, wanted);
  const allowed = tolerance * Math.abs(factor) * Math.max(...wanted);
  return factor !== 0 && numbers.every((value, i) => Math.abs(value - factor * wanted[i]!) <= allowed);
}

/** Zeros on both sides pad a short window. */
function isWindow(numbers: readonly number[]): boolean {
  const begin = numbers.findIndex((value) => value !== 0);
  const end = numbers.findLastIndex((value) => value !== 0) + 1;
  if (end - begin < shortestWindow) return false;
  // A window may itself begin with a zero, and a periodic one end before its last.
  const spans = [0, 1].flatMap((before) => [0, 1].map((behind) => [before, behind] as const));
  return spans.some(([before, behind]) => {
    if (before > begin || end + behind > numbers.length) return false;
    const inner = numbers.slice(begin - before, end + behind);
    const lengths = [inner.length - 1, inner.length];
    return windows.some((terms) =>
      lengths.some((period) => {
        const window = inner.map((_, i) => cosines(terms, (2 * Math.PI * i) / period));
        return (
          isLike(inner, window) ||
          isLike(
            inner,
            window.map((value) => Math.sqrt(Math.max(0, value))),
          )
        );
      }),
    );
  });
}

function cosines([a = 0, b = 0, c = 0]: readonly number[], t: number): number {
  return a - b * Math.cos(t) + c * Math.cos(2 * t);
}
