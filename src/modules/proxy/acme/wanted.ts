import { isIP } from 'node:net'
import type { LocalDomains } from '../../../ports/addresses.ts'
import type { DnsResolver } from '../../../ports/dns-resolver.ts'
import type { Clock } from '../../../ports/runtime.ts'
import { type Lineage, mainLineages } from './lineages.ts'

interface WantedParts {
  readonly names: readonly string[]
  /** `autoconfig`, `mta-sts` … */
  readonly prefixes: readonly string[]
  readonly domains: LocalDomains
  readonly dns: DnsResolver
  readonly clock: Clock
  /** Names that have a certificate of us now. */
  readonly had: readonly string[]
}

const lookUpMs = 10_000

/**
 * Every certificate there should be: RSA and ECDSA for HOSTNAMES, and for each domain one with those of its names that
 * lead here. Their clients are younger than ECDSA. One for each domain, so that one that fails leaves the others alone.
 */
export async function wantedLineages(parts: WantedParts): Promise<readonly Lineage[]> {
  const { prefixes, domains, clock } = parts
  // Authorities issue for names alone.
  const names = parts.names.filter((name) => isIP(name) === 0)
  const main: Lineage[] =
    names.length === 0
      ? []
      : [
          { id: mainLineages.ECDSA, key: 'ECDSA', names },
          { id: mainLineages.RSA, key: 'RSA', names },
        ]
  if (prefixes.length === 0) return main
  const own = await addressesOf(names[0] ?? '', parts)
  const ofDomains: Lineage[] = []
  for (const domain of await domains.list()) {
    const named = prefixes.map((prefix) => `${prefix}.${domain}`).filter((name) => !names.includes(name))
    const leading = await leadingHere(named, own, parts)
    if (leading.length > 0) ofDomains.push({ id: `names-of-${domain}`, key: 'ECDSA', names: leading })
    await clock.sleep(0)
  }
  return [...main, ...ofDomains]
}

async function leadingHere(
  names: readonly string[],
  own: readonly string[] | undefined,
  parts: WantedParts,
): Promise<string[]> {
  const leading: string[] = []
  for (const name of names) {
    const addresses = await addressesOf(name, parts)
    // Where DNS does not answer now, what was there stays.
    const unknown = addresses === undefined || own === undefined
    if (unknown ? parts.had.includes(name) : addresses.some((address) => own.includes(address)))
      leading.push(name)
  }
  return leading
}

/** Undefined where DNS does not say. */
async function addressesOf(
  name: string,
  { dns, clock }: Pick<WantedParts, 'dns' | 'clock'>,
): Promise<readonly string[] | undefined> {
  const deadlineMs = clock.now() + lookUpMs
  const outcomes = await Promise.all(
    (['A', 'AAAA'] as const).map((type) => dns.resolve({ name, type, deadlineMs })),
  )
  if (outcomes.some(({ kind }) => kind === 'later' || kind === 'bogus')) return undefined
  return outcomes.flatMap((outcome) =>
    outcome.kind === 'records'
      ? outcome.records.flatMap((record) => ('address' in record ? [record.address] : []))
      : [],
  )
}
