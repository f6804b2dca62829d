import type { DnsRecord } from '../../lib/dns-record.ts'
import { attempt } from './dnssec/records.ts'
import type { RrSet } from './rr-set.ts'
import { Cursor } from './wire/cursor.ts'
import { rrType } from './wire/types.ts'

/** Taken apart for those who ask. What does not fit its type is left out. */
export function typedRecords(set: RrSet): readonly DnsRecord[] {
  return set.data.flatMap((data) => attempt(() => typed(set.type, data)) ?? [])
}

function typed(type: number, data: Uint8Array): DnsRecord | undefined {
  const cursor = new Cursor(data)
  switch (type) {
    case rrType.A:
      return data.length === 4 ? { type: 'A', address: addressText(data) } : undefined
    case rrType.AAAA:
      return data.length === 16 ? { type: 'AAAA', address: addressText(data) } : undefined
    case rrType.CNAME:
      return { type: 'CNAME', target: cursor.name() }
    case rrType.DNAME:
      return { type: 'DNAME', target: cursor.name() }
    case rrType.NS:
      return { type: 'NS', target: cursor.name() }
    case rrType.PTR:
      return { type: 'PTR', target: cursor.name() }
    case rrType.MX:
      return { type: 'MX', preference: cursor.u16(), exchange: cursor.name() }
    case rrType.TXT:
      return { type: 'TXT', strings: strings(cursor) }
    case rrType.TLSA:
    case rrType.SMIMEA:
      return {
        type: type === rrType.TLSA ? 'TLSA' : 'SMIMEA',
        usage: cursor.u8(),
        selector: cursor.u8(),
        matching: cursor.u8(),
        association: Uint8Array.from(data.subarray(3)),
      }
    case rrType.SRV:
      return {
        type: 'SRV',
        priority: cursor.u16(),
        weight: cursor.u16(),
        port: cursor.u16(),
        target: cursor.name(),
      }
    case rrType.CAA:
      return caa(cursor, data)
    default:
      return { type: 'other', typeNumber: type, data: Uint8Array.from(data) }
  }
}

function strings(cursor: Cursor): string[] {
  const all: string[] = []
  while (cursor.at < cursor.bytes.length) all.push(latin1(cursor.take(cursor.u8())))
  return all
}

/** RFC 8659 §4.1. */
function caa(cursor: Cursor, data: Uint8Array): DnsRecord {
  const critical = (cursor.u8() & 0x80) !== 0
  const tag = latin1(cursor.take(cursor.u8())).toLowerCase()
  return { type: 'CAA', critical, tag, value: latin1(data.subarray(cursor.at)) }
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1')
}

/** Of 4 or 16 octets. RFC 5952 for the longer ones. */
export function addressText(data: Uint8Array): string {
  if (data.length === 4) return data.join('.')
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((data[at * 2] ?? 0) * 256 + (data[at * 2 + 1] ?? 0)).toString(16),
  )
  const zeros = [...groups.join(':').matchAll(/\b0(?::0\b)+/g)].sort((a, b) => b[0].length - a[0].length)[0]
  if (!zeros) return groups.join(':')
  const text = groups.join(':')
  const [before, after] = [text.slice(0, zeros.index), text.slice(zeros.index + zeros[0].length)]
  return `${before.replace(/:$/, '')}::${after.replace(/^:/, '')}`
}
