/** The style sheet of report.html: system fonts, light and dark by the reader's choice, light on paper. */
import { cssVariables, dark, light } from './palette.js';

export const style = `
:root { color-scheme: light dark; ${cssVariables(light)} --panel: #f6f7f9; --good: #0a7a4f; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { ${cssVariables(dark)} --panel: #1a2028; --good: #4fd09c; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--background); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
.kicker { margin: 0; color: var(--faint); font-size: .8rem; font-weight: 600; letter-spacing: .08em; text-transform: uppercase; }
h1 { margin: .2rem 0 .8rem; font-size: 2rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 3rem 0 .8rem; font-size: 1.2rem; }
h3 { margin: 1.6rem 0 .4rem; font-size: 1rem; }
.verdict { margin: 0 0 1.8rem; font-size: 1.15rem; max-width: 46rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11.5rem, 1fr)); gap: .8rem; margin: 0 0 2rem; }
.card { padding: .9rem 1.1rem; border-radius: .6rem; background: var(--panel); }
.card p { margin: 0; color: var(--faint); font-size: .85rem; }
.card .value { color: var(--text); font-size: 1.7rem; font-weight: 650; line-height: 1.35; white-space: nowrap; font-variant-numeric: tabular-nums; }
figure { margin: 0 0 1.5rem; }
figure svg { display: block; width: 100%; height: auto; overflow: visible; }
figcaption { color: var(--faint); font-size: .85rem; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th { color: var(--faint); font-weight: 600; text-align: left; vertical-align: bottom; }
th, td { padding: .38rem .7rem .38rem 0; border-bottom: 1px solid var(--grid); }
td { white-space: nowrap; }
td.number, th.number { padding-right: 0; padding-left: .7rem; text-align: right; }
thead th { line-height: 1.3; } tbody th[rowspan] { vertical-align: top; }
tbody th { color: var(--text); font-weight: 500; white-space: nowrap; }
tr.start > * { border-top: 2px solid var(--grid); }
.dot { display: inline-block; width: .65em; height: .65em; margin-right: .45em; border-radius: 50%; }
.good { color: var(--good); } .bad { color: var(--bad); }
.bar { display: block; height: .3rem; margin: .15rem 0 0 auto; border-radius: .15rem; background: var(--faint); opacity: .55; } small { color: var(--faint); font-weight: 400; }
code, pre { font: .85em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { padding: .9rem 1.1rem; border-radius: .6rem; background: var(--panel); white-space: pre-wrap; }
.hash { color: var(--faint); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; margin: 0; font-size: .9rem; }
dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: .4rem 0; padding-left: 1.2rem; } summary { cursor: pointer; color: var(--faint); }
footer { margin-top: 3rem; color: var(--faint); font-size: .85rem; }
@media print {
  :root { color-scheme: light; ${cssVariables(light)} --panel: #f6f7f9; --good: #0a7a4f; --bad: #b3261e; }
  body { font-size: 11pt; print-color-adjust: exact; } main { max-width: none; padding: 0; }
  figure, tr, .card, pre { break-inside: avoid; } h2, h3 { break-after: avoid; }
}
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } h1 { font-size: 1.5rem; } }
`.trim();
