/** Messages stay messages, however long the names in them are. */
import { expect, it } from 'vitest';
import { shorten, shortText } from '../../src/text/shorten.js';

it('keeps both ends and says how much is missing', () => {
  expect(shorten(`${'a'.repeat(60)}${'b'.repeat(60)}`, 90)).toBe(
    `${'a'.repeat(60)}… (30 more) …${'b'.repeat(30)}`,
  );
});

it('cuts names before the words around them', () => {
  const name = 'n'.repeat(10_000);
  for (const text of [
    `node "${name}" is no good`,
    `node ${name} is no good`,
    `node "${name.replaceAll('nn', 'n ')}" is no good`,
  ]) {
    expect(shortText(text)).toMatch(/^node .* is no good$/);
    expect(shortText(text).length).toBeLessThan(250);
  }
});

it('leaves no half of a sign', () => {
  expect(shorten('🙂'.repeat(100), 101)).not.toMatch(/\p{Cs}/u);
});

it('bounds text without names', () => {
  expect(shortText('some words '.repeat(1e5)).length).toBeLessThan(1100);
});
