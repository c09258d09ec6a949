/** Colours of the curve and the page: orange and blue stay apart in every common colour blindness, and in grey print. */

export interface Palette {
  text: string;
  faint: string;
  grid: string;
  background: string;
  /** By model: `before`, `after`, then any others in order. */
  before: string;
  after: string;
  others: readonly string[];
}

export const light: Palette = {
  text: '#1c2128',
  faint: '#667080',
  grid: '#e4e7ec',
  background: '#ffffff',
  before: '#d4700a',
  after: '#1f5fd0',
  others: ['#0a8a6a', '#9333b8', '#b02a50'],
};

export const dark: Palette = {
  text: '#e6e9ee',
  faint: '#98a2b3',
  grid: '#2c333d',
  background: '#12161c',
  before: '#f5a142',
  after: '#7fabff',
  others: ['#4fd0ac', '#d08cf0', '#f58aa8'],
};

/** The same colours as custom properties, so that a page can change them with the reader's colour scheme. */
export const variables: Palette = {
  text: 'var(--text)',
  faint: 'var(--faint)',
  grid: 'var(--grid)',
  background: 'var(--background)',
  before: 'var(--before)',
  after: 'var(--after)',
  others: light.others.map((_, i) => `var(--other-${i})`),
};

export function cssVariables({ others, ...named }: Palette): string {
  const pairs = [...Object.entries(named), ...others.map((colour, i) => [`other-${i}`, colour])];
  return pairs.map(([name, colour]) => `--${name}: ${colour};`).join(' ');
}

/** The colour of each series, `before` and `after` fixed. */
export function seriesColours(names: readonly string[], palette: Palette): Map<string, string> {
  const free = [...palette.others];
  const fixed: Record<string, string> = { before: palette.before, after: palette.after };
  return new Map(
    names.map((name) => [
      name,
      (Object.hasOwn(fixed, name) ? fixed[name] : undefined) ?? free.shift() ?? palette.faint,
    ]),
  );
}
