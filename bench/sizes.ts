/**
 * How long files and functions of src are, before the house was rebuilt and now: median and longest, by the compiler's own syntax.
 *
 *   npm run bench:sizes -- [--before 67d1774] [--after HEAD]
 *
 * A file is its lines; a function is from its first line to its last, named or not, if its body is a block. Comments count: they
 * are read too.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';
import { root, writeResult } from './machine.js';

const { values } = parseArgs({
  options: {
    before: { type: 'string', default: '67d1774' },
    after: { type: 'string', default: 'HEAD' },
  },
});

const functions = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
]);

interface Length {
  readonly lines: number;
  readonly where: string;
}

/** Of the sources at a commit, checked out into a folder of their own. */
function lengthsAt(ref: string): { commit: string; files: Length[]; functions: Length[] } {
  const folder = mkdtempSync(join(tmpdir(), 'temper-sizes-'));
  const git = (...words: string[]) => execFileSync('git', words, { cwd: root, maxBuffer: 2 ** 28 });
  try {
    const commit = git('rev-parse', '--short', ref).toString().trim();
    const tree = git('archive', commit, 'src', 'tsconfig.json', 'tsconfig.build.json', 'package.json');
    execFileSync('tar', ['-x', '-C', folder], { input: tree });
    return { commit, ...lengthsIn(folder) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function lengthsIn(folder: string): { files: Length[]; functions: Length[] } {
  const paths = readdirSync(join(folder, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  const api = new API({ cwd: folder });
  try {
    const snapshot = api.updateSnapshot({ openProjects: [join(folder, 'tsconfig.build.json')] });
    const program = snapshot.getProjects()[0]?.program;
    const found: Length[] = [];
    const files = paths.map((path): Length => {
      const where = relative(folder, path);
      const file = program?.getSourceFile(path);
      if (!file) throw new Error(`the compiler does not know ${where}`);
      const visit = (node: Node): void => {
        const text = functions.has(node.kind) ? node.getText() : '';
        if (text.endsWith('}') && hasBlock(node)) {
          const line = file.text.slice(0, node.getStart()).split('\n').length;
          found.push({ lines: text.split('\n').length, where: `${where}:${line}` });
        }
        node.forEachChild(visit);
      };
      visit(file);
      return { lines: readFileSync(path, 'utf8').trimEnd().split('\n').length, where };
    });
    return { files, functions: found };
  } finally {
    api.close();
  }
}

function hasBlock(node: Node): boolean {
  let block = false;
  node.forEachChild((child) => {
    if (child.kind === SyntaxKind.Block) block = true;
  });
  return block;
}

function summary(lengths: readonly Length[]) {
  const sorted = [...lengths].sort((a, b) => a.lines - b.lines);
  return {
    count: sorted.length,
    lines: sorted.reduce((sum, { lines }) => sum + lines, 0),
    median: sorted[sorted.length >> 1]!.lines,
    longest: sorted.at(-1)!,
  };
}

const states = Object.entries({ before: values.before, after: values.after }).map(([name, ref]) => {
  const { commit, files, functions: found } = lengthsAt(ref);
  return { name, commit, files: summary(files), functions: summary(found) };
});
for (const { name, commit, files, functions: found } of states)
  process.stdout.write(
    `${name} (${commit}): files median ${files.median}, longest ${files.longest.lines} (${files.longest.where}); functions median ${found.median}, longest ${found.longest.lines} (${found.longest.where})\n`,
  );
writeResult('sizes', 'npm run bench:sizes', { states });
