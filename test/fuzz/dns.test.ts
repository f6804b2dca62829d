import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BadSyntax } from '../../src/lib/bad-syntax.ts'
import { readNsec } from '../../src/modules/resolver/dnssec/nsec.ts'
import { readNsec3 } from '../../src/modules/resolver/dnssec/nsec3.ts'
import { readDnsKey, readDs } from '../../src/modules/resolver/dnssec/records.ts'
import { signedOctets } from '../../src/modules/resolver/dnssec/signatures.ts'
import { referralIn } from '../../src/modules/resolver/iterate/delegation.ts'
import { typedRecords } from '../../src/modules/resolver/records.ts'
import { replyIn } from '../../src/modules/resolver/reply.ts'
import { groupRecords } from '../../src/modules/resolver/rr-set.ts'
import { writeMessage } from '../../src/modules/resolver/wire/encode.ts'
import { type Message, readMessage } from '../../src/modules/resolver/wire/message.ts'
import { compareNames, nameToWire, parseName } from '../../src/modules/resolver/wire/name.ts'
import { rr } from '../support/dns/records.ts'

const sample = writeMessage({
  id: 1,
  isResponse: true,
  opcode: 0,
  authoritative: false,
  truncated: false,
  recursionDesired: false,
  recursionAvailable: false,
  authenticated: false,
  checkingDisabled: false,
  rcode: 0,
  question: { rawName: nameToWire('www.example.test'), type: 1 },
  answer: [
    rr('www.example.test. 60 CNAME a.example.test.'),
    rr('www.example.test. 60 RRSIG CNAME 13 3 60 20260120000000 20260110000000 1 example.test. AAAA'),
    rr('example.test. 60 DNAME other.test.'),
  ],
  authority: [
    rr('example.test. 60 NS ns.example.test.'),
    rr('example.test. 60 DS 1 13 2 abcd'),
    rr('a.example.test. 60 NSEC b.example.test. A TYPE1234'),
    rr(
      '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.test. 60 NSEC3 1 1 12 aabb 2t7b4g4vsa5smi47k61mv5bv1a22bojr A',
    ),
    rr('example.test. 60 SOA ns.example.test. h.example.test. 1 2 3 4 5'),
  ],
  additional: [
    rr('ns.example.test. 60 A 192.0.2.1'),
    rr('example.test. 60 MX 1 m.example.test.'),
    rr('example.test. 60 TXT "a" "b"'),
    rr('example.test. 60 SRV 1 2 3 s.example.test.'),
    rr('example.test. 60 TLSA 3 1 1 abcd'),
    rr('example.test. 60 DNSKEY 257 3 13 AAAA'),
  ],
  edns: { udpSize: 1232, dnssecOk: true, options: [{ code: 10, data: Buffer.from('cookie') }] },
})

const octets = fc.uint8Array({ maxLength: 600 })
const damaged = fc
  .array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 })
  .map((changes) => {
    const copy = Buffer.from(sample)
    for (const [at, octet] of changes) copy[at] = octet
    return copy
  })
const cut = fc.nat(sample.length).map((end) => sample.subarray(0, end))

/** Everything that is done with what a server sent, before anything is believed. */
function digest(message: Message): void {
  for (const set of [message.answer, message.authority, message.additional].flatMap(groupRecords)) {
    typedRecords(set)
    readNsec(set)
    readNsec3(set, 'example.test')
    set.data.map((data) => readDnsKey(data) ?? readDs(data))
    for (const signature of set.signatures) signedOctets(set, signature)
  }
  replyIn(message, 'www.example.test', 1, { zone: 'test', recursive: false, server: '' })
  referralIn(message, 'www.example.test', 'test', '')
}

describe('whatever a server sends', () => {
  test('reading it throws BadSyntax or nothing, and what was read can be worked with', () => {
    fc.assert(
      fc.property(fc.oneof(octets, damaged, cut), (bytes) => {
        let message: Message
        try {
          message = readMessage(bytes)
        } catch (cause) {
          expect(cause).toBeInstanceOf(BadSyntax)
          return
        }
        digest(message)
      }),
    )
  })

  test('names survive their wire form, and their order is total', () => {
    const name = fc
      .array(fc.uint8Array({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 })
      .map(
        (labels) =>
          parseName(
            labels
              .map((each) => [...each].map((octet) => `\\${String(octet).padStart(3, '0')}`).join(''))
              .join('.'),
          ) ?? '.',
      )
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(parseName(one)).toBe(one)
        expect(Math.sign(compareNames(one, other)) + Math.sign(compareNames(other, one))).toBe(0)
        expect(compareNames(one, other) === 0).toBe(one === other)
      }),
    )
  })
})
