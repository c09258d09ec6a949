/**
 * Text from strangers as text. Names in a model may hold whatever bytes their maker likes: escape sequences steer a terminal,
 * carriage returns and line breaks write lines of their own, and marks turn the direction of writing, so that a refused file
 * could say "supported". Such signs are written as JSON writes them, so that JSON stays JSON.
 */

/**
 * Control characters (C0, DEL, C1), format characters (marks of direction, invisible ones, tags), separators of lines and
 * paragraphs, halves of surrogate pairs, and what XML forbids besides. All of the Unicode categories Cc, Cf, Cs, Zl and Zp.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/gu;

/** Tabs and line feeds stay. */
export function visible(text: string): string {
  return text.replace(unseen, (sign) => (sign === '\n' || sign === '\t' ? sign : escaped(sign)));
}

/** As `visible`, but one line whatever is in it. */
export function visibleLine(text: string): string {
  return text.replace(unseen, (sign) => (sign === '\t' ? sign : escaped(sign)));
}

/** `\u001b`; signs beyond 16 bits as their two halves. */
function escaped(sign: string): string {
  return Array.from(
    { length: sign.length },
    (_, i) => `\\u${sign.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');
}

/** Data with every text in it changed, names of fields too; all else as it is. */
export function withTexts<T>(data: T, change: (text: string) => string): T {
  if (typeof data === 'string') return change(data) as T;
  if (Array.isArray(data)) return data.map((item) => withTexts(item, change)) as T;
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [change(name), withTexts(value, change)]),
  ) as T;
}
