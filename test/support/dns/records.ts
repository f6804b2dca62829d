import { isIPv4 } from 'node:net'
import type { Rr } from '../../../src/modules/resolver/wire/message.ts'
import { nameToWire, parseName } from '../../../src/modules/resolver/wire/name.ts'
import { rrType } from '../../../src/modules/resolver/wire/types.ts'

const types: Readonly<Record<string, number>> = { ...rrType, NSEC3PARAM: 51 }

function typeOf(name: string): number {
  const type = types[name] ?? Number(name.replace(/^TYPE/, ''))
  if (!Number.isInteger(type)) throw new Error(`No type ${name}`)
  return type
}

export function nameOf(text: string): string {
  const name = parseName(text)
  if (name === undefined) throw new Error(`No name ${text}`)
  return name
}

/** `mail.example. 300 MX 10 mx.example.`: one line of a zone file, without class. */
export function rr(line: string): Rr {
  const [name = '', ttl = '', type = '', ...rest] = line.match(/"[^"]*"|\S+/g) ?? []
  const fields = rest[0] === 'IN' ? rest.slice(1) : rest
  return {
    name: nameOf(name),
    type: typeOf(type),
    class: 1,
    ttl: Number(ttl),
    data: rdata(type, fields),
  }
}

const u8 = (value: number | string) => Uint8Array.of(Number(value))
export const u16 = (value: number | string) => Uint8Array.of(Number(value) >> 8, Number(value) & 255)
export function u32(value: number | string): Buffer {
  const octets = Buffer.alloc(4)
  octets.writeUInt32BE(Number(value) >>> 0)
  return octets
}
const wire = (text = '') => nameToWire(nameOf(text))
const hex = (text = '') => Buffer.from(text === '-' ? '' : text, 'hex')

function rdata(type: string, fields: readonly string[]): Buffer {
  const [a = '', b = '', c = '', d = '', ...more] = fields
  switch (type) {
    case 'A':
    case 'AAAA':
      return address(a)
    case 'NS':
    case 'CNAME':
    case 'DNAME':
    case 'PTR':
      return wire(a)
    case 'MX':
      return Buffer.concat([u16(a), wire(b)])
    case 'SRV':
      return Buffer.concat([u16(a), u16(b), u16(c), wire(d)])
    case 'TXT':
      return Buffer.concat(fields.map((text) => counted(Buffer.from(text.replaceAll('"', ''), 'latin1'))))
    case 'HINFO':
      return Buffer.concat(fields.map((text) => counted(Buffer.from(text.replaceAll('"', ''), 'latin1'))))
    case 'SOA':
      return Buffer.concat([wire(a), wire(b), ...[c, d, ...more].map(u32)])
    case 'TLSA':
      return Buffer.concat([u8(a), u8(b), u8(c), hex(d)])
    case 'DS':
      return Buffer.concat([u16(a), u8(b), u8(c), hex([d, ...more].join(''))])
    case 'DNSKEY':
      return Buffer.concat([u16(a), u8(b), u8(c), Buffer.from([d, ...more].join(''), 'base64')])
    case 'NSEC':
      return Buffer.concat([wire(a), bitmap(fields.slice(1).map(typeOf))])
    case 'NSEC3':
      return Buffer.concat([
        u8(a),
        u8(b),
        u16(c),
        counted(hex(d)),
        counted(fromBase32Hex(more[0] ?? '')),
        bitmap(more.slice(1).map(typeOf)),
      ])
    case 'NSEC3PARAM':
      return Buffer.concat([u8(a), u8(b), u16(c), counted(hex(d))])
    case 'RRSIG':
      return rrsig(fields)
    default:
      throw new Error(`No text form of ${type} here`)
  }
}

/** `MX 5 3 3600 20040509183619 20040409183619 38519 example. Il2W…` */
function rrsig(fields: readonly string[]): Buffer {
  const [covered = '', algorithm = '', labels = '', ttl = '', until = '', from = '', tag = '', signer = ''] =
    fields
  return Buffer.concat([
    u16(typeOf(covered)),
    u8(algorithm),
    u8(labels),
    u32(ttl),
    u32(secondsOf(until)),
    u32(secondsOf(from)),
    u16(tag),
    wire(signer),
    Buffer.from(fields.slice(8).join(''), 'base64'),
  ])
}

/** `20040509183619` */
function secondsOf(text: string): number {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(..)(..)(..)(..)(..)$/.exec(text) ?? []
  return Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s)) / 1000
}

const counted = (octets: Uint8Array) => Buffer.concat([u8(octets.length), octets])

function address(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number))
  const [before = '', after = ''] = text.split('::')
  const groups = (part: string) => part.split(':').filter((each) => each !== '')
  const missing = 8 - groups(before).length - groups(after).length
  const zeros = Array.from({ length: missing }, () => '0')
  return Buffer.concat(
    [...groups(before), ...zeros, ...groups(after)].map((group) => u16(Number.parseInt(group, 16))),
  )
}

export function bitmap(numbers: readonly number[]): Buffer {
  const windows = new Map<number, number[]>()
  for (const type of numbers) {
    const octets = windows.get(type >> 8) ?? []
    const at = (type & 255) >> 3
    while (octets.length <= at) octets.push(0)
    octets[at] = (octets[at] ?? 0) | (0x80 >> (type & 7))
    windows.set(type >> 8, octets)
  }
  const sorted = [...windows].sort(([one], [other]) => one - other)
  return Buffer.concat(sorted.map(([window, octets]) => Buffer.from([window, octets.length, ...octets])))
}

const base32Hex = '0123456789abcdefghijklmnopqrstuv'

export function toBase32Hex(octets: Uint8Array): string {
  const bits = [...octets].map((octet) => octet.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => base32Hex[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('')
}

function fromBase32Hex(text: string): Buffer {
  const bits = text
    .toLowerCase()
    .split('')
    .map((letter) => base32Hex.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)))
}
