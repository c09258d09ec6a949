/** Operators: what they compute stands above them in src, what they are tried with lies in the contract suite. */
import { expect, it } from 'vitest';
import { operators } from '../../src/network/operators.js';
import { examples } from '../contracts/example.js';
import { codeOf, filesUnder, type SourceFile, sources } from './sources.js';

const types = operators.map(({ type }) => type);

it('has a file of examples for every operator, and none for no operator', () => {
  const files = filesUnder('test/contracts/examples').map((path) => path.match(/([^/]+)\.ts$/)?.[1]);
  expect(files.sort(), 'test/contracts/examples/<Operator>.ts').toEqual([...types].sort());
});

it.each(types)('has an example of %s', (type) => {
  expect(examples.get(type)?.length).toBeGreaterThan(0);
});

it('keeps examples out of src', () => {
  const members = operators.filter((operator) => 'examples' in operator);
  expect(members.map(({ type }) => type)).toEqual([]);
  const typed = sources.filter(({ text }) => /\bExample(Input|Attribute)?\b(?!:)/.test(codeOf(text)));
  expect(typed.map(({ path }) => path).filter((path) => path.startsWith('src/network/'))).toEqual([]);
});

const families = sources.filter(
  ({ path }) =>
    path.startsWith('src/network/ops/') || /^src\/network\/control\/(if|loop|scan)\.ts$/.test(path),
);

const definition = /^export const (\w+) = (\w+)\(/gm;

/** `y = f(x)`, and the specification or paper that has it. */
const formula = / = /;
const source = /\bONNX\b|arXiv|\bet al\./;

/** The doc comment right above a declaration. */
function docOf({ text }: SourceFile, declaration: string): string {
  const place = text.search(new RegExp(`^${declaration}\\b`, 'm'));
  const before = text.slice(0, Math.max(0, place)).trimEnd();
  return before.endsWith('*/') ? before.slice(before.lastIndexOf('/**')) : '';
}

function header({ text }: SourceFile): string {
  return text.slice(0, text.indexOf('*/'));
}

it.each(families.map((file) => [file.path, file] as const))('%s opens with what it follows', (_, file) => {
  expect(header(file)).toMatch(new RegExp(`${formula.source}|${source.source}`));
});

it('gives the formula of every operator above it', () => {
  const found: string[] = [];
  const silent = families.flatMap((file) => {
    const defined = [...file.text.matchAll(definition)].filter(([, name]) => types.includes(name!));
    found.push(...defined.map(([, name]) => name!));
    return defined.flatMap(([, name, made]) => {
      const docs = [docOf(file, `export const ${name}`), docOf(file, `function ${made}`)];
      if (defined.length === 1) docs.push(header(file));
      return docs.some((doc) => formula.test(doc)) ? [] : [`${name} in ${file.path}`];
    });
  });
  expect(silent, 'write what it computes above it: /** output = ... */').toEqual([]);
  // Otherwise an operator is declared in a way that this test does not see.
  expect(found.sort()).toEqual([...types].sort());
});
