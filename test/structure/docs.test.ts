import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedDocs } from '../../docs/generate.js';
import { commands } from '../../src/cli/commands.js';
import { parse } from '../../src/cli/parse/parser.js';
import { readValues } from '../../src/cli/parse/values.js';
import { operators } from '../../src/network/operators.js';
import { filesUnder, root } from './sources.js';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('generated pages', () => {
  it.each(Object.entries(generatedDocs()))('%s is up to date (npm run docs)', (path, content) => {
    expect(read(path)).toBe(content);
  });
});

const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...filesUnder('docs', '.md'),
  ...filesUnder('models', '.md'),
].filter((path) => existsSync(join(root, path)));

describe.each(pages)('%s', (path) => {
  const text = read(path);

  it('links to files and headings that exist', () => {
    const links = [
      ...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)|(?:src|srcset|href)="(?!https?:)([^"]+)"/g),
    ];
    const broken = links
      .map((match) => match[1] ?? match[2]!)
      .filter((link) => {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? path : join(dirname(path), file);
        if (!existsSync(join(root, target))) return true;
        return anchor !== undefined && target.endsWith('.md') && !headings(read(target)).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  it('shows commands that are understood', async () => {
    for (const words of commandLines(text)) {
      const { command, words: parsed, help } = await parse(words, commands, '0', 100);
      // What a recipe would bring.
      const preset = words.includes('--recipe') ? { model: 'model.onnx', data: 'digits' } : {};
      if (!help) expect(() => readValues(command!, parsed, preset), words.join(' ')).not.toThrow();
    }
  });

  it('names files of the code that exist', () => {
    const named = [...text.matchAll(/`((?:src|test|bench|docs|models)\/[\w./-]+)`/g)].flatMap(
      (match) => match[1] ?? [],
    );
    // What stands for a name of the reader's.
    const placeholder = /(?:NAME|FILE|NNNN)\b/;
    expect(named.filter((name) => !placeholder.test(name) && !existsSync(join(root, name)))).toEqual([]);
  });

  it('names scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const named = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map((match) => match[1]!);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

it('counts the operators right', () => {
  expect(read('README.md')).toContain(`[${operators.length} operators](docs/operators.md)`);
});

/** As GitHub makes anchors of headings. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

/** Lines `temper …` and `npx temper …` of shell blocks that give a command with concrete arguments. */
function commandLines(text: string): string[][] {
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) =>
    match[1]!.replaceAll('\\\n', ' '),
  );
  return blocks
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => /^(?:\$ )?(?:npx )?temper (.*?)(?:\s+#.*)?$/.exec(line.trim())?.[1] ?? [])
    .filter((line) => !line.includes('[options]'))
    .map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!));
}
