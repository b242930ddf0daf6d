import { execution, technology, wave } from '#cli/testing.ts';
import type { ResourceOutcome } from '#core/outcome.ts';
import { expect, test } from 'vitest';
import { convert } from 'xmlbuilder2';
import { junitOf } from './junit.ts';

const outcome = (resourceId: string, part: Partial<ResourceOutcome> = {}): ResourceOutcome => ({
  resourceId,
  status: 'completed',
  ...part,
});

const wavesOf = (...waves: Parameters<typeof technology>[0][][]): ReturnType<typeof execution> =>
  execution({
    waves: waves.map((technologies, i) =>
      wave({
        waveNumber: i + 1,
        name: `Tier ${i + 1}`,
        technologies: technologies.map((one) => technology(one)),
      }),
    ),
  });

interface Element {
  readonly [name: string]: unknown;
}

/** The suites as plain data: attributes begin with `@`. */
function parse(xml: string): Element {
  return (convert(xml, { format: 'object' }) as { testsuites: Element }).testsuites;
}

test('a wave is a suite, a resource a case with its time in seconds, and the totals are right', async () => {
  const xml = await junitOf(
    wavesOf(
      [
        {
          status: 'failed',
          names: { 's-1': 'app-01' },
          outcomes: [
            outcome('s-1', { startedAt: '2026-01-07T10:00:00Z', completedAt: '2026-01-07T10:02:05.500Z' }),
            outcome('s-2', {
              status: 'failed',
              error: { code: 'drs:CONVERSION_FAIL', message: 'no boot disk' },
            }),
            outcome('s-3', { status: 'skipped', detail: 'the person said so' }),
          ],
        },
      ],
      [{ type: 'application', operation: 'scripts', name: 'Start', status: 'pending' }],
    ),
  );
  expect(parse(xml)).toMatchObject({
    '@name': 'drill of Core banking',
    '@tests': '4',
    '@failures': '1',
    '@skipped': '2',
    '@time': '125.500',
    testsuite: [
      {
        '@name': 'Wave 1: Tier 1',
        '@tests': '3',
        '@failures': '1',
        '@skipped': '1',
        '@errors': '0',
        testcase: [
          { '@name': 'app-01', '@classname': 'wave-1.drs.recovery', '@time': '125.500' },
          { '@name': 's-2', failure: { '@type': 'drs:CONVERSION_FAIL', '@message': 'no boot disk' } },
          { '@name': 's-3', skipped: { '@message': 'the person said so' } },
        ],
      },
      {
        '@name': 'Wave 2: Tier 2',
        '@tests': '1',
        testcase: { '@name': 'Start', skipped: { '@message': 'pending' } },
      },
    ],
  });
});

test('a technology that failed without any resource failing is a failure of its own', async () => {
  const failed = {
    status: 'failed',
    error: { code: 'TechnologyTimeout', message: 'took too long' },
  } as const;
  const { testsuite } = parse(
    await junitOf(wavesOf([{ ...failed, outcomes: [outcome('s-1')], executionTime: 'PT1M' }])),
  );
  expect(testsuite).toMatchObject({
    '@failures': '1',
    testcase: [
      { '@name': 's-1' },
      { '@name': 'drs/recovery', '@time': '60.000', failure: { '@message': 'took too long' } },
    ],
  });
});

test('names and messages with markup or control characters leave the document well-formed', async () => {
  const message = 'a <b> & "c" ]]> \u0000\u001b[31m\uD800 d';
  const failed = outcome('<s>&"', { status: 'failed', error: { code: 'X', message } });
  const xml = await junitOf(wavesOf([{ status: 'failed', outcomes: [failed] }]));
  expect(xml).toContain('name="&lt;s&gt;&amp;&quot;"');
  expect(xml).toContain('message="a &lt;b&gt; &amp; &quot;c&quot; ]]&gt; \uFFFD\uFFFD[31m\uFFFD d"');
  expect(xml).toContain('>a &lt;b&gt; &amp; "c" ]]&gt; \uFFFD\uFFFD[31m\uFFFD d</failure>');
});
