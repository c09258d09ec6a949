/** A printed command line is what a shell gives back as the same words, whatever the names in it. */
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellLine } from '../../src/text/shell.js';

const words = [
  'plain/path.onnx',
  'two words',
  'it\'s $HOME `id` $(id) \\ " !! * ? [a] {b,c} ~ # ;&|<>',
  '=ls',
  '',
  '-',
  'line\nbreak\r\u001b[2J\u202e\u00851',
  "'\n'\\n",
  'größe 名',
];

it.runIf(process.platform !== 'win32')('as bash reads it', () => {
  const line = shellLine(words);
  expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  const read = execFileSync('bash', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  expect(read.split('\0').slice(0, -1)).toEqual(words);
});
