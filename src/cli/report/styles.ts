/**
 * The look of the report: ink on paper. Meaning is never in a colour alone: each status has its glyph and its word, waiting
 * is hatched, planned is outlined. Contrasts are at least 4.5 : 1.
 */
export const STYLES = `
:root {
  color-scheme: light;
  --ink: #17212e; --quiet: #52606f; --line: #d8dee6; --paper: #fff; --wash: #f4f6f9;
  --good: #0b6b61; --good-wash: #e6f3f1; --bad: #b3261e; --bad-wash: #fbebea;
  --attention: #8a5300; --attention-wash: #fdf3e1; --active: #175cb5;
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--wash); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 1080px; margin: 32px auto; padding: 44px 52px; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; }
h1 { margin: 4px 0 2px; font-size: 31px; line-height: 1.2; letter-spacing: -0.015em; overflow-wrap: anywhere; }
h2 { margin: 44px 0 12px; font-size: 19px; letter-spacing: -0.01em; }
h3 { margin: 26px 0 6px; font-size: 15px; }
p { margin: 0 0 10px; max-width: 75ch; }
code { font: 0.9em ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
.brand { color: var(--quiet); font-size: 12.5px; font-weight: 600; letter-spacing: 0.09em; text-transform: uppercase; }
.quiet { color: var(--quiet); }
.verdict { margin: 26px 0 0; padding: 20px 24px; border-radius: 8px; border-left: 6px solid; }
.verdict strong { display: block; font-size: 23px; line-height: 1.3; letter-spacing: -0.01em; }
.verdict p { margin: 4px 0 0; font-size: 16px; }
.verdict.good { background: var(--good-wash); border-color: var(--good); }
.verdict.bad { background: var(--bad-wash); border-color: var(--bad); }
.verdict.attention { background: var(--attention-wash); border-color: var(--attention); }
.good > strong, .status.good { color: var(--good); }
.bad > strong, .status.bad { color: var(--bad); }
.attention > strong, .status.attention { color: var(--attention); }
.status.active { color: var(--active); }
.status { font-weight: 600; white-space: nowrap; }
.facts { display: grid; grid-template-columns: repeat(5, 1fr); gap: 0; margin: 22px 0 0; border: 1px solid var(--line); border-radius: 8px; }
.facts > div { padding: 14px 16px; border-left: 1px solid var(--line); }
.facts > div:first-child { border-left: 0; }
.facts dt { color: var(--quiet); font-size: 13px; }
.facts dd { margin: 0; font-size: 22px; font-weight: 600; letter-spacing: -0.01em; }
.facts dd svg { display: block; width: 100%; height: 6px; margin: 6px 0 4px; }
.facts dd small { display: block; font-size: 13px; font-weight: 400; letter-spacing: 0; color: var(--quiet); }
ul.problems { margin: 0; padding: 0; list-style: none; }
ul.problems li { padding: 10px 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
ul.problems li:first-child { border-top: 1px solid var(--line); }
table { width: 100%; border-collapse: collapse; font-size: 13.5px; }
caption { text-align: left; color: var(--quiet); padding: 0 0 8px; font-size: 13.5px; }
th, td { padding: 7px 14px 7px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
td, tbody th { overflow-wrap: break-word; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--quiet); font-weight: 600; font-size: 12.5px; border-bottom: 1.5px solid var(--ink); white-space: nowrap; }
tbody th { font-weight: 600; }
.number { text-align: right; white-space: nowrap; }
.nowrap { white-space: nowrap; }
.late { color: var(--bad); }
figure { margin: 0 0 8px; }
figure svg { display: block; width: 100%; height: auto; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 22px; margin: 6px 0 12px; padding: 0; list-style: none; font-size: 13px; color: var(--quiet); }
.legend svg { width: 26px; height: 12px; margin-right: 7px; vertical-align: -1px; }
svg text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; fill: var(--ink); }
svg .soft { fill: var(--quiet); }
svg .heavy { font-weight: 600; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .objective { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 2 3; }
svg .band { fill: var(--wash); }
svg .planned { fill: none; stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 3 2; }
svg .completed { fill: var(--good); }
svg .failed { fill: var(--bad); }
svg .cancelled, svg .skipped { fill: var(--attention); }
svg .in_progress, svg .paused, svg .pending { fill: var(--active); }
svg .part { opacity: 0.72; }
svg .waiting { fill: url(#hatch); stroke: var(--attention); stroke-width: 1; }
svg .track { fill: var(--wash); stroke: var(--line); }
footer { margin-top: 44px; padding-top: 18px; border-top: 1.5px solid var(--ink); font-size: 13px; }
footer dl { display: grid; grid-template-columns: max-content 1fr; gap: 3px 18px; margin: 0; }
footer dt { color: var(--quiet); }
footer dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 720px) {
  main { margin: 0; padding: 24px 18px; border: 0; border-radius: 0; }
  .facts { grid-template-columns: repeat(2, 1fr); }
  .facts > div:nth-child(odd) { border-left: 0; }
  .facts > div:nth-child(n + 3) { border-top: 1px solid var(--line); }
  .scroll { overflow-x: auto; }
  figure svg { min-width: 640px; }
  figure { overflow-x: auto; }
}
@page { size: A4; margin: 15mm 14mm; }
@media print {
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { background: none; font-size: 10.5pt; }
  main { max-width: none; margin: 0; padding: 0; border: 0; border-radius: 0; }
  h1 { font-size: 21pt; } h2 { font-size: 13.5pt; margin-top: 9mm; } h3 { font-size: 10.5pt; }
  h2, h3, caption { break-after: avoid; }
  svg text { font-size: 15px; }
  table { font-size: 8.5pt; } caption { font-size: 9pt; }
  th, td { padding-top: 1.2mm; padding-bottom: 1.2mm; }
  thead { display: table-header-group; }
  tbody tr:first-child { break-before: avoid; }
  tr, figure, .verdict, .facts, ul.problems li, footer { break-inside: avoid; }
}
`;
