/** A few of the corruptions of bench/corruptions.ts, drawn with a fixed seed: none silent, none a bug. */
import { beforeAll, expect, it } from 'vitest';
import { type Kind, kinds } from '../../bench/corruptions/kinds.js';
import { type Snapshots, takeSnapshots } from '../../bench/corruptions/snapshots.js';
import { attempt, type Reference, reference } from '../../bench/corruptions/trial.js';
import { randomStream } from '../../src/random/stream.js';
import { fixture } from './fixture.js';

const inTraining = kinds.filter(({ moment }) => moment === 'training');
const afterwards = kinds.filter(
  ({ moment, file }) => moment === 'finished' && !/rivals|plain|clipped/.test(file),
);

function drawn(from: readonly Kind[], count: number): Kind[] {
  const order = randomStream('corruptions', from.length).permutation(from.length);
  return [...order.subarray(0, count)].map((at) => from[at]!);
}

let snapshots: Snapshots;
const expected: Partial<Record<Kind['moment'], Reference>> = {};
beforeAll(async () => {
  snapshots = await takeSnapshots(await fixture(160), ['training', 'finished'], 'none');
  for (const moment of ['training', 'finished'] as const)
    expected[moment] = await reference(snapshots, moment);
}, 60_000);

const verdicts = new Set<string>();
it.each(
  [...drawn(inTraining, 9), ...drawn(afterwards, 3)].map(
    (kind) => [kind.moment, kind.file, kind.damage, kind] as const,
  ),
)('%s, %s: %s', async (moment, _, __, kind) => {
  const trial = await attempt(snapshots, kind, expected[moment]!);
  expect(['refused', 'made good', 'no matter']).toContain(trial.verdict);
  verdicts.add(trial.verdict);
});

it('has met damage that is refused, and damage that is made good', () => {
  expect([...verdicts]).toEqual(expect.arrayContaining(['refused', 'made good']));
});
