import { describe, expect, test } from 'vitest';
import { exportOf } from '#core/export.ts';
import { at, event, execution, gate, technology, wave } from '../testing.ts';
import { renderReport } from './report.ts';
import { tickLabel, ticksOf } from './timeline-scale.ts';

const ended = execution({ status: 'completed', outcome: 'clean', completedAt: at(1_800) });

function reportOf(view = ended, events = [event()]): string {
  return renderReport(exportOf(view), events);
}

describe('the report', () => {
  test('says first how it ended, in what time, and whether the objective was met', () => {
    const text = reportOf();
    expect(text).toContain(
      '<strong>✓ Completed</strong> <p>1 of 3 waves complete in 30m 00s, within the recovery time objective.</p>',
    );
    expect(text).toContain('<dd>30m 00s<small>planned 26m 00s</small></dd>');
    expect(text).toContain('✓ met');
    expect(text).toContain('7 January 2026, 10:00 to 10:30 UTC · started by ada');
  });

  test('says when nothing real was touched', () => {
    const titleOf = (simulated: boolean): string =>
      /<div class="brand">\s*([^<]*?)\s*<\/div>/.exec(
        renderReport(exportOf(execution({ simulated })), []),
      )![1]!;
    expect(titleOf(true)).toBe('Breakwater · drill report · on a simulated AWS');
    expect(titleOf(false)).toBe('Breakwater · drill report');
  });

  test('escapes every name, and turns no characters that could do harm into markup', () => {
    const evil = '<script>alert("x")</script>&\u202E\u0000';
    const text = reportOf(
      execution({
        planName: evil,
        waves: [
          wave({
            name: evil,
            technologies: [
              technology({ name: evil, outcomes: [{ resourceId: evil, status: 'failed', detail: evil }] }),
            ],
          }),
        ],
        gates: [
          gate({ waveNumber: 1, reason: evil, resolution: { action: 'skip', by: evil, reason: evil } }),
        ],
        enterpriseContext: { initiatedBy: evil, tags: { [evil]: evil } },
        error: { code: evil, message: evil },
      }),
      [event({ message: evil })],
    );
    expect(text).not.toContain('<script');
    expect(text).not.toContain('\u0000');
    expect(text).not.toContain('\u202E');
    expect(text).toContain('<h1>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;  </h1>');
  });

  test('is one file without script, link or image from elsewhere', () => {
    const text = reportOf();
    expect(text).not.toMatch(/<script|<link|<img|src=|href=|url\(["']?(?!#)/);
    expect(text).toContain("content=\"default-src 'none'; style-src 'unsafe-inline'\"");
  });

  test('names what was skipped, by whom and why', () => {
    const skipped = technology({
      status: 'skipped',
      outcomes: [{ resourceId: 's-1', status: 'failed', error: { code: 'drs:X', message: 'no boot' } }],
    });
    const text = reportOf({
      ...ended,
      outcome: 'with_exceptions',
      waves: [wave({ status: 'completed', startedAt: at(0), completedAt: at(600), technologies: [skipped] })],
      gates: [
        gate({
          waveNumber: 1,
          kind: 'decision',
          status: 'closed',
          openedAt: at(300),
          closedAt: at(420),
          reason: 'drs failed',
          resolution: { action: 'skip', by: 'grace', reason: 'it can wait' },
        }),
      ],
    });
    expect(text).toContain('! Completed, with exceptions');
    expect(text).toContain('1 resource failed. What failed in wave 1 was skipped by grace: “it can wait”.');
    expect(text).toContain('s-1 (wave 1, drs recovery): no boot');
    expect(text).toContain(
      '<th scope="row" class="nowrap">+5m 00s</th><td class="nowrap">1</td><td >decision: drs failed</td><td class="number">2m 00s</td><td >skip: it can wait</td><td class="nowrap">grace</td>',
    );
  });

  test.each([
    {
      name: 'failed',
      view: execution({
        status: 'failed',
        completedAt: at(60),
        error: { code: 'X', message: 'wave 2 failed' },
      }),
      verdict: '<strong>✗ Failed</strong> <p>1 of 3 waves complete in 1m 00s. wave 2 failed.</p>',
    },
    {
      name: 'cancelled',
      view: execution({ status: 'cancelled', completedAt: at(60) }),
      verdict: '<strong>⊘ Cancelled</strong>',
    },
    {
      name: 'not finished',
      view: execution(),
      verdict: '<strong>◐ Not finished yet</strong> <p>1 of 3 waves complete.</p>',
    },
    {
      name: 'too late',
      view: { ...ended, objectives: { rto: 'PT10M' } },
      verdict: '30m 00s, over the recovery time objective',
    },
  ])('is honest about an execution that is $name', ({ view, verdict }) => {
    expect(reportOf(view)).toContain(verdict);
  });

  test('draws waves and technologies where they were, planned and waiting as well', () => {
    const text = reportOf({
      ...ended,
      objectives: {},
      waves: [ended.waves[0]!],
      completedAt: at(1_000),
      gates: [
        gate({
          waveNumber: 1,
          status: 'closed',
          openedAt: at(290),
          closedAt: at(1_000),
          resolution: { action: 'resume', by: 'ada' },
        }),
      ],
    });
    expect(text).toContain(
      '<rect class="completed" x="236" width="189.1" y="29" height="15" rx="2"><title>1  Database Tier: completed, 4m 50s</title>',
    );
    expect(text).toContain(
      '<rect class="waiting" x="425.1" width="462.9" y="29" height="15" rx="2"><title>pause gate: the plan asks for a look after this wave; resume by ada, 11m 50s</title>',
    );
    expect(text).toContain(
      '<rect class="planned" x="236" width="195.6" y="46" height="6" rx="2"><title>planned: 5m 00s</title>',
    );
    expect(text).toContain('<title id="timeline-0-title">Timeline of Core banking</title>');
  });

  test('draws a technology from its first attempt on, and says its failure once', () => {
    const failed = technology({
      status: 'failed',
      attempt: 2,
      firstStartedAt: at(0),
      startedAt: at(600),
      completedAt: at(1_200),
      outcomes: [{ resourceId: 's-1', status: 'failed', error: { code: 'drs:X', message: 'no boot' } }],
      error: { code: 'RecoveryFailed', message: '1 of 1 servers were not launched' },
    });
    const waves = [
      wave({ status: 'failed', startedAt: at(0), completedAt: at(1_200), technologies: [failed] }),
    ];
    const text = reportOf(execution({ status: 'failed', completedAt: at(1_200), waves }));
    expect(text).toContain('drs recovery: failed, 20m 00s');
    const [, problems] = /<ul class="problems">([\s\S]*?)<\/ul>/.exec(text)!;
    expect(problems!.match(/<li>/g)).toHaveLength(1);
    expect(problems).toContain('s-1 (wave 1, drs recovery): no boot');
  });

  test('cuts the timeline of a long plan into figures that fit a page each', () => {
    const waves = Array.from({ length: 40 }, (_, index) =>
      wave({ waveNumber: index + 1, name: `W${index}` }),
    );
    expect(reportOf(execution({ waves }))).toContain('Timeline of Core banking, part 3 of 3');
  });

  test('leaves progress reports out of the event log and says so', () => {
    const text = reportOf(ended, [event(), event({ sequence: 2, level: 'debug', message: 'still at it' })]);
    expect(text).toContain('1 event; 1 progress report left out.');
    expect(text).not.toContain('still at it');
  });

  test('ends with what identifies the plan that was run', () => {
    expect(reportOf()).toContain(
      '<dt>Plan content (SHA-256)</dt> <dd><code>9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08</code></dd>',
    );
  });
});

describe('the axis of the timeline', () => {
  test.each([
    { range: 7_000, labels: ['0:00', '0:01', '0:02', '0:03', '0:04', '0:05', '0:06', '0:07'] },
    { range: 35 * 60_000, labels: ['0:00', '5:00', '10:00', '15:00', '20:00', '25:00', '30:00', '35:00'] },
    { range: 5 * 3_600_000, labels: ['0h 00', '1h 00', '2h 00', '3h 00', '4h 00', '5h 00'] },
    { range: 9 * 86_400_000, labels: ['0d 00h', '2d 00h', '4d 00h', '6d 00h', '8d 00h'] },
    {
      range: 100 * 86_400_000,
      labels: ['0d 00h', '14d 00h', '28d 00h', '42d 00h', '56d 00h', '70d 00h', '84d 00h', '98d 00h'],
    },
  ])('has round times over $range ms', ({ range, labels }) => {
    expect(ticksOf(range).map((ms) => tickLabel(ms, range))).toEqual(labels);
  });
});
