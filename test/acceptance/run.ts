/**
 * Acceptance: long checks on real models and data, one after the other.
 *
 *   npm run acceptance [-- WORD]        only the checks whose names contain WORD
 *
 * TEMPER_DATA names a folder with mnist and cifar10 unpacked, TEMPER_MODELS the models that others made (../shared/models if it
 * is not set). A check whose data are absent is skipped and says so. One line per check; ends with "N passed, N failed, N skipped"
 * and exits with 1 if one failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root } from '../../bench/machine.js';
import { type Check, checksOn } from './checks.js';

/** A check that takes longer hangs. */
const longest = 15 * 60_000;

/** Where tsx is; a check runs in a process of its own, so that none inherits another's memory. */
const tsx = (() => {
  const manifest = createRequire(import.meta.url).resolve('tsx/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: string };
  return join(dirname(manifest), bin);
})();

type Verdict = 'passed' | 'FAILED' | 'skipped';

function judge({ name, script, needs }: Check): Verdict {
  const absent = needs.filter((path) => !existsSync(path));
  if (absent.length > 0) return tell('skipped', name, `there is no ${absent.join(', no ')}`);
  const began = performance.now();
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [tsx, ...script], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    timeout: longest,
  });
  const seconds = `${Math.round((performance.now() - began) / 1000)} s`;
  process.stdout.write(stdout.replaceAll(/^(?=.)/gm, '    '));
  if (status === 0) return tell('passed', name, seconds);
  process.stdout.write(stderr);
  return tell('FAILED', name, signal ? `${seconds}, ended by ${signal}` : seconds);
}

function tell(verdict: Verdict, name: string, remark: string): Verdict {
  process.stdout.write(`${verdict} ${name} (${remark})\n`);
  return verdict;
}

const word = process.argv[2] ?? '';
const checks = checksOn(process.env.TEMPER_DATA).filter(({ name }) => name.includes(word));
if (checks.length === 0) throw new Error(`no check is named like "${word}"`);
const verdicts = checks.map(judge);
const count = (verdict: Verdict) => verdicts.filter((found) => found === verdict).length;
process.stdout.write(`${count('passed')} passed, ${count('FAILED')} failed, ${count('skipped')} skipped\n`);
if (count('FAILED') > 0) process.exitCode = 1;
