import { BlockList, isIP } from 'node:net';

/*
 * Where this server may send events and requests. Receivers inside one's own network are common, so private addresses are allowed; those of the
 * machine's own metadata, which hand out credentials, are not:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html (169.254.169.254, fd00:ec2::254)
 */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4');
FORBIDDEN.addSubnet('0.0.0.0', 8, 'ipv4');
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6');
FORBIDDEN.addAddress('::', 'ipv6');
// IPv4 inside IPv6: mapped addresses BlockList sees through; translated ones (RFC 6052) it does not.
FORBIDDEN.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');

const METADATA_NAMES = new Set(['metadata.google.internal', 'instance-data', 'instance-data.ec2.internal']);

/** What stands against sending to this URL; `null`: nothing, as far as the text shows. */
export function urlProblem(text: string): string | null {
  if (!URL.canParse(text)) return 'expected a URL';
  const url = new URL(text);
  const host = hostOf(url);
  if (url.username !== '' || url.password !== '') return 'a URL with a user or a password would show it';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(host)))
    return 'expected https, or http to this machine';
  if (METADATA_NAMES.has(host.toLowerCase().replace(/\.$/, ''))) return `${host} serves metadata`;
  return addressProblem(host);
}

/** The same of an address that a name has led to. What is no address has no problem. */
export function addressProblem(address: string): string | null {
  const family = isIP(address);
  if (family === 0) return null;
  const isForbidden = FORBIDDEN.check(address, family === 6 ? 'ipv6' : 'ipv4');
  return isForbidden ? `${address} is link-local or serves metadata` : null;
}

/** Without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** This very machine. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host === 'localhost';
  return LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
