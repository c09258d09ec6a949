/** Tables of what verification found, for the terminal. */
import type { Measured, VerifyReport } from '../verify/report.js';
import { percent, type Row, table } from './table.js';

/** One line for each device: the unperturbed model beside the statistics over its chips. */
export function verifyTable(report: VerifyReport): string {
  const against = report.against;
  const head = ['device', 'clean', 'mean', 'std', 'min', 'max', '5 % of chips below'];
  const rows: Row[] = report.runs.flatMap((run) => {
    const other = against?.runs.find(({ device }) => device === run.device);
    const own = [run.device, ...cells(run)];
    if (!other?.accuracy) return [own];
    const { difference } = other;
    const interval = difference.ci95.map((bound) => signed(bound)).join(' … ');
    return [
      own,
      ['  against', ...cells(other)],
      [
        '  difference',
        '',
        signed(difference.mean),
        '',
        signed(difference.min),
        signed(difference.max),
        `95 %: ${interval}`,
      ],
    ];
  });
  return table(head, rows);
}

function cells(run: { accuracy?: Measured; mse?: Measured }): string[] {
  const { accuracy, mse } = run;
  if (accuracy)
    return [accuracy.clean, accuracy.mean, accuracy.std, accuracy.min, accuracy.max, accuracy.p05].map((v) =>
      percent(v),
    );
  const measured = mse!;
  return [measured.clean, measured.mean, measured.std, measured.min, measured.max, measured.p05].map((v) =>
    v.toPrecision(4),
  );
}

function signed(difference: number): string {
  return `${difference < 0 ? '-' : '+'}${percent(Math.abs(difference))}`;
}

/** Clean accuracy, then the mean over chips at each noise level, before and after hardening. */
export function beforeAfterTable(before: VerifyReport, after: VerifyReport, trainedFor: string): string {
  const head = ['device', 'before', 'after', 'gain', 'after, 5 % of chips below'];
  const rows: Row[] = [
    [
      'none (clean)',
      percent(before.clean.accuracy ?? 0),
      percent(after.clean.accuracy ?? 0),
      signed((after.clean.accuracy ?? 0) - (before.clean.accuracy ?? 0)),
      '',
    ],
  ];
  for (const run of after.runs) {
    const old = before.runs.find(({ device }) => device === run.device);
    if (!run.accuracy || !old?.accuracy) continue;
    const mark = run.device === trainedFor ? ' *' : '';
    rows.push([
      `${run.device}${mark}`,
      `${percent(old.accuracy.mean)} ± ${percent(old.accuracy.std)}`,
      `${percent(run.accuracy.mean)} ± ${percent(run.accuracy.std)}`,
      signed(run.accuracy.mean - old.accuracy.mean),
      percent(run.accuracy.p05),
    ]);
  }
  return table(head, rows);
}
