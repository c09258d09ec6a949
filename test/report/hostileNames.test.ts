/** Names of strangers in a report: the page and the picture stay well-formed, the table stays a table, the command a command. */
import { execFileSync } from 'node:child_process';
import { parseHTML } from 'linkedom';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { renderCurve } from '../../src/report/curve.js';
import { renderReport } from '../../src/report/renderReport.js';
import { type Report, type ReportRun, reportSchema } from '../../src/report/report.js';
import { renderTable } from '../../src/report/table.js';
import { example } from './example.js';

const names = {
  controls: 'a\u001b[2J\u001b]0;t\u0007\u0000\b\u007f\u009b31mb',
  lines: 'a\r\nmet: all of it\nb\u2028c\u0085d',
  direction: 'a\u202etxt.exe\u2066\u061c\u200e',
  markup: `<script>alert("1")</script> & &amp; &nbsp; &lt; ]]> <!-- --> <![CDATA[ '"`,
  spaces: 'a\u00a0b\u3000c',
  'no characters': '\ud800 \udfff \ufffe \uffff \u{1fffe}',
  'fields of every object': '__proto__',
  constructor: 'constructor',
};

/** The example with this name wherever a name may come from elsewhere. */
function named(name: string): Report {
  const report = example();
  const model = { path: name, label: name, sha256: '0'.repeat(64) };
  const run = (each: ReportRun): ReportRun => ({
    ...each,
    device: `gaussian:${each.device.split(':')[1]}:${name}`,
    layers: each.layers!.map((layer) => ({ ...layer, tensor: name, opType: name })),
    landmarks: [{ level: 0.07, what: name }],
    ...{ summary: name, formula: name, citation: name, notModelled: [name], noiseOn: name },
  });
  return {
    ...report,
    title: name,
    model,
    models: { before: { ...model }, after: { ...model } },
    data: { ...report.data, spec: name, files: [{ path: name, sha256: '0'.repeat(64) }] },
    runs: report.runs.map(run),
    command: undefined,
    settings: Object.fromEntries([[name, name]]),
    versions: Object.fromEntries([[name, name]]),
    files: [{ path: name, sha256: '0'.repeat(64) }],
    notes: [name],
  };
}

describe.each(Object.entries(names))('a name with %s', (_, name) => {
  const report = named(name);
  /** All that may not leave: signs that are not seen, but for our own line breaks. */
  const unseen = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffe\uffff]/u;

  // The parser of librsvg accepts nothing but well-formed XML.
  it('is text in the picture, which is XML', async () => {
    const svg = renderCurve(report);
    expect(svg).not.toMatch(unseen);
    expect((await sharp(Buffer.from(svg)).metadata()).format).toBe('svg');
  });

  it('is text on the page', () => {
    const source = renderReport(report);
    expect(source).not.toMatch(unseen);
    expect(source).not.toMatch(/<script|<!\[CDATA/);
    const { document } = parseHTML(source);
    expect(document.querySelectorAll('section').length).toBe(
      parseHTML(renderReport(named('plain'))).document.querySelectorAll('section').length,
    );
  });

  it('writes no line of its own in the table', () => {
    const lines = (of: Report) => renderTable(of).split('\n').length;
    expect(lines(report)).toBe(lines(named('plain')));
    expect(renderTable(report)).not.toMatch(unseen);
  });

  it.runIf(process.platform !== 'win32' && !/\0|[\ud800-\udfff]/.test(name))(
    'comes back from a shell',
    () => {
      const command = parseHTML(renderReport(report)).document.querySelectorAll('pre');
      const line = [...command].at(-1)!.textContent!;
      const words = execFileSync('bash', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' }).split('\0');
      expect(words[2]).toBe(name);
      expect(words[4]).toBe(name);
    },
  );
});

it('is a test of reports that are read', () => {
  for (const name of Object.values(names)) expect(reportSchema.safeParse(named(name)).success).toBe(true);
});
