import { lookup } from 'node:dns/promises';

/** Of a host, as the system says. */
export async function addressesOf(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
