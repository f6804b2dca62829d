import { describe, expect, test } from 'vitest'
import { rr } from '../../../../test/support/dns/records.ts'
import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { typedRecords } from '../records.ts'
import { groupRecords } from '../rr-set.ts'
import { writeMessage } from './encode.ts'
import { readMessage } from './message.ts'
import { compareNames, nameToWire, parseName, sharedAncestor } from './name.ts'

const header = {
  id: 7,
  isResponse: true,
  opcode: 0,
  authoritative: true,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: true,
  authenticated: true,
  checkingDisabled: true,
  rcode: 3,
}
const raw = (hex: string) => Buffer.from(hex.replace(/\s/g, ''), 'hex')
/** One answer after a question for `a.`; then what the test adds. */
const answering = (hex: string) => raw(`0007 8400 0001 0001 0000 0000 0161 00 0001 0001 ${hex}`)

test('what is written is read again', () => {
  const message = {
    ...header,
    question: { rawName: nameToWire('www.example.org'), type: 1 },
    answer: [rr('www.example.org. 60 CNAME a.example.org.'), rr('a.example.org. 60 A 192.0.2.1')],
    authority: [rr('example.org. 60 NS ns.example.org.')],
    additional: [rr('ns.example.org. 60 AAAA 2001:db8::1')],
    edns: { udpSize: 1232, dnssecOk: true, options: [{ code: 15, data: Buffer.from([0, 6]) }] },
  }
  const read = readMessage(writeMessage(message))
  expect(read).toMatchObject({ ...header, question: { name: 'www.example.org', type: 1, class: 1 } })
  expect([read.answer, read.authority, read.additional]).toEqual([
    message.answer,
    message.authority,
    message.additional,
  ])
  expect(read.edns).toEqual({
    version: 0,
    ...message.edns,
  })
})

test('compressed names in old types are made whole, with the case they came in where they were whole', () => {
  const { answer } = readMessage(answering('c00c 0002 0001 0000003c 0006 036e7331 c00c'))
  expect(answer[0]?.data).toEqual(nameToWire('ns1.a'))
})

describe('what does not fit is BadSyntax', () => {
  test.each([
    ['nothing', ''],
    ['half a header', '0007 8400'],
    ['more records than there are', '0007 8400 0000 0001 0000 0000'],
    ['two questions', '0007 0000 0002 0000 0000 0000 00 0001 0001 00 0001 0001'],
    ['a name that points to itself', '0007 0000 0001 0000 0000 0000 c00c 0001 0001'],
    ['a name that points forward', '0007 0000 0001 0000 0000 0000 c00e 0000 00'],
    ['names that point at each other', '0007 0000 0001 0000 0000 0000 c00e c00c 0001 0001'],
    ['a label of an unknown kind', `0007 0000 0001 0000 0000 0000 41 ${'61'.repeat(65)} 00 0001 0001`],
    [
      'a name over 255 octets',
      `0007 0000 0001 0000 0000 0000 ${`3f${'61'.repeat(63)}`.repeat(4)} 00 0001 0001`,
    ],
    ['two OPT', '0007 0000 0000 0000 0000 0002 00 0029 04d0 00000000 0000 00 0029 04d0 00000000 0000'],
    [
      'options longer than their record',
      '0007 0000 0000 0000 0000 0001 00 0029 04d0 00000000 0004 000f 0009',
    ],
  ])('%s', (_, hex) => {
    expect(() => readMessage(raw(hex))).toThrow(BadSyntax)
  })

  test.each([
    ['data longer than the message', 'c00c 0001 0001 0000003c 0010 c0000201'],
    ['a name longer than its data', 'c00c 0002 0001 0000003c 0002 0162 6300'],
    ['a name shorter than its data', 'c00c 0002 0001 0000003c 0004 0162 00 00'],
    ['MX without a name', 'c00c 000f 0001 0000003c 0002 0001'],
  ])('%s', (_, hex) => {
    expect(() => readMessage(answering(hex))).toThrow(BadSyntax)
  })
})

test('a time to live beyond 31 bits is none', () => {
  expect(readMessage(answering('c00c 0001 0001 ffffffff 0004 c0000201')).answer[0]?.ttl).toBe(0)
})

test('records whose data fit no type are left out', () => {
  const wrong = [
    { ...rr('a. 1 A 192.0.2.1'), data: Uint8Array.of(1, 2, 3) },
    { ...rr('a. 1 TXT "x"'), data: Uint8Array.of(9, 65) },
    { ...rr('a. 1 TLSA 3 1 1 ab'), data: Uint8Array.of(3) },
  ]
  expect(groupRecords(wrong).flatMap(typedRecords)).toEqual([])
})

describe('names', () => {
  test.each([
    ['.', '.'],
    ['Example.ORG.', 'example.org'],
    ['a\\.b.c', 'a\\046b.c'],
    ['a\\046b.c', 'a\\046b.c'],
    ['\\000.x', '\\000.x'],
    ['a..b', undefined],
    ['.a', undefined],
    ['ü.test', '\\252.test'],
    ['€.test', undefined],
    ['a'.repeat(64), undefined],
  ])('%j is %j', (text, expected) => {
    expect(parseName(text)).toBe(expected)
  })

  test('stand in the order of RFC 4034 §6.1', () => {
    const inOrder = [
      'example',
      'a.example',
      'yljkjljk.a.example',
      'z.a.example',
      'zabc.a.example',
      'z.example',
      '\\001.z.example',
      '*.z.example',
      '\\200.z.example',
    ]
    expect([...inOrder].reverse().sort(compareNames)).toEqual(inOrder)
  })

  test('share what is above both', () => {
    expect(sharedAncestor('a.b.c', 'x.b.c')).toBe('b.c')
    expect(sharedAncestor('a', 'b')).toBe('.')
    expect(sharedAncestor('b.c', 'a.b.c')).toBe('b.c')
  })
})
