import { BreakwaterError } from '#core/errors.ts';
import { expect, test } from 'vitest';
import { runCommandLine } from '../program.ts';
import type { ServeParams } from '../host.ts';
import { execution, fakeControl, fakeIo, fakeLocal } from '../testing.ts';

/** What a `serve` with these options asks of the host, which then cannot. */
async function served(...options: string[]): Promise<{ asked: ServeParams | undefined; said: string }> {
  const io = fakeIo();
  const { local } = fakeLocal(fakeControl({ view: execution(), events: [] }));
  let asked: ServeParams | undefined;
  const serve = async (params: ServeParams): Promise<never> => {
    asked = params;
    throw new BreakwaterError('NotReady', 'not here');
  };
  expect(await runCommandLine(['serve', ...options], { io, local: { ...local, serve } })).toBe(1);
  return { asked, said: io.err.join('\n') };
}

test('nobody is believed who a caller is, unless proxies are named', async () => {
  expect((await served()).asked!.trustProxy).toBeUndefined();
  expect((await served('--trust-proxy', '10.0.0.0/16, 192.0.2.7,::1')).asked!.trustProxy).toEqual([
    '10.0.0.0/16',
    '192.0.2.7',
    '::1',
  ]);
});

test.each(['true', '1', '*', '', '10.0.0.0/33', '10.0.0.0/0', '10.0.0.0/8/8', 'proxy.local', '10.0.0.1,'])(
  '--trust-proxy %j names no proxies, and nothing is started',
  async (value) => {
    const { asked, said } = await served('--trust-proxy', value);
    expect(asked).toBeUndefined();
    expect(said).toContain('expected addresses or CIDR ranges such as 10.0.0.0/16,::1');
  },
);
