/** report.json to report.html: one file, no script, nothing from the network. */
import { visible, withTexts } from '../text/visible.js';
import { gainTable } from './gains.js';
import { type Html, html, markup } from './html.js';
import { largestTable } from './largest.js';
import { modelOf, runsByModel } from './panel.js';
import { noiseModel, recipe, repetition } from './provenance.js';
import type { Report } from './report.js';
import { cards, curves, layerTables, levelTable, verdictList } from './results.js';
import { style } from './style.js';
import { verdict } from './verdict.js';
import { fileName } from './words.js';

export function renderReport(given: Report): string {
  const report = withTexts(given, visible);
  const title = report.title ?? titleOf(report);
  const layers = layerTables(report);
  const [gains, largest] = [gainTable(report), largestTable(report)];
  const notes = report.notes ?? [];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Temper</title>
<style>${markup(style)}</style>
</head>
<body>
<main>
<p class="kicker">Temper report</p>
<h1>${title}</h1>
<p class="verdict">${verdict(report)}</p>
${cards(report)}
${verdictList(report)}
${curves(report)}
${gains && section('What the gain is made of', gains)}
${largest && section('Largest weight of each tensor', largest)}
${section('By noise level', levelTable(report))}
${notes.length > 0 && section('Notes', html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`)}
${section('How the noise was modelled', noiseModel(report))}
${layers && section('Effective noise of each layer', html`<details open><summary>standard deviation of a programmed weight, root mean square over the tensor; in brackets relative to its largest weight</summary>${layers}</details>`)}
${section('Recipe', recipe(report))}
${section('How to repeat it', repetition(given))}
<footer>Written by Temper from report.json (schema ${report.schema}), which holds every draw.</footer>
</main>
</body>
</html>
`;
  return page.text;
}

function section(title: string, content: Html): Html {
  return html`<section><h2>${title}</h2>${content}</section>`;
}

function titleOf(report: Report): string {
  const names = [...runsByModel(report).keys()];
  const path = [names.at(0), names.at(-1)]
    .map((each) => each && modelOf(report, each)?.path)
    .find((one) => one);
  const name = path === undefined ? 'Model' : fileName(path);
  const other = report.trainedFor === undefined && modelOf(report, 'after')?.path;
  if (report.against !== undefined && path !== undefined && other)
    return `${fileName(other)} against ${fileName(path)}`;
  return names.length > 1 ? `${name}, before and after hardening` : `${name} under device noise`;
}
