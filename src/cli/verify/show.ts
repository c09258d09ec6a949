/** What `temper verify` writes and prints, and whether what was required holds. */
import { type Problem, TemperError } from '../../errors.js';
import { parseReport } from '../../report/report.js';
import { comparedText } from '../../report/requirements.js';
import { renderTable } from '../../report/table.js';
import type { VerifyReport } from '../../verify/report/report.js';
import type { Verdict } from '../../verify/report/verdicts.js';
import { jsonLines, type Terminal } from '../terminal/terminal.js';
import { writeReport } from '../write/reportFiles.js';
import { outputsOf, type VerifyValues } from './prepare.js';

export async function show(
  report: VerifyReport,
  verdicts: Verdict[],
  values: VerifyValues,
  terminal: Terminal,
  told: readonly string[],
): Promise<void> {
  const complete = { ...report, ...(verdicts.length > 0 && { verdicts }) };
  await writeReport(complete, { html: values.html, ...(values.json !== '-' && { json: values.json }) });
  if (values.json === '-') {
    terminal.print(jsonLines(complete));
    return;
  }
  terminal.print(renderTable(parseReport(JSON.stringify(complete), 'the report')).split('\n'));
  for (const verdict of verdicts) {
    const { requirement, device, met } = verdict;
    terminal.print(
      `${met ? 'met' : 'NOT met'}: ${requirement} on ${device} (${comparedText({ ...verdict })})`,
    );
  }
  for (const note of report.notes) if (!told.includes(note)) terminal.note(`note: ${note}`);
  const written = outputsOf(values);
  if (written.length > 0) terminal.print(`wrote ${written.join(', ')}`);
}

export function refuse(verdicts: readonly Verdict[]): void {
  const missed = verdicts.filter(({ met }) => !met);
  if (missed.length === 0) return;
  const problems = missed.map(
    (verdict): Problem => ({
      what: `requirement ${verdict.requirement} is not met: ${comparedText({ ...verdict })}`,
      where: `device ${verdict.device}`,
    }),
  );
  throw new TemperError('requirement', problems);
}
