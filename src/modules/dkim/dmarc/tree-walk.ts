import type { DomainName } from '../../../lib/address.ts'
import type { Lookups } from '../lookups.ts'
import { type DmarcRecord, readDmarcRecord } from './record.ts'

export interface Placed {
  readonly domain: string
  readonly record: DmarcRecord
}

export type Walked =
  | {
      readonly kind: 'walked'
      /** Every record on the way up, the name's own first. */
      readonly records: readonly Placed[]
      /** RFC 9989 §4.10.2: the name that belongs to one organisation. */
      readonly organization: string
    }
  | { readonly kind: 'trouble' }

/** RFC 9989 §4.10: names of more labels are asked for whole, and then from these on. */
const mostLabels = 8

/** Asks each name from `domain` up to the top for its record. RFC 9989 §4.10. */
export async function walkTree(domain: DomainName, lookups: Lookups): Promise<Walked> {
  const records: Placed[] = []
  for (const name of namesUpwards(domain)) {
    const record = await recordAt(name, lookups)
    if (record === 'trouble') return { kind: 'trouble' }
    if (!record) continue
    records.push({ domain: name, record })
    if (record.publicSuffix !== 'unknown') break
  }
  return { kind: 'walked', records, organization: organizationOf(domain, records) }
}

export async function recordAt(name: string, lookups: Lookups): Promise<DmarcRecord | undefined | 'trouble'> {
  const texts = await lookups.texts(`_dmarc.${name}`)
  if (typeof texts === 'string') return texts === 'trouble' ? texts : undefined
  const records = texts.map(readDmarcRecord).filter((record) => record !== undefined)
  // Several are none.
  return records.length === 1 ? records[0] : undefined
}

function namesUpwards(domain: string): string[] {
  const labels = domain.split('.')
  const first = labels.length < mostLabels ? 1 : labels.length - (mostLabels - 1)
  const above = labels.slice(first).map((_, index) => labels.slice(first + index).join('.'))
  return [domain, ...above]
}

function organizationOf(domain: string, records: readonly Placed[]): string {
  const own = records.find(({ record }) => record.publicSuffix === 'no')
  if (own) return own.domain
  const registry = records.find((placed) => placed.record.publicSuffix === 'yes' && placed.domain !== domain)
  if (registry)
    return domain
      .split('.')
      .slice(-(registry.domain.split('.').length + 1))
      .join('.')
  return records.at(-1)?.domain ?? domain
}
