import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readers } from '../../src/data/readers.js';
import { formatDataSpec, parseDataSpec, specForm } from '../../src/data/spec.js';

describe('data spec', () => {
  it.each([
    ['cifar10:data/cifar', 'cifar10', 'data/cifar', undefined],
    ['mnist:data:test', 'mnist', 'data', 'test'],
    ['npz:C:\\data\\xy.npz', 'npz', 'C:\\data\\xy.npz', undefined],
    ['npz:C:\\data\\xy.npz:train', 'npz', 'C:\\data\\xy.npz', 'train'],
    ['folder:/a:b/c:test', 'folder', '/a:b/c', 'test'],
    ['folder:/a/run:test/', 'folder', '/a/run:test/', undefined],
    ['digits', 'digits', '', undefined],
    ['digits:train', 'digits', '', 'train'],
    ['cifar100-coarse:d', 'cifar100-coarse', 'd', undefined],
  ])('reads %s', (spec, name, location, split) => {
    const parsed = parseDataSpec(spec);
    expect([parsed.reader.name, parsed.location, parsed.split]).toEqual([name, location, split]);
    expect(parseDataSpec(formatDataSpec(parsed, 'test'))).toEqual({ ...parsed, split: 'test' });
  });

  it.each([
    ['data/xy.npz', /no reader "data\/xy\.npz"[\s\S]*write npz:data\/xy\.npz/],
    ['imagenet:data', /no reader "imagenet"[\s\S]*known forms: mnist:DIR/],
    ['C:\\data', /no reader "C"/],
    ['cifar10', /the folder is missing[\s\S]*write cifar10:DIR/],
    ['npz::test', /the file is missing/],
    ['digits:data', /digits takes no folder/],
    ['', /no reader ""/],
  ])('refuses %s', (spec, message) => {
    expect(() => parseDataSpec(spec)).toThrow(message);
  });
});

it('lists every reader file, each under a name of its own', () => {
  const folder = new URL('../../src/data/readers/', import.meta.url);
  const listed = readFileSync(new URL('../readers.ts', folder), 'utf8');
  for (const file of readdirSync(folder))
    expect(listed).toContain(`./readers/${file.replace(/\.ts$/, '.js')}`);
  expect(new Set(readers.map(({ name }) => name)).size).toBe(readers.length);
  for (const reader of readers) {
    expect(reader.summary).not.toBe('');
    expect(reader.name).toMatch(/^[a-z0-9-]+$/);
    expect(specForm(reader)).toContain(reader.name);
  }
});
