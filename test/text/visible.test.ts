/** What a file from a stranger says is shown as text, never obeyed as a command. */
import { describe, expect, it } from 'vitest';
import { visible, visibleLine, withTexts } from '../../src/text/visible.js';

it('shows escape sequences, carriage returns and turned writing as what they are', () => {
  expect(visible('a\u001b[2J\r\u009b31m\u202eb\tc\n')).toBe('a\\u001b[2J\\u000d\\u009b31m\\u202eb\tc\n');
});

it('leaves JSON what it was', () => {
  const value = { name: 'ä\u0085\u202e\u001b\u061c\u2028\u{e0041}\ud800 名' };
  expect(JSON.parse(visible(JSON.stringify(value)))).toEqual(value);
});

describe('a line', () => {
  it.each(
    ['\n', '\r', '\r\n', '\u0085', '\u2028', '\u2029', '\v', '\f'].map((sign) => [
      JSON.stringify(sign),
      sign,
    ]),
  )('is not ended by %s', (_, sign) => {
    expect(visibleLine(`a${sign}Fine-tuning: supported.`)).toMatch(
      /^a(\\u[0-9a-f]{4})+Fine-tuning: supported\.$/,
    );
  });

  it('keeps writing of all kinds', () => {
    const text = 'größe 名前 שם اسم 🙂 é\té';
    expect(visibleLine(text)).toBe(text);
  });
});

it('changes texts and names of fields, and nothing else', () => {
  const data = { a: ['x', 1, null, undefined, true], ['__proto__']: { b: 'y' } };
  expect(withTexts(data, (text) => text.toUpperCase())).toEqual({
    A: ['X', 1, null, undefined, true],
    ['__PROTO__']: { B: 'Y' },
  });
});
