import { addressOctets, reverseName } from '../../lib/ip-octets.ts'
import type { Lookups } from './lookups.ts'

export interface ClientNames {
  readonly kind: 'found' | 'none' | 'trouble'
  /** Names that lead back to the address, lower case. */
  readonly confirmed: readonly string[]
}

/** RFC 7208 §4.6.4: more names are not looked at. */
const mostNames = 10

/** What an address is called, as far as the name agrees. RFC 8601 §3. */
export async function findClientNames(ip: Uint8Array, lookups: Lookups): Promise<ClientNames> {
  const found = await lookups.find(reverseName(ip), 'PTR')
  if (found.kind !== 'records') return { kind: found.kind, confirmed: [] }
  const names = found.records.flatMap((record) =>
    record.type === 'PTR' ? [record.target.toLowerCase()] : [],
  )
  const checked = await Promise.all(
    names.slice(0, mostNames).map(async (name) => ({ name, answer: await leadsTo(name, ip, lookups) })),
  )
  const confirmed = checked.filter(({ answer }) => answer === 'yes').map(({ name }) => name)
  const unknown = confirmed.length === 0 && checked.some(({ answer }) => answer === 'unknown')
  return { kind: unknown ? 'trouble' : 'found', confirmed }
}

async function leadsTo(name: string, ip: Uint8Array, lookups: Lookups): Promise<'yes' | 'no' | 'unknown'> {
  const found = await lookups.find(name, ip.length === 4 ? 'A' : 'AAAA')
  if (found.kind === 'trouble') return 'unknown'
  if (found.kind === 'none') return 'no'
  const same = found.records.some((record) => {
    const octets = record.type === 'A' || record.type === 'AAAA' ? addressOctets(record.address) : undefined
    return octets !== undefined && Buffer.compare(octets, ip) === 0
  })
  return same ? 'yes' : 'no'
}
