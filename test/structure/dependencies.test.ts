/** No package comes in whose licence nobody has looked at, whose content nothing fixes, or that runs something unread. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dependencies, installScripts, isAllowed, licenceOf, licencesByHand } from '../../docs/thirdParty.js';
import { root } from './sources.js';

const folder = mkdtempSync(join(tmpdir(), 'temper-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is wrong with the packages of a lock file. */
function offences(lockFile: string): string[] {
  return dependencies(lockFile).flatMap((each) => {
    const licence = licenceOf(each);
    const named = `${each.name}@${each.version}`;
    return [
      ...(licence === undefined ? [`${named}: licence unknown`] : []),
      ...(licence !== undefined && !isAllowed(licence) ? [`${named}: licence ${licence}`] : []),
      ...(/^sha512-/.test(each.integrity ?? '') ? [] : [`${named}: no digest`]),
      ...(each.hasInstallScript && !Object.hasOwn(installScripts, named) ? [`${named}: unread script`] : []),
    ];
  });
}

describe('the packages of the lock file', () => {
  const lockFile = join(root, 'package-lock.json');
  const all = dependencies(lockFile);

  it('are known, fixed and read', () => {
    expect(all.length).toBeGreaterThan(100);
    expect(offences(lockFile)).toEqual([]);
  });

  it('are those that notes were written for', () => {
    const scripts = all.filter(({ hasInstallScript }) => hasInstallScript);
    expect(scripts.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(
      Object.keys(installScripts).sort(),
    );
    for (const name of Object.keys(licencesByHand)) {
      const [found] = all.filter((each) => each.name === name);
      expect(found, name).toBeDefined();
      // Once the field is there, it speaks for itself.
      expect(found!.license, name).toBeUndefined();
    }
  });

  it('name no registry', () => {
    expect(all.filter((each) => 'resolved' in each).map(({ name }) => name)).toEqual([]);
  });
});

it('tells what should not come in', () => {
  const integrity = `sha512-${'A'.repeat(86)}==`;
  const packages = {
    '': {},
    'node_modules/good': { version: '1.0.0', license: '(MIT OR GPL-3.0-only)', integrity },
    'node_modules/copyleft': { version: '1.0.0', license: 'AGPL-3.0-only', integrity },
    'node_modules/both': { version: '1.0.0', license: 'MIT AND GPL-3.0-only', integrity },
    'node_modules/a/node_modules/silent': { version: '1.0.0', integrity },
    'node_modules/constructor': { version: '1.0.0', license: 'constructor', integrity },
    'node_modules/loose': { version: '1.0.0', license: 'MIT' },
    'node_modules/esbuild': { version: '9.9.9', license: 'MIT', integrity, hasInstallScript: true },
  };
  const path = join(folder, 'package-lock.json');
  writeFileSync(path, JSON.stringify({ packages }));
  expect(offences(path).sort()).toEqual([
    'both@1.0.0: licence MIT AND GPL-3.0-only',
    'constructor@1.0.0: licence constructor',
    'copyleft@1.0.0: licence AGPL-3.0-only',
    'esbuild@9.9.9: unread script',
    'loose@1.0.0: no digest',
    'silent@1.0.0: licence unknown',
  ]);
});
