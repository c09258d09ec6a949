/** The source tree as text: files, their import statements, their functions. The structure tests read only this. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface SourceFile {
  /** Relative to the repository, with forward slashes: `src/onnx/codec.ts`. */
  path: string;
  text: string;
  lines: string[];
  imports: Import[];
}

export interface Import {
  /** As written. */
  specifier: string;
  /** Path of the imported source file, if it is one of ours. */
  target: string | undefined;
  /** `import type`: gone after compilation. */
  typeOnly: boolean;
  names: string;
}

const importStatement =
  /^\s*(?:import|export)\s+(type\s+)?((?:[\w*{][^;'"]*?)\s+from\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

function importsOf(path: string, text: string): Import[] {
  return [...text.matchAll(importStatement)].map((match) => {
    const specifier = match[3] ?? match[4]!;
    const local = specifier.startsWith('.');
    return {
      specifier,
      target: local ? slashes(join(dirname(path), specifier)).replace(/\.js$/, '.ts') : undefined,
      typeOnly: match[1] !== undefined,
      names: match[2] ?? '',
    };
  });
}

function slashes(path: string): string {
  return path.replaceAll('\\', '/');
}

export function filesUnder(folder: string, extension = '.ts'): string[] {
  return readdirSync(resolve(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => slashes(relative(root, join(entry.parentPath, entry.name))))
    .sort();
}

export function readSource(path: string): SourceFile {
  const text = readFileSync(resolve(root, path), 'utf8');
  return { path, text, lines: text.trimEnd().split('\n'), imports: importsOf(path, text) };
}

export const sources: SourceFile[] = filesUnder('src').map(readSource);

/** The folder below src/ that owns the file: `src/onnx/codec.ts` -> `onnx`, `src/errors.ts` -> `errors.ts`. */
export function folderOf(path: string): string {
  return path.split('/')[1]!;
}

/** The text without comments and without the contents of strings, so that a word in prose offends nobody. */
export function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");
}

/**
 * Functions and their number of lines, told by indentation, which the formatter guarantees: a line that opens a
 * function body, until the first line of the same indentation that begins with a closing bracket.
 */
export function functionLengths(file: SourceFile): { line: number; length: number }[] {
  const opens =
    /(\bfunction\b.*|=>|^\s*(?:(?:async|static|get|set|private|public|override)\s+)*[\w#]+\(.*\).*|^\s*\).*)\s*\{$/;
  const controls = /^\s*(?:\}\s*)?(?:if|else|for|while|do|switch|try|catch|finally|return \{|with)\b/;
  const found: { line: number; length: number }[] = [];
  file.lines.forEach((line, start) => {
    if (!opens.test(line) || (controls.test(line) && !line.includes('=>'))) return;
    const indent = line.search(/\S/);
    const end = file.lines.findIndex(
      (other, at) => at > start && other.search(/\S/) === indent && /^\s*[}\])]/.test(other),
    );
    if (end > start) found.push({ line: start + 1, length: end - start + 1 });
  });
  return found;
}
