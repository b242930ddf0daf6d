import { describe, expect, test } from 'vitest';
import stringWidth from 'string-width';
import type { ExecutionView } from '#core/view.ts';
import { renderLiveView, type LiveViewOptions } from './live-view.ts';
import { at, execution, gate, servers, technology, wave } from './testing.ts';

function render(view: ExecutionView, part: Partial<LiveViewOptions> = {}): string {
  const options = { now: Date.parse(at(1_200)), width: 100, height: 40, color: false, frame: 0, ...part };
  return `\n${renderLiveView(view, options)}\n`.replace(/ +$/gm, '');
}

/** 40 waves of which five are complete, and the sixth recovers 400 servers. */
function largeExecution(): ExecutionView {
  const launching = technology({
    status: 'in_progress',
    startedAt: at(50),
    resources: servers(400, 'pending').map(({ resourceId }) => resourceId),
    outcomes: [
      ...servers(312, 'completed'),
      ...servers(40, 'in_progress', 312),
      { ...servers(1, 'failed', 352)[0]!, error: { code: 'drs:LAUNCH_FAILED', message: 'no capacity' } },
    ],
  });
  const waves = Array.from({ length: 40 }, (_, index) =>
    wave({
      waveNumber: index + 1,
      name: `第${index + 1}波 Zürich`,
      dependencies: index === 0 ? [] : [index],
      ...(index < 5
        ? { status: 'completed', startedAt: at(index * 10), completedAt: at(index * 10 + 10) }
        : {}),
      ...(index === 5 ? { status: 'in_progress', startedAt: at(50), technologies: [launching] } : {}),
    }),
  );
  return execution({ waves });
}

describe('the live view', () => {
  test('shows waves, technologies and servers with what they took and were expected to take', () => {
    expect(render(execution(), { time: '60× real time' })).toBe(`
◐ Core banking · drill · exec-12345                                                    60× real time
  in progress · 20m 00s elapsed, 26m 00s expected                    ━─────────────────── RTO 4h 00m

✓  1  Database Tier                                                                 4m 50s /  5m 00s
     ✓ database failover              1 of 1                                        4m 50s /  5m 00s
◐  2  Application Tier                                                             15m 10s / 19m 00s
     ◐ drs recovery                   ━━━━──────── 1 of 3  job drsjob-1: 1 of 3 l… 15m 10s / 15m 00s
         ✓ app-01                     completed
         ◐ s-00000000000000001        launching, conversion has ended
         ○ s-00000000000000002        pending
     ○ application scripts            0 of 1
○  3  Infrastructure  after 2                                                            – /  2m 00s
     ○ infrastructure dns update
`);
  });

  test('keeps to a narrow and low terminal: servers become counts, idle waves one line', () => {
    expect(render(execution(), { width: 60, height: 11 })).toBe(`
◐ Core banking · drill · exec-12345
  in progress · 20m 00s elapsed, 26m 00s expected RTO 4h 00m

✓  1  Database Tier                         4m 50s /  5m 00s
◐  2  Application Tier                     15m 10s / 19m 00s
     ◐ drs recovery           1 of 3  job… 15m 10s / 15m 00s
         ✓ 1 completed   ◐ 1 in progress   ○ 1 pending
     ○ application scripts    0 of 1
○  3  Infrastructure  after 2                    – /  2m 00s
`);
  });

  test('says why it waits for a person, how long, and what to type elsewhere', () => {
    const view = execution({ status: 'paused', gates: [gate({ openedAt: at(1_110) })], waves: [] });
    expect(render(view, { width: 80 })).toBe(`
‖ Core banking · drill · exec-12345
  paused · 20m 00s elapsed, 26m 00s expected                          RTO 4h 00m


‖ Wave 2 waits for a person: the plan asks for a look after this wave for 1m 30s
  breakwater executions resume exec-12345
`);
  });

  test('names the gate and its actions when something failed', () => {
    const decision = gate({
      gateId: 'g-7',
      kind: 'decision',
      reason: 'boom',
      actions: ['retry', 'skip', 'cancel'],
    });
    expect(render(execution({ gates: [decision] }))).toContain(
      '  breakwater executions decide exec-12345 --gate g-7 --action retry|skip|cancel\n',
    );
  });

  test('shows of forty waves those around the work, and of 400 servers the counts and the failures', () => {
    expect(render(largeExecution(), { height: 14 })).toBe(`
◐ Core banking · drill · exec-12345
  in progress · 20m 00s elapsed, 26m 00s expected                    ━─────────────────── RTO 4h 00m

  ✓ 5 waves before, all complete
◐  6  第6波 Zürich                                                                 19m 10s /  5m 00s
     ◐ drs recovery                   ━━━━━━━━━─── 312 of 400, 1 failed            19m 10s / 15m 00s
         ✓ 312 completed   ◐ 40 in progress   ✗ 1 failed   ○ 47 pending
         ✗ s-00000000000000160        no capacity
○  7  第7波 Zürich  after 6                                                              – /  5m 00s
○  8  第8波 Zürich  after 7                                                              – /  5m 00s
○  9  第9波 Zürich  after 8                                                              – /  5m 00s
○ 10  第10波 Zürich  after 9                                                             – /  5m 00s
  ○ 30 more waves
`);
  });

  test.each([
    { width: 20, height: 5 },
    { width: 40, height: 10 },
    { width: 80, height: 24 },
    { width: 200, height: 60 },
  ])('never leaves a terminal of $width × $height', ({ width, height }) => {
    const text = renderLiveView(largeExecution(), {
      now: Date.parse(at(1_200)),
      width,
      height,
      color: true,
      frame: 3,
    });
    const lines = text.split('\n');
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
    expect(lines.length).toBeLessThanOrEqual(Math.max(height - 1, 6));
  });

  test('shows everything when asked to, also servers that are done', () => {
    const done = technology({ status: 'completed', outcomes: servers(12, 'completed') });
    const text = render(execution({ waves: [wave({ technologies: [done] })] }), {
      everything: true,
      height: 3,
    });
    expect(text.match(/✓ s-[0-9a-f]{17} +completed\n/g)).toHaveLength(12);
  });

  test('says when the recovery time objective is passed', () => {
    const view = execution({ objectives: { rto: 'PT15M' }, waves: [] });
    expect(render(view)).toContain('━━━━━━━━━━━━━━━━━━━━ RTO over by 5m 00s');
  });

  test('shows a pause or cancel that was asked for, attempts, and errors', () => {
    const failed = technology({
      status: 'failed',
      attempt: 2,
      error: { code: 'X', message: 'no\u001B[31m luck' },
    });
    const text = render(
      execution({ pauseRequested: true, waves: [wave({ status: 'paused', technologies: [failed] })] }),
    );
    expect(text).toContain('  in progress, pause requested · ');
    expect(text).toContain('✗ drs recovery                     attempt 2  no [31m luck');
    expect(render(execution({ cancelRequested: true }))).toContain('  in progress, cancelling · ');
  });
});
