/** One word, one thing: names of types, and the words of docs/architecture.md. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { root, sources } from './sources.js';

const declared = new Map<string, string[]>();
const exported = new Set<string>();
for (const { path, lines } of sources)
  for (const line of lines) {
    const [, shown, name] =
      /^(export )?(?:abstract )?(?:interface|type|class|enum) ([A-Z]\w*)/.exec(line) ?? [];
    if (!name) continue;
    declared.set(name, [...(declared.get(name) ?? []), path]);
    if (shown) exported.add(name);
  }

it('declares every type name once', () => {
  expect(declared.size).toBeGreaterThan(300);
  expect([...declared].filter(([, paths]) => paths.length > 1)).toEqual([]);
});

it('explains words whose types are exported', () => {
  const [, section = ''] = readFileSync(`${root}docs/architecture.md`, 'utf8').split('## Words');
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| ([a-z][\w, ]*) \| `(\w+)` \|/gm)];
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.map(([, , type]) => type).filter((type) => !exported.has(type ?? ''))).toEqual([]);
  const words = rows.map(([, word]) => word);
  expect(words).toEqual([...new Set(words)]);
});
