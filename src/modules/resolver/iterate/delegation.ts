import { attempt } from '../dnssec/records.ts'
import { addressText } from '../records.ts'
import type { Reply } from '../reply.ts'
import { groupRecords } from '../rr-set.ts'
import { Cursor } from '../wire/cursor.ts'
import type { Message } from '../wire/message.ts'
import { isAtOrUnder, isUnder, type Name } from '../wire/name.ts'
import { rcode, rrType } from '../wire/types.ts'

/** Who serves a zone. */
export interface Delegation {
  readonly zone: Name
  readonly servers: readonly NameServer[]
  /** Seconds. */
  readonly ttl: number
}

export interface NameServer {
  readonly name: Name
  /** As the parent gave them; none where it did not, or had no say. */
  readonly glue: readonly string[]
}

export interface Referral {
  readonly delegation: Delegation
  /** What the parent says about DS, in the same message: saves asking. */
  readonly ds: Reply | undefined
}

/** More name servers, or addresses of one, are not looked at. */
const mostServers = 13
const mostGlue = 6

/** A step down: from `zone` to one below it that `name` is in. Upward and sideways is no referral. RFC 1034 §4.3.2. */
export function referralIn(message: Message, name: Name, zone: Name, server: string): Referral | undefined {
  if (message.rcode !== rcode.noError) return undefined
  const authority = groupRecords(message.authority)
  const ns = authority.find(
    (set) => set.type === rrType.NS && isUnder(set.name, zone) && isAtOrUnder(name, set.name),
  )
  if (!ns || authority.some(({ type }) => type === rrType.SOA)) return undefined
  const additional = groupRecords(message.additional)
  const servers = ns.data.slice(0, mostServers).flatMap((data): NameServer[] => {
    const target = attempt(() => new Cursor(data).name())
    if (target === undefined) return []
    // Bailiwick: of addresses outside of its zone this server knows nothing that counts. RFC 2181 §5.4.1, RFC 5452 §6.
    const glue = isAtOrUnder(target, zone)
      ? additional.filter((set) => set.name === target && isAddress(set.type)).flatMap(({ data: all }) => all)
      : []
    return [{ name: target, glue: glue.slice(0, mostGlue).map(addressText) }]
  })
  const own = authority.filter((set) => isAtOrUnder(set.name, zone))
  const ds = own.find((set) => set.type === rrType.DS && set.name === ns.name)
  const denial = own.filter(({ type }) => type === rrType.NSEC || type === rrType.NSEC3)
  const about = { name: ns.name, type: rrType.DS, target: undefined, authority: denial, server }
  return {
    delegation: { zone: ns.name, servers, ttl: ns.ttl },
    ds:
      ds || denial.some(({ signatures }) => signatures.length > 0)
        ? { ...about, found: ds ? 'records' : 'no-data', set: ds }
        : undefined,
  }
}

function isAddress(type: number): boolean {
  return type === rrType.A || type === rrType.AAAA
}
