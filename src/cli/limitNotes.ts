/** What fewer test examples mean for the numbers. */

export function limitNotes(limit: number | undefined, count: number): string[] {
  if (limit === undefined) return [];
  return [
    `With --limit, ${count} examples were judged: the interval of the mean takes them for a sample of all examples, while lowest chips and shares of chips are those on these ${count}.`,
  ];
}
