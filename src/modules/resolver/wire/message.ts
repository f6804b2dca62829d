import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { Cursor } from './cursor.ts'
import type { Name } from './name.ts'
import { wholeRdata } from './rdata.ts'
import { rrType } from './types.ts'

/** A DNS message, RFC 1035 §4, with EDNS, RFC 6891. */
export interface Message extends Header {
  /** Exactly one, as RFC 9619 says; undefined where a server left it out. */
  readonly question: Question | undefined
  readonly answer: readonly Rr[]
  readonly authority: readonly Rr[]
  readonly additional: readonly Rr[]
  readonly edns: Edns | undefined
}

export interface Header {
  readonly id: number
  readonly isResponse: boolean
  readonly opcode: number
  readonly authoritative: boolean
  readonly truncated: boolean
  readonly recursionDesired: boolean
  readonly recursionAvailable: boolean
  readonly authenticated: boolean
  readonly checkingDisabled: boolean
  /** With the upper bits of EDNS. */
  readonly rcode: number
}

interface Question {
  readonly name: Name
  /** The octets as they came, to compare their case: RFC 5452, and the 0x20 draft. */
  readonly rawName: Uint8Array
  readonly type: number
  readonly class: number
}

export interface Rr {
  readonly name: Name
  readonly type: number
  readonly class: number
  /** Seconds. */
  readonly ttl: number
  /** Names inside are whole, never compressed. */
  readonly data: Uint8Array
}

interface Edns {
  readonly udpSize: number
  readonly version: number
  readonly dnssecOk: boolean
  readonly options: readonly { readonly code: number; readonly data: Uint8Array }[]
}

/** Throws only BadSyntax, whatever stands there; never reads outside of `bytes`. */
export function readMessage(bytes: Uint8Array): Message {
  const cursor = new Cursor(bytes)
  const id = cursor.u16()
  const flags = cursor.u16()
  const counts = [cursor.u16(), cursor.u16(), cursor.u16(), cursor.u16()] as const
  if (counts[0] > 1) throw new BadSyntax('More than one question', cursor.at)
  const question = counts[0] === 1 ? readQuestion(cursor) : undefined
  const answer = readRecords(cursor, counts[1])
  const authority = readRecords(cursor, counts[2])
  const rest = readRecords(cursor, counts[3])
  const opts = rest.filter(({ type }) => type === rrType.OPT)
  // RFC 6891 §6.1.1: a second OPT is a format error.
  if (opts.length > 1) throw new BadSyntax('More than one OPT', cursor.at)
  const [opt] = opts
  return {
    id,
    isResponse: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 15,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    authenticated: (flags & 0x0020) !== 0,
    checkingDisabled: (flags & 0x0010) !== 0,
    rcode: (flags & 15) | (opt ? ((opt.ttl >>> 24) & 255) << 4 : 0),
    question,
    answer,
    authority,
    additional: rest.filter(({ type }) => type !== rrType.OPT),
    edns: opt && readEdns(opt),
  }
}

function readQuestion(cursor: Cursor): Question {
  const start = cursor.at
  const name = cursor.name()
  const rawName = cursor.bytes.subarray(start, cursor.at)
  return { name, rawName, type: cursor.u16(), class: cursor.u16() }
}

function readRecords(cursor: Cursor, count: number): Rr[] {
  const records: Rr[] = []
  for (let read = 0; read < count; read++) records.push(readRecord(cursor))
  return records
}

function readRecord(cursor: Cursor): Rr {
  const name = cursor.name()
  const type = cursor.u16()
  const klass = cursor.u16()
  const ttl = cursor.u32()
  const end = cursor.room(cursor.u16())
  const data = wholeRdata(type, cursor, end)
  // RFC 2181 §8: a time to live with the highest bit set is none.
  return { name, type, class: klass, ttl: type !== rrType.OPT && ttl > 0x7fffffff ? 0 : ttl, data }
}

function readEdns(opt: Rr): Edns {
  const cursor = new Cursor(opt.data)
  const options: { code: number; data: Uint8Array }[] = []
  while (cursor.at < opt.data.length) {
    const code = cursor.u16()
    options.push({ code, data: cursor.take(cursor.u16()) })
  }
  return {
    udpSize: opt.class,
    version: (opt.ttl >>> 16) & 255,
    dnssecOk: (opt.ttl & 0x8000) !== 0,
    options,
  }
}
