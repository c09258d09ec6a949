/** Numbers as people read them. */
import type { ReportMeasure } from './panel.js';

/** 0.9172 -> `91.7 %`. */
export function percent(fraction: number, digits = 1): string {
  return `${(100 * fraction).toFixed(digits).replace('-', '−')} %`;
}

/** A value of the measure: per cent, or three digits of a mean squared error. */
export function shown(measure: ReportMeasure, value: number): string {
  return measure === 'accuracy' ? percent(value) : significant(value);
}

/** Standard deviations and errors, in points: `3.6`, `0.59`. */
export function shownSpread(measure: ReportMeasure, spread: number): string {
  if (measure !== 'accuracy') return significant(spread);
  return (100 * spread).toFixed(spread < 0.01 ? 2 : 1);
}

/** A difference of two values, signed: `+57.8 points`. */
export function difference(measure: ReportMeasure, value: number): string {
  const size = measure === 'accuracy' ? (100 * Math.abs(value)).toFixed(1) : significant(Math.abs(value));
  const sign = Number(size) === 0 ? '±' : value > 0 ? '+' : '−';
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

/** A bound never says more than it knows: 0.9599 from below -> `95.9 %`. */
export function shownBound(measure: ReportMeasure, value: number, side: 'below' | 'above'): string {
  if (measure !== 'accuracy') return significant(outwards(value, side));
  const tenths = 1000 * value;
  const slack = 1e-9 * (side === 'below' ? 1 : -1); // 0.95 is 949.9999999999999 tenths of a per cent
  return percent((side === 'below' ? Math.floor : Math.ceil)(tenths + slack) / 1000);
}

/** To three digits, away from zero or towards it. */
function outwards(value: number, side: 'below' | 'above'): number {
  const rounded = Number(value.toPrecision(3));
  if (value === 0 || (side === 'below' ? rounded <= value : rounded >= value)) return rounded;
  const digit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 2);
  return rounded + (side === 'below' ? -digit : digit);
}

/** What chips reach, or stay within. */
export function shownTolerance(measure: ReportMeasure, value: number): string {
  return shownBound(measure, value, measure === 'accuracy' ? 'below' : 'above');
}

/** `78.6 – 86.0 %`, rounded outwards. */
export function intervalOf(measure: ReportMeasure, [least, most]: readonly [number, number]): string {
  const [from, to] = [shownBound(measure, least, 'below'), shownBound(measure, most, 'above')];
  return `${measure === 'accuracy' ? from.replace(' %', '') : from} – ${to}`;
}

/** A share of chips in whole per cent, rounded down: 0.8609 -> `86 %`. */
export function wholePercent(share: number): string {
  return percent(Math.floor(100 * share + 1e-9) / 100, 0);
}

/** 1 -> ``, 2 -> `2nd `, 13 -> `13th `: before `lowest`, `worst`. */
export function ordinal(rank: number): string {
  if (rank === 1) return '';
  const teens = rank % 100 > 10 && rank % 100 < 14;
  return `${rank}${(teens ? undefined : ['', 'st', 'nd', 'rd'][rank % 10]) || 'th'} `;
}

/** [4] -> `chip 4`, [4, 7] -> `chips 4, 7`; long lists are cut. */
export function chipList(chips: readonly number[]): string {
  const more = chips.length > 20 ? `, … and ${chips.length - 20} more` : '';
  return `${chips.length === 1 ? 'chip' : 'chips'} ${chips.slice(0, 20).join(', ')}${more}`;
}

/** 1234567 -> `1.23 MB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toPrecision(3)} kB` : `${(bytes / 1e6).toPrecision(3)} MB`;
}

export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

export function fileName(path: string): string {
  return path.replace(/^.*[\\/]/s, '');
}
