/** What a file from a stranger says reaches the terminal as text, never as a command to it. */
import { expect, it } from 'vitest';
import { visible } from '../../src/cli/terminal.js';

it('shows escape sequences, carriage returns and turned writing as what they are', () => {
  expect(visible('a\u001b[2J\r\u009b31m\u202eb\tc\n')).toBe('a\\u001b[2J\\u000d\\u009b31m\\u202eb\tc\n');
});

it('leaves JSON what it was', () => {
  const value = { name: 'ä\u0085\u202e\u001b 名' };
  expect(JSON.parse(visible(JSON.stringify(value)))).toEqual(value);
});
