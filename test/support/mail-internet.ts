import { onTestFinished } from 'vitest'
import { readDs } from '../../src/modules/resolver/dnssec/records.ts'
import { type Internet, startInternet, type ZoneSketch } from './dns/internet.ts'
import { dsRecord } from './dns/signing.ts'

interface MailInternet extends Internet {
  /** What a server needs to be told to live in it. */
  readonly env: Readonly<Record<string, string>>
}

/** A private internet on the real clock, for servers that run as processes of their own. Ends with the test. */
export async function startMailInternet(
  sketches: Readonly<Record<string, ZoneSketch>>,
): Promise<MailInternet> {
  const net = await startInternet(sketches, Date.now())
  onTestFinished(() => net.stop())
  const ds = readDs(dsRecord('.', net.anchor).data)
  if (!ds) throw new Error('the root has no key')
  const { keyTag, algorithm, digestType, digest } = ds
  const env = {
    DNS_RESOLVERS: '',
    DNS_ROOT_HINTS: `${net.servers.get('.')?.ip ?? ''}@${net.fleet.port}`,
    DNS_TRUST_ANCHORS: `.:${keyTag}:${algorithm}:${digestType}:${Buffer.from(digest).toString('hex')}`,
  }
  return { ...net, env }
}

/** A zone whose mail is taken at an address. */
export const mailZone = (name: string, ip: string): ZoneSketch => ({
  lines: [`${name}. 300 MX 10 mx.${name}.`, `mx.${name}. 300 A ${ip}`],
})
