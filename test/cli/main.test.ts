/** What ends the process before its work: never with 0, nor with 1, which says that a requirement is not met. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { build } from '../e2e/process.js';
import { root } from '../structure/sources.js';

beforeAll(build, 120_000);

const entry = join(root, 'dist/cli/main.js');
const ending = (...node: string[]) =>
  spawnSync(process.execPath, [...node, entry, '--version'], { encoding: 'utf8' });

/** Node with a hook under which `library` cannot be loaded, for this reason. */
function without(library: string, code: string, message: string) {
  const hook = `export const resolve = (name, context, next) => {
    if (name === ${JSON.stringify(library)}) throw Object.assign(new Error(${JSON.stringify(message)}), { code: '${code}' });
    return next(name, context);
  };`;
  const address = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
  return ending(
    '--import',
    address(`import { register } from 'node:module'; register(${JSON.stringify(address(hook))});`),
  );
}

describe('a start that fails', () => {
  it('for want of a library is 4, with what to do', () => {
    const { status, stderr } = without(
      'onnxruntime-node',
      'ERR_DLOPEN_FAILED',
      'libonnxruntime.so.1: no such file',
    );
    expect(status).toBe(4);
    expect(stderr).toMatch(/^temper cannot start: libonnxruntime.*\n {2}hint: install onnx-temper again/);
  });

  it('for anything else is a bug, 70', () => {
    const { status, stderr } = without('zod', 'ERR_ODD', 'something else');
    expect(status).toBe(70);
    expect(stderr).toMatch(/something else[^]* at /);
  });

  // The limit of the operating system; below about 20, Node itself does not start.
  it.runIf(process.platform === 'linux')('under a hard limit of open files is 4', () => {
    for (const [files, words] of [
      [40, '--version'],
      [64, 'verify model.onnx'],
      [120, 'inspect model.onnx'],
    ] as const) {
      const line = `ulimit -n ${files}; exec "${process.execPath}" "${entry}" ${words}`;
      const { status, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
      expect(stderr).toMatch(
        `temper cannot start: this process may open ${files} files at once, and needs 384`,
      );
      expect(status).toBe(4);
    }
  });
});

describe('what nobody caught', () => {
  it.each([
    ['an error', 'throw new Error(text)'],
    ['a rejection', 'Promise.reject(new Error(text))'],
  ])('%s ends with 70, its names as text', (_, code) => {
    // As soon as the process is ready for it.
    const late = `const timer = setInterval(() => {
      if (process.listenerCount('uncaughtExceptionMonitor') === 0) return;
      clearInterval(timer);
      const text = 'name\u001b[2J';
      ${code};
    }, 1);`;
    const { status, stderr } = ending('--import', `data:text/javascript,${encodeURIComponent(late)}`);
    expect(status).toBe(70);
    expect(stderr).toContain('name\\u001b[2J');
    expect(stderr).not.toContain('\u001b');
  });

  it('also where everything waits for nothing', () => {
    const never = `import { register } from 'node:module'; register(${JSON.stringify(
      `data:text/javascript,${encodeURIComponent(`export const resolve = (name, context, next) =>
        name === 'zod' ? { url: 'data:text/javascript,await new Promise(() => {})', shortCircuit: true } : next(name, context);`)}`,
    )});`;
    expect(ending('--import', `data:text/javascript,${encodeURIComponent(never)}`).status).toBe(70);
  });
});

it.runIf(process.platform === 'linux')('results that cannot be written are 4', () => {
  const line = `exec "${process.execPath}" "${entry}" --help > /dev/full`;
  const { status, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
  expect(status).toBe(4);
  expect(stderr).toContain('cannot write to standard output: ');
});
