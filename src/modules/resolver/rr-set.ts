import { type Rrsig, readRrsig } from './dnssec/records.ts'
import type { Rr } from './wire/message.ts'
import type { Name } from './wire/name.ts'
import { rrType } from './wire/types.ts'

/** Records of one name and type with the signatures over them. RFC 2181 §5. */
export interface RrSet {
  readonly name: Name
  readonly type: number
  /** The lowest of its records, RFC 2181 §5.2. */
  readonly ttl: number
  readonly data: readonly Uint8Array[]
  readonly signatures: readonly Rrsig[]
}

/** Signatures beyond this many, over one set, are not looked at. */
const mostSignatures = 8

/** Groups a section of a message; of class IN only. Signatures without records are dropped. */
export function groupRecords(records: readonly Rr[]): RrSet[] {
  const sets = new Map<
    string,
    { first: Rr; ttl: number; data: Map<string, Uint8Array>; signatures: Rrsig[] }
  >()
  for (const record of records) {
    if (record.class !== 1 || record.type === rrType.RRSIG) continue
    const key = `${record.type} ${record.name}`
    const set = sets.get(key) ?? { first: record, ttl: record.ttl, data: new Map(), signatures: [] }
    set.ttl = Math.min(set.ttl, record.ttl)
    // RFC 2181 §5: the same record twice is one record.
    set.data.set(Buffer.from(record.data).toString('latin1'), record.data)
    sets.set(key, set)
  }
  for (const record of records) {
    if (record.class !== 1 || record.type !== rrType.RRSIG) continue
    const signature = readRrsig(record)
    const set = signature && sets.get(`${signature.typeCovered} ${record.name}`)
    if (set && set.signatures.length < mostSignatures) set.signatures.push(signature)
  }
  return [...sets.values()].map(({ first, ttl, data, signatures }) => ({
    name: first.name,
    type: first.type,
    ttl,
    data: [...data.values()],
    signatures,
  }))
}

/** Back to records, for a client; with `signatures` where it understands them. */
export function recordsOf(set: RrSet, ttl: number, signatures: boolean): Rr[] {
  const common = { name: set.name, class: 1, ttl }
  return [
    ...set.data.map((data) => ({ ...common, type: set.type, data })),
    ...(signatures ? set.signatures.map(({ data }) => ({ ...common, type: rrType.RRSIG, data })) : []),
  ]
}
