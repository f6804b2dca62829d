import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { Cursor } from './cursor.ts'
import { nameToWire } from './name.ts'
import { rrType } from './types.ts'

type Field = number | 'name' | 'string' | 'rest'

/**
 * Types whose data holds names, and where: octets to skip, a name, a counted string, whatever is left. Only in these may a name be
 * compressed (RFC 3597 §4), and only in these is it lower-cased to be signed (RFC 4034 §6.2, RFC 6840 §5.1).
 */
const layouts = new Map<number, readonly Field[]>([
  ...[rrType.NS, 3, 4, rrType.CNAME, 7, 8, 9, rrType.PTR, rrType.DNAME].map(
    (type) => [type, ['name']] as const,
  ),
  [rrType.SOA, ['name', 'name', 20]],
  [14, ['name', 'name']], // MINFO
  [rrType.MX, [2, 'name']],
  [17, ['name', 'name']], // RP
  [18, [2, 'name']], // AFSDB
  [21, [2, 'name']], // RT
  [24, [18, 'name', 'rest']], // SIG
  [26, [2, 'name', 'name']], // PX
  [30, ['name', 'rest']], // NXT
  [rrType.SRV, [6, 'name']],
  [35, [4, 'string', 'string', 'string', 'name']], // NAPTR
  [36, [2, 'name']], // KX
  [rrType.RRSIG, [18, 'name', 'rest']],
])

/** The data of a record up to `end`, compressed names made whole. The case of letters stays. */
export function wholeRdata(type: number, cursor: Cursor, end: number): Uint8Array {
  const layout = layouts.get(type)
  const start = cursor.at
  if (!layout) return cursor.take(end - start)
  const parts = layout.map((field) => readField(cursor, field, end))
  if (cursor.at !== end) throw new BadSyntax('The data of a record has another length', start)
  return Buffer.concat(parts)
}

/** As it is signed: RFC 4034 §6.2. */
export function canonicalRdata(type: number, data: Uint8Array): Uint8Array {
  const layout = layouts.get(type)
  if (!layout) return data
  const cursor = new Cursor(data)
  return Buffer.concat(
    layout.map((field) =>
      field === 'name' ? nameToWire(cursor.name()) : readField(cursor, field, data.length),
    ),
  )
}

function readField(cursor: Cursor, field: Field, end: number): Uint8Array {
  if (field === 'name') return wholeName(cursor)
  if (field === 'rest') return cursor.take(Math.max(0, end - cursor.at))
  if (field === 'string') {
    const length = cursor.u8()
    return Buffer.concat([Uint8Array.of(length), cursor.take(length)])
  }
  return cursor.take(field)
}

/** Octets of the name with their case: what was not compressed is taken as it stands. */
function wholeName(cursor: Cursor): Uint8Array {
  const start = cursor.at
  const name = cursor.name()
  const plain = nameToWire(name)
  return cursor.at - start === plain.length ? cursor.bytes.subarray(start, cursor.at) : plain
}
