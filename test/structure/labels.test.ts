/** Messages name nodes and operators in one form, which one file makes. */
import { expect, it } from 'vitest';
import { sources } from './sources.js';

const own = 'src/onnx/label.ts';

/** `node "…" (…)`, `node #…`, `… (opset …)` and `domain.Operator`, put together by hand. */
const form = /node "\$\{|node #\$\{|\(opset \$\{\w+\}\)`|\bdomain\}[.:]\$\{/;
const made = (text: string) =>
  text.split('\n').filter((line) => !/^\s*(\/?\*|\/\/)/.test(line) && form.test(line));

it('makes labels of nodes and names of operators in one place', () => {
  const files = sources.filter(({ text }) => made(text).length > 0).map(({ path }) => path);
  expect(files).toEqual([own]);
});
