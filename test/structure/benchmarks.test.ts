import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { benchmarksPage, sections } from '../../docs/benchmarks/page.js';
import { root } from './sources.js';

const results = join(root, 'bench', 'results');
const folder = mkdtempSync(join(tmpdir(), 'temper-results-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The page that these result files make, all others absent; each call has a folder of its own. */
function pageOf(files: Record<string, unknown>): string {
  const place = mkdtempSync(join(folder, 'page-'));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(place, `${name}.json`), JSON.stringify(content));
  return benchmarksPage(pathToFileURL(`${place}/`));
}

/** The last cell of the row that starts with `asked`. */
function verdictOf(page: string, asked: string): string {
  const line = page.split('\n').find((row) => row.startsWith(`| ${asked}`));
  return line!.split(' | ').at(-1)!.replace(' |', '');
}

it('every result has its section', () => {
  const files = readdirSync(results).map((file) => basename(file, '.json'));
  expect(files.filter((file) => !sections.some(({ result }) => result === file))).toEqual([]);
});

it('the page has no holes', () => {
  const page = benchmarksPage(pathToFileURL(`${results}/`));
  expect(page).not.toMatch(/\bundefined\b|\bNaN\b|\bInfinity\b|\[object/);
});

it('what was not measured is open', () => {
  const page = pageOf({});
  const asked = sections.reduce((sum, section) => sum + section.asked.length, 0);
  expect(page).toContain(`Of ${asked} things asked, 0 are met, 0 are not, ${asked} are open.`);
});

it('a file of another form is refused by name', () => {
  expect(() => pageOf({ resume: { trials: 'many' } })).toThrow(/bench\/results\/resume\.json/);
});

/** As bench/speed.ts writes it. */
function speedOf(ratios: Record<string, number | null>, quiet = true) {
  const subject = (name: string) => ({
    ...{ name, batch: 64, stepsPerRun: 4, multiplyAdds: 1e9 },
    medians: { temper: 100, 'temper cpu': 190, matmul: 8e10 },
    ratios: {
      timesTorchBest: 1.31,
      timesTorchContiguous: 1.5,
      shareOfMatMulRate: 0.81,
      wvatOverPlain: 1.1,
      ...ratios,
    },
    samples: { temper: [99, 101], 'temper cpu': [190, 190], matmul: [8e10, 8e10] },
  });
  return {
    ...{ command: 'npm run bench:speed', rival: { torch: '2.13' }, threads: 2, rounds: 10 },
    loadAverage: quiet ? 2.2 : 4.5,
    subjects: ['mlp', 'vgg5-slim', 'resnet20'].map(subject),
  };
}

it('speed that suffices is told as met', () => {
  const page = pageOf({ speed: speedOf({}) });
  expect(page.match(/\| yes \|/g)).toHaveLength(7);
  expect(page).toContain(
    '| VGG-5-slim at least 1.3 times as fast as PyTorch at its best | 1.31 times | yes |',
  );
});

it('speed that does not suffice is told as not met', () => {
  const page = pageOf({
    speed: speedOf({ timesTorchBest: 0.69, shareOfMatMulRate: 0.79, wvatOverPlain: 1.16 }, false),
  });
  expect(page.match(/\| \*\*no\*\* \|/g)).toHaveLength(6);
  expect(verdictOf(page, 'ResNet-20 at least as fast as PyTorch contiguous')).toBe('yes');
});

it('speed without PyTorch leaves the comparison open', () => {
  const page = pageOf({
    speed: { ...speedOf({ timesTorchBest: null, timesTorchContiguous: null }), rival: undefined },
  });
  expect(verdictOf(page, 'VGG-5-slim at least 1.3 times')).toBe('open');
  expect(verdictOf(page, 'VGG-5-slim at least 80 %')).toBe('yes');
});

/** As bench/harden.ts writes it, one training for each accuracy under noise. */
function hardenOf(means: number[], clean = 0.906) {
  const accuracy = (mean: number) => ({
    'gaussian:0.1': {
      draws: 50,
      clean,
      mean,
      std: 0.01,
      min: mean - 0.02,
      ci95: [mean - 0.003, mean + 0.003],
    },
  });
  const settings = {
    epochs: 8,
    batchSize: 128,
    clip: 2,
    ramp: 0.3,
    schedule: { name: 'cosine', learningRate: 0.05 },
  };
  return {
    chipSeed: 2026,
    before: accuracy(0.3),
    after: means.map((mean, i) => ({
      seed: i + 1,
      training: { minutes: 40, settings, best: 7 },
      accuracy: accuracy(mean),
    })),
  };
}

it.each([
  [[0.871, 0.872, 0.873], 'yes'],
  [[0.871, 0.872, 0.869], '**no**'],
  [[0.871, 0.872], 'open'],
  [[0.86], '**no**'],
])('hardening to %j with three seeds asked for: %s', (means, verdict) => {
  expect(verdictOf(pageOf({ harden: hardenOf(means) }), 'at gaussian:0.1')).toBe(verdict);
});

it('a resumed run that ends with another file is told', () => {
  const resume = JSON.parse(readFileSync(join(results, 'resume.json'), 'utf8'));
  expect(verdictOf(pageOf({ resume: { ...resume, equal: false } }), 'killed 10 times')).toBe('**no**');
});

it('a judge that errs is told', () => {
  const judge = JSON.parse(readFileSync(join(results, 'judge.json'), 'utf8'));
  const wrong = judge.runs.map((run: { mean: number }) => ({ ...run, mean: run.mean - 0.04 }));
  const page = pageOf({ judge: { ...judge, runs: wrong, clean: 0.9171 } });
  expect(verdictOf(page, 'clean 91.72 %')).toBe('**no**');
  expect(verdictOf(page, 'gaussian:0.05: mean within')).toBe('**no**');
});
