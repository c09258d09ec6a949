import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { folderOf, root, sources } from './sources.js';

/** The table "Who may import whom" of docs/architecture.md. */
const layers: Record<string, string[]> = { 'errors.ts': ['text'], 'int32.ts': [] };
const [, section = ''] = readFileSync(`${root}docs/architecture.md`, 'utf8').split('## Who may import whom');
for (const [, folder, allowed] of section.split('\n## ')[0]!.matchAll(/^\| (\w+) \| ([\w, –]+) \|$/gm))
  layers[folder!] = allowed === '–' ? [] : allowed!.split(', ');
const everything = ['cli', 'index.ts'];
const everybodys = ['errors.ts', 'int32.ts', 'lists'];

/** Packages that only some folders may know. */
const owners: Record<string, string[]> = {
  'onnxruntime-node': ['runtime'],
  protobufjs: ['onnx'],
  '@tensorflow/tfjs': ['compile', 'network', 'devices', 'neurons', 'import', 'finetune'],
  sharp: ['data'],
  '@observablehq/plot': ['report'],
  linkedom: ['report'],
  yargs: ['cli'],
  'cli-progress': ['cli'],
};

describe('layering', () => {
  it('imports only what the table allows', () => {
    const offences = sources.flatMap((file) =>
      file.imports.flatMap(({ target, specifier }) => {
        const from = folderOf(file.path);
        if (!target || everything.includes(from)) return [];
        const to = folderOf(target);
        const allowed = to === from || everybodys.includes(to) || layers[from]?.includes(to);
        return allowed ? [] : [`${file.path} imports ${specifier}: ${from} may not import ${to}`];
      }),
    );
    expect(offences).toEqual([]);
  });

  it('knows every folder of src', () => {
    const folders = new Set(sources.map((file) => folderOf(file.path)));
    expect([...folders].filter((folder) => !(folder in layers) && !everything.includes(folder))).toEqual([]);
  });

  it('keeps each library behind the folder that owns it', () => {
    const offences = sources.flatMap((file) =>
      file.imports
        .filter(({ specifier, typeOnly }) => {
          const owner = Object.keys(owners).find(
            (name) => specifier === name || specifier.startsWith(`${name}/`),
          );
          return owner && !typeOnly && !owners[owner]!.includes(folderOf(file.path));
        })
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    );
    expect(offences).toEqual([]);
  });

  it('imports files that exist', () => {
    const known = new Set(sources.map((file) => file.path));
    const missing = sources.flatMap((file) =>
      file.imports
        .filter(({ target }) => target?.endsWith('.ts') && !known.has(target))
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    );
    expect(missing).toEqual([]);
  });

  it('has no import cycles', () => {
    const graph = new Map(
      sources.map((file) => [
        file.path,
        file.imports.flatMap((i) => (i.target && !i.typeOnly ? [i.target] : [])),
      ]),
    );
    const finished = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: string[]): void => {
      if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      if (trail.includes(path) || finished.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      finished.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });
});
