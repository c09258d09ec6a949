/** Numbers as people read them. */
import type { Measure } from './panel.js';

/** 0.9172 -> `91.7 %`. */
export function percent(fraction: number, digits = 1): string {
  return `${(100 * fraction).toFixed(digits).replace('-', '−')} %`;
}

/** A value of the measure: per cent, or three digits of a mean squared error. */
export function shown(measure: Measure, value: number): string {
  return measure === 'accuracy' ? percent(value) : significant(value);
}

/** A difference of two values, signed: `+57.8 points`. */
export function difference(measure: Measure, value: number): string {
  const sign = value > 0 ? '+' : value < 0 ? '−' : '±';
  const size = measure === 'accuracy' ? (100 * Math.abs(value)).toFixed(1) : significant(Math.abs(value));
  return `${sign}${size}${measure === 'accuracy' ? ' points' : ''}`;
}

/** Three significant digits, without needless exponents. */
export function significant(value: number): string {
  if (value === 0) return '0';
  const text =
    Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5
      ? Number(value.toPrecision(3)).toString()
      : value.toExponential(2);
  return text.replace('-', '−');
}

/** 1234567 -> `1.23 MB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toPrecision(3)} kB` : `${(bytes / 1e6).toPrecision(3)} MB`;
}

export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1)!;
}
