/**
 * Packages that Temper installs: under which licence, with which digest, and what runs when they are installed. Read from the
 * lock file; what a licence or a script means is written here, and a test refuses what is not (test/structure/dependencies.test.ts).
 */
import { readFileSync } from 'node:fs';
import { page, rows } from './markdown.js';

interface Locked {
  version: string;
  license?: string;
  integrity?: string;
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
  hasInstallScript?: boolean;
}

export interface Dependency extends Locked {
  name: string;
  /** In the lock file, `node_modules/a/node_modules/b`. */
  path: string;
  /** Of users, or only of those who work on Temper. */
  dev: boolean;
}

/** Licences that may come in, and what they ask of those who pass Temper on. */
export const allowedLicences: Readonly<Record<string, string>> = {
  MIT: 'keep the notice',
  ISC: 'keep the notice',
  'BSD-2-Clause': 'keep the notice',
  'BSD-3-Clause': 'keep the notice, do not advertise with the names',
  'Apache-2.0': 'keep the notice and NOTICE files, say what was changed',
  '0BSD': 'nothing',
  Unlicense: 'nothing',
  'CC0-1.0': 'nothing',
  'MPL-2.0': 'changes to its files stay open; Temper changes none',
  'LGPL-3.0-or-later':
    'a user must be able to exchange the library: it is a shared library in a package of its own, which Temper neither changes nor contains',
};

/** Packages whose licence field is missing or old, and where the licence stands. */
export const licencesByHand: Readonly<Record<string, { licence: string; from: string }>> = {
  jstat: {
    licence: 'MIT',
    from: 'its LICENSE file; package.json has the old field `licenses`, which npm ignores',
  },
};

/** What runs at the installation, by name and version: another version is read anew. */
export const installScripts: Readonly<Record<string, { does: string; needed: string }>> = {
  'core-js@3.29.1': {
    does: 'prints a request for donations',
    needed: 'no',
  },
  'esbuild@0.28.2': {
    does: 'puts its native program, which came as a package, in the place of a script; downloads it if that package is missing',
    needed: 'for tests only',
  },
  'onnxruntime-node@1.30.0': {
    does: 'on Linux x64 with CUDA, downloads the libraries for it from NuGet (not those for the CPU, which the package holds)',
    needed: 'no: Temper computes on the CPU; ONNXRUNTIME_NODE_INSTALL=skip keeps it from the network',
  },
  'protobufjs@6.11.6': {
    does: 'warns if the version in package.json of the surrounding package is written in another scheme',
    needed: 'no',
  },
};

/** Every package of the lock file, sorted by name. */
export function dependencies(lockFile: string): Dependency[] {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8')) as { packages: Record<string, Locked> };
  return Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, entry]) => ({
      ...entry,
      path,
      name: path.split('node_modules/').at(-1)!,
      dev: entry.dev === true,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
}

export function licenceOf({ name, license }: Pick<Dependency, 'name' | 'license'>): string | undefined {
  return Object.hasOwn(licencesByHand, name) ? licencesByHand[name]!.licence : license;
}

/** Whether an SPDX expression is met by licences that are allowed: of `OR` one, of `AND` all. Nothing else is understood. */
export function isAllowed(expression: string): boolean {
  const alternatives = expression.replaceAll(/[()]/g, '').split(' OR ');
  return alternatives.some((alternative) =>
    alternative.split(' AND ').every((licence) => Object.hasOwn(allowedLicences, licence.trim())),
  );
}

export function thirdPartyPage(lockFile: string): string {
  const all = dependencies(lockFile);
  const [used, development] = [all.filter(({ dev }) => !dev), all.filter(({ dev }) => dev)];
  const counts = (list: readonly Dependency[]) => {
    const groups = new Map<string, number>();
    for (const each of list) {
      const licence = licenceOf(each) ?? 'unknown';
      groups.set(licence, (groups.get(licence) ?? 0) + 1);
    }
    return [...groups]
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .map(([name, n]) => [name, String(n)]);
  };
  const scripts = all.filter(({ hasInstallScript }) => hasInstallScript);
  return page(
    'Third-party packages',
    'Temper itself is under Apache-2.0 and contains no code of others. These packages are installed beside it by npm, each with its own licence file. A test fails if one comes in whose licence is unknown or not listed below, whose digest is not in the lock file, or that runs a script nobody has read.',
    '## Licences that may come in',
    rows(['licence', 'what it asks'], Object.entries(allowedLicences)),
    'Pictures are decoded by sharp, which loads libvips (LGPL-3.0-or-later) as a shared library from a package of its own, `@img/sharp-libvips-…`; that package holds further libraries, listed with their licences in its README (cairo under MPL, glib, librsvg, pango and others under LGPL among them). It can be exchanged for another build of libvips (sharp, "Building from source"). onnxruntime-node (MIT) holds the binaries of onnxruntime, whose own notices are in its repository (`ThirdPartyNotices.txt`). lightningcss (MPL-2.0) comes with the test runner and reaches no user.',
    ...Object.entries(licencesByHand).map(
      ([name, { licence, from }]) => `${name}: ${licence}, as said in ${from}.`,
    ),
    '## Scripts at the installation',
    'npm runs these unless it is told otherwise (`npm install --ignore-scripts`). None is needed to use Temper.',
    rows(
      ['package', 'of', 'what it does', 'needed'],
      scripts.map(({ name, version, dev }) => {
        const known = installScripts[`${name}@${version}`];
        return [
          `${name} ${version}`,
          dev ? 'development' : 'users',
          known?.does ?? '?',
          known?.needed ?? '?',
        ];
      }),
    ),
    '## Packages of users',
    rows(['licence', 'packages'], counts(used)),
    rows(
      ['package', 'version', 'licence'],
      used.map((each) => [each.name, each.version, licenceOf(each) ?? 'unknown']),
    ),
    '## Packages for development',
    rows(['licence', 'packages'], counts(development)),
  );
}
