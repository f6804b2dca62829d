import type { DnsRecord } from '../../../src/lib/dns-record.ts'
import type { DnsExplanation, DnsOutcome, DnsResolver, DnsSecurity } from '../../../src/ports/dns-resolver.ts'

/** What one name and type has: records, or the outcome itself. */
type Told = readonly DnsRecord[] | DnsOutcome

/** Knows `name TYPE` as it was told; a name that it knows under another type has no data, others do not exist. */
export function createFakeDnsResolver(
  zone: Readonly<Record<string, Told>>,
  security: DnsSecurity = 'insecure',
): DnsResolver & { readonly asked: string[] } {
  const asked: string[] = []
  const names = new Set(Object.keys(zone).map((key) => key.split(' ')[0]))
  const resolver = {
    asked,
    async resolve({ name, type }: { name: string; type: string }): Promise<DnsOutcome> {
      asked.push(`${name} ${type}`)
      const told = zone[`${name} ${type}`]
      const facts = { security, why: [], ttl: 60, canonicalName: name } as const
      if (told === undefined) return { kind: names.has(name) ? 'no-data' : 'no-name', ...facts }
      return 'kind' in told ? told : { kind: 'records', records: told, ...facts }
    },
    async explain(question: { name: string; type: string }): Promise<DnsExplanation> {
      return { outcome: await resolver.resolve(question), chain: [], steps: [], asked: [] }
    },
  }
  return resolver
}
