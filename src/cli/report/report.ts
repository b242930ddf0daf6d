import type { ExecutionEventRecord } from '#core/events.ts';
import type { ExecutionExport } from '#core/export.ts';
import type { ExecutionView } from '#core/view.ts';
import { html, type Html } from './html.ts';
import { STYLES } from './styles.ts';
import { renderProblems, renderVerdict } from './summary-section.ts';
import { renderDecisions, renderEvents, renderResources, renderWaves } from './tables.ts';
import { renderTimeline } from './timeline.ts';

/**
 * The report of an execution as one HTML file that needs nothing else: no script, no network, fit to be printed and to be
 * kept as evidence. Pure: the same execution gives the same file.
 */
export function renderReport(exported: ExecutionExport, events: readonly ExecutionEventRecord[]): string {
  const { execution } = exported;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${execution.planName}: ${execution.mode} ${execution.executionId}</title>
        <style>
          ${{ markup: STYLES }}
        </style>
      </head>
      <body>
        <main>
          <header>
            <div class="brand">
              Breakwater · ${execution.mode} report${execution.simulated ? ' · on a simulated AWS' : ''}
            </div>
            <h1>${execution.planName}</h1>
            <p class="quiet">
              ${period(execution)} · started by ${execution.enterpriseContext.initiatedBy} ·
              <code>${execution.executionId}</code>
            </p>
          </header>
          ${renderVerdict(exported)}
          <section>
            <h2>Timeline</h2>
            ${renderTimeline(exported)}
          </section>
          <section>
            <h2>What needs attention</h2>
            ${renderProblems(execution)}
          </section>
          <section>
            <h2>Waves</h2>
            ${renderWaves(execution)}
          </section>
          <section>
            <h2>Waiting and decisions</h2>
            ${renderDecisions(execution)}
          </section>
          <section>
            <h2>Resources</h2>
            ${renderResources(execution)}
          </section>
          <section>
            <h2>Event log</h2>
            ${renderEvents(events, execution.startedAt)}
          </section>
          ${renderFooter(execution)}
        </main>
      </body>
    </html> `.markup;
}

/** `7 January 2026, 10:00 to 10:30 UTC`. */
function period({ startedAt, completedAt }: ExecutionView): string {
  const until =
    completedAt === undefined
      ? ''
      : ` to ${sameDay(startedAt, completedAt) ? '' : `${day(completedAt)}, `}${completedAt.slice(11, 16)}`;
  return `${day(startedAt)}, ${startedAt.slice(11, 16)}${until} UTC`;
}

function sameDay(a: string, b: string): boolean {
  return a.slice(0, 10) === b.slice(0, 10);
}

function day(at: string): string {
  return new Date(at).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
}

function renderFooter({ planId, planHash, executionId, enterpriseContext }: ExecutionView): Html {
  const { parentExecutionId, tags } = enterpriseContext;
  const entries: [string, string | undefined][] = [
    ['Plan', planId],
    ['Plan content (SHA-256)', planHash],
    ['Execution', executionId],
    ['Part of execution', parentExecutionId],
    [
      'Tags',
      Object.entries(tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(', '),
    ],
  ];
  const shown = entries.filter(([, value]) => value !== undefined && value !== '');
  return html`<footer>
    <dl>
      ${shown.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd><code>${value}</code></dd>`,
      )}
    </dl>
  </footer>`;
}
