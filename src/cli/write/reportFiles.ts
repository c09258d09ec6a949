/** report.json and report.html. */
import { renderReport } from '../../report/renderReport.js';
import { parseReport } from '../../report/report.js';
import { writeJson, writeWhole } from './outputFile.js';

/** Writes the report in the forms that have a path. What is written is what a reader of the JSON file would see. */
export async function writeReport(
  report: object,
  { json, html }: { json?: string | undefined; html?: string | undefined },
): Promise<void> {
  if (json) await writeJson(json, report);
  if (html) await writeWhole(html, renderReport(parseReport(JSON.stringify(report), html)));
}
