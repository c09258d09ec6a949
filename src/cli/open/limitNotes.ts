/** What fewer test examples mean for the numbers. */

export function limitNotes(limit: number | undefined, count: number, draws: number): string[] {
  if (limit === undefined || count < limit) return []; // there were no more
  const said = `With --limit, ${count} examples were judged`;
  return [
    draws < 2
      ? `${said}: the figures are those on these ${count}.`
      : `${said}: the interval of the mean takes them for a sample of all examples, while lowest chips and shares of chips are those on these ${count}.`,
  ];
}
