/** The rooms of the largest folders, and which of them know each other: the tables of docs/architecture.md. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { root, sources } from './sources.js';

/** Pairs that enter each other, types included. It may only become shorter. */
const bothWays: Record<string, string[]> = { verify: [], finetune: [], cli: ['parse - run'] };

/** How many rooms a room may enter, summed over the folder: more arrows are a reason to cut otherwise. It may only fall. */
const mostArrows: Record<string, number> = { verify: 11, finetune: 50, cli: 38 };

const text = readFileSync(`${root}docs/architecture.md`, 'utf8');

/** Room by room of `folder`, those that it may enter. */
function allowedIn(folder: string): Map<string, string[]> {
  const [, table = ''] = text.split(`| room of ${folder} |`);
  const rows = [...table.split('\n\n')[0]!.matchAll(/^\| (\w+) \| [^|]+ \| ([\w, –]+) \|$/gm)];
  return new Map(rows.map(([, room, list]) => [room!, list === '–' ? [] : list!.split(', ')]));
}

/** The room of a file below src/FOLDER; undefined for the flow, which stands beside the rooms. */
function roomOf(folder: string, path: string): string | undefined {
  const [, top, room, file] = path.split('/');
  return top === folder && file !== undefined ? room : undefined;
}

/** Room by room, those that its files import from, and a file that does. */
function enteredIn(folder: string): Map<string, Map<string, string>> {
  const entered = new Map<string, Map<string, string>>();
  for (const { path, imports } of sources) {
    const from = roomOf(folder, path);
    if (from === undefined) continue;
    const rooms = entered.get(from) ?? new Map<string, string>();
    entered.set(from, rooms);
    for (const { target } of imports) {
      if (!target?.startsWith(`src/${folder}/`)) continue;
      const to = roomOf(folder, target) ?? 'the flow';
      if (to !== from) rooms.set(to, `${path} -> ${target}`);
    }
  }
  return entered;
}

describe.each(Object.keys(bothWays))('src/%s', (folder) => {
  const allowed = allowedIn(folder);
  const entered = enteredIn(folder);

  it('has the rooms of the table', () => {
    expect(allowed.size).toBeGreaterThan(3);
    expect([...entered.keys()].sort()).toEqual([...allowed.keys()].sort());
  });

  it('enters no room that the table does not name, and never the flow', () => {
    const offences = [...entered].flatMap(([from, rooms]) =>
      [...rooms].filter(([to]) => !allowed.get(from)?.includes(to)).map(([, file]) => file),
    );
    expect(offences).toEqual([]);
  });

  it('names no room that is not entered', () => {
    const unused = [...allowed].flatMap(([from, rooms]) =>
      rooms.filter((to) => !entered.get(from)?.has(to)).map((to) => `${from} -> ${to}`),
    );
    expect(unused).toEqual([]);
  });

  it('has no rooms that enter each other, but those that are known', () => {
    const pairs = [...entered].flatMap(([from, rooms]) =>
      [...rooms.keys()]
        .filter((to) => from < to && entered.get(to)?.has(from))
        .map((to) => `${from} - ${to}`),
    );
    expect(pairs).toEqual(bothWays[folder]);
  });

  it('goes in no circle over several rooms', () => {
    const known = new Set(
      bothWays[folder]!.flatMap((pair) => [pair, pair.split(' - ').reverse().join(' - ')]),
    );
    const next = (room: string) =>
      [...(entered.get(room)?.keys() ?? [])].filter((to) => !known.has(`${room} - ${to}`));
    const circles: string[] = [];
    const visit = (room: string, trail: readonly string[]): void => {
      if (trail.includes(room)) circles.push([...trail.slice(trail.indexOf(room)), room].join(' -> '));
      else for (const to of next(room)) visit(to, [...trail, room]);
    };
    for (const room of entered.keys()) visit(room, []);
    expect(circles).toEqual([]);
  });

  it('has as many arrows as are written down here, and writes down every gain', () => {
    const arrows = [...entered.values()].reduce((sum, rooms) => sum + rooms.size, 0);
    expect(arrows).toBe(mostArrows[folder]);
  });
});
