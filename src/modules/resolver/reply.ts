import type { DnsReason } from '../../ports/dns-resolver.ts'
import { attempt } from './dnssec/records.ts'
import { groupRecords, type RrSet } from './rr-set.ts'
import { Cursor } from './wire/cursor.ts'
import type { Message } from './wire/message.ts'
import { isAtOrUnder, isUnder, type Name, parseName, root } from './wire/name.ts'
import { rcode, rrType } from './wire/types.ts'

/** One name and type as a server answered: only what it may speak of, nothing validated. Aliases are not followed. */
export interface Reply {
  readonly name: Name
  readonly type: number
  readonly found: 'records' | 'alias' | 'no-data' | 'no-name'
  /** The records asked for; with an alias its CNAME, or the DNAME that makes one. */
  readonly set: RrSet | undefined
  /** Where an alias leads. */
  readonly target: Name | undefined
  /** SOA, NSEC and NSEC3 of the zone: they prove what is not there. */
  readonly authority: readonly RrSet[]
  /** The address of the server that said so. */
  readonly server: string
}

export type Fetched =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'failed'; readonly why: DnsReason }

const proving = new Set<number>([rrType.SOA, rrType.NSEC, rrType.NSEC3])

export interface Source {
  /** Of what is above this zone it may say nothing. */
  readonly zone: Name
  /** A server that resolves for us, and so never refers us to others. */
  readonly recursive: boolean
  /** Its address. */
  readonly server: string
}

/** Undefined where the message answers nothing: a referral, a failure, or an answer to something else. */
export function replyIn(message: Message, name: Name, type: number, source: Source): Reply | undefined {
  const { zone, server } = source
  if (message.rcode !== rcode.noError && message.rcode !== rcode.nxDomain) return undefined
  const answer = groupRecords(message.answer).filter((set) => isAtOrUnder(set.name, zone))
  const authority = groupRecords(message.authority).filter(
    (set) => proving.has(set.type) && isAtOrUnder(set.name, zone),
  )
  const common = { name, type, authority, server }
  const own = answer.find((set) => set.name === name && set.type === type)
  if (own) return { ...common, found: 'records', set: own, target: undefined }
  const alias = type === rrType.DNAME ? undefined : aliasAt(answer, name)
  if (alias) return alias.target === undefined ? undefined : { ...common, found: 'alias', ...alias }
  if (answer.length > 0) return undefined
  const nothing = { ...common, set: undefined, target: undefined }
  if (message.rcode === rcode.nxDomain) return { ...nothing, found: 'no-name' }
  const isNoData =
    authority.some((set) => set.type === rrType.SOA) || message.authoritative || source.recursive
  return isNoData && !isReferral(message, zone) ? { ...nothing, found: 'no-data' } : undefined
}

/** A DNAME goes first: its CNAME is not signed and is made anew here. RFC 6672 §5.3.1. */
function aliasAt(answer: readonly RrSet[], name: Name): { set: RrSet; target: Name | undefined } | undefined {
  const dname = answer.find((set) => set.type === rrType.DNAME && isUnder(name, set.name))
  if (dname) return { set: dname, target: substituted(name, dname) }
  const cname = answer.find((set) => set.type === rrType.CNAME && set.name === name)
  return cname && { set: cname, target: cname.data.length === 1 ? nameIn(cname) : undefined }
}

function nameIn(set: RrSet): Name | undefined {
  return attempt(() => new Cursor(set.data[0] ?? new Uint8Array()).name())
}

/** RFC 6672 §2.2; undefined where the new name would be too long. */
function substituted(name: Name, dname: RrSet): Name | undefined {
  const target = nameIn(dname)
  if (target === undefined) return undefined
  const prefix = name.slice(0, name.length - dname.name.length - 1)
  return parseName(target === root ? prefix : `${prefix}.${target}`)
}

function isReferral(message: Message, zone: Name): boolean {
  return (
    !message.authoritative &&
    message.authority.some(({ type, name }) => type === rrType.NS && isUnder(name, zone)) &&
    !message.authority.some(({ type }) => type === rrType.SOA)
  )
}

/** Seconds that "there is none" may be kept: RFC 2308 §5. Zero without SOA. */
export function negativeTtl(authority: readonly RrSet[]): number {
  const soa = authority.find(({ type }) => type === rrType.SOA)
  const data = soa?.data[0]
  if (!soa || !data || data.length < 22) return 0
  return Math.min(soa.ttl, Buffer.from(data).readUInt32BE(data.length - 4))
}
