import { createPublicKey, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { rr, toBase32Hex } from '../../../../test/support/dns/records.ts'
import { groupRecords, type RrSet } from '../rr-set.ts'
import type { Name } from '../wire/name.ts'
import { rrType } from '../wire/types.ts'
import { Work } from '../work.ts'
import { denialFrom } from './denial.ts'
import { hashName } from './nsec3.ts'
import { keyTagOf } from './records.ts'
import { signedOctets } from './signatures.ts'

const zone: Name = 'example'
const setsOf = (lines: readonly string[]) => groupRecords(lines.map(rr))
const denying = (lines: readonly string[]) => denialFrom(setsOf(lines), zone, new Work(0))

describe('RFC 4035 appendix A: what is signed is put into the same octets', () => {
  const zoneKey = rr(`example. 3600 DNSKEY 256 3 5
    AQOy1bZVvpPqhg4j7EJoM9rI3ZmyEx2OzDBVrZy/lvI5CQePxXHZS4i8dANH4DX3tbHol61e
    k8EFMcsGXxKciJFHyhl94C+NwILQdzsUlSFovBZsyl/NX6yEbtw/xN9ZNcrbYvgjjZ/UVPZI
    ySFNsgEYvh0z2542lzMKR4Dh8uZffQ==`)
  const signed = (set: string, labels: number, signature: string) =>
    `RRSIG ${set} 5 ${labels} 3600 20040509183619 20040409183619 38519 example. ${signature}`

  /** SHA-1 is not validated any more; here it only shows that the octets are the right ones. */
  function fits(set: RrSet | undefined): boolean {
    const [signature] = set?.signatures ?? []
    if (!set || !signature) return false
    const octets = zoneKey.data.subarray(4)
    const e = Buffer.from(octets.subarray(1, 1 + (octets[0] ?? 0))).toString('base64url')
    const n = Buffer.from(octets.subarray(1 + (octets[0] ?? 0))).toString('base64url')
    const key = createPublicKey({ key: { kty: 'RSA', e, n }, format: 'jwk' })
    return verify('sha1', signedOctets(set, signature), key, signature.signature)
  }

  test.each([
    [
      'SOA',
      [
        'example. 3600 SOA ns1.example. bugs.x.w.example. 1081539377 3600 300 3600000 3600',
        `example. 3600 ${signed('SOA', 1, 'ONx0k36rcjaxYtcNgq6iQnpNV5+drqYAsC9h7TSJaHCqbhE67Sr6aH2xDUGcqQWu/n0UVzrFvkgO9ebarZ0GWDKcuwlM6eNB5SiX2K74l5LWDA7S/Un/IbtDq4Ay8NMNLQI7Dw7n4p8/rjkBjV7j86HyQgM5e7+miRAz8V01b0I=')}`,
      ],
    ],
    [
      'NS, in another order and case',
      [
        'EXAMPLE. 3600 NS ns2.example.',
        'example. 3600 NS NS1.Example.',
        `example. 3600 ${signed('NS', 1, 'gl13F00f2U0R+SWiXXLHwsMY+qStYy5k6zfdEuivWc+wd1fmbNCyql0Tk7lHTX6UOxc8AgNf4ISFve8XqF4q+o9qlnqIzmppU3LiNeKT4FZ8RO5urFOvoMRTbQxW3U0hXWuggE4g3ZpsHv480HjMeRaZB/FRPGfJPajngcq6Kwg=')}`,
      ],
    ],
    [
      'NSEC',
      [
        'example. 3600 NSEC a.example. NS SOA MX RRSIG NSEC DNSKEY',
        `example. 3600 ${signed('NSEC', 1, 'O0k558jHhyrC97ISHnislm4kLMW48C7U7cBmFTfhke5iVqNRVTB1STLMpgpbDIC9hcryoO0VZ9ME5xPzUEhbvGnHd5sfzgFVeGxr5Nyyq4tWSDBgIBiLQUv1ivy29vhXy7WgR62dPrZ0PWvmjfFJ5arXf4nPxp/kEowGgBRzY/U=')}`,
      ],
    ],
    [
      'MX, B.1',
      [
        'x.w.example. 3600 MX 1 xx.example.',
        `x.w.example. 3600 ${signed('MX', 3, 'Il2WTZ+Bkv+OytBx4LItNW5mjB4RCwhOO8y1XzPHZmZUTVYL7LaA63f6T9ysVBzJRI3KRjAPH3U1qaYnDoN1DrWqmi9RJe4FoObkbcdm7P3Ikx70ePCoFgRz1Yq+bVVXCvGuAU4xALv3W/Y1jNSlwZ2mSWKHfxFQxPtLj8s32+k=')}`,
      ],
    ],
    [
      'MX from a wildcard, B.6',
      [
        'a.z.w.example. 3600 MX 1 ai.example.',
        `a.z.w.example. 3600 ${signed('MX', 2, 'OMK8rAZlepfzLWW75Dxd63jy2wswESzxDKG2f9AMN1CytCd10cYISAxfAdvXSZ7xujKAtPbctvOQ2ofO7AZJ+d01EeeQTVBPq4/6KCWhqe2XTjnkVLNvvhnc0u28aoSsG0+4InvkkOHknKxw4kX18MMR34i8lC36SR5xBni8vHI=')}`,
      ],
    ],
  ])('%s', (_, lines) => {
    const [set] = setsOf(lines)
    expect(fits(set)).toBe(true)
    expect(fits(set && { ...set, data: [] })).toBe(false)
  })

  test('key tags are those of the RFC', () => {
    expect(keyTagOf(zoneKey.data)).toBe(38519)
  })
})

const nsec = {
  apex: 'example. 3600 NSEC a.example. NS SOA MX RRSIG NSEC DNSKEY',
  a: 'a.example. 3600 NSEC ai.example. NS DS RRSIG NSEC',
  b: 'b.example. 3600 NSEC ns1.example. NS RRSIG NSEC',
  ns1: 'ns1.example. 3600 NSEC ns2.example. A RRSIG NSEC',
  wild: '*.w.example. 3600 NSEC x.w.example. MX RRSIG NSEC',
  x: 'x.w.example. 3600 NSEC x.y.w.example. MX RRSIG NSEC',
  xy: 'x.y.w.example. 3600 NSEC xx.example. MX RRSIG NSEC',
  last: 'xx.example. 3600 NSEC example. A HINFO AAAA RRSIG NSEC',
}

describe('RFC 4035 appendix B: what NSEC proves', () => {
  test.each([
    ['B.2 name error', 'ml.example', [nsec.b, nsec.apex], 'proven'],
    ['B.2 without the wildcard', 'ml.example', [nsec.b], undefined],
    ['B.2 without the name', 'ml.example', [nsec.apex], undefined],
    ['the end of the zone', 'zz.example', [nsec.last, nsec.apex], 'proven'],
    ['a name that is there', 'ns1.example', [nsec.ns1, nsec.b, nsec.apex], undefined],
    ['a name below a delegation', 'mc.b.example', [nsec.b, nsec.apex], undefined],
    ['an empty name', 'y.w.example', [nsec.x, nsec.apex], undefined],
    ['a name of another zone', 'ml.elsewhere', [nsec.last, nsec.apex], undefined],
  ] as const)('%s: %s', (_, name, lines, expected) => {
    expect(denying(lines).noName(name)).toBe(expected)
  })

  test.each([
    ['B.3 no data', 'ns1.example', rrType.MX, [nsec.ns1], 'proven'],
    ['a type that is there', 'ns1.example', rrType.A, [nsec.ns1], undefined],
    ['an empty name', 'y.w.example', rrType.A, [nsec.x], 'proven'],
    ['B.7 wildcard no data', 'a.z.w.example', rrType.AAAA, [nsec.xy, nsec.wild], 'proven'],
    ['B.7 a type the wildcard has', 'a.z.w.example', rrType.MX, [nsec.xy, nsec.wild], undefined],
    ['B.7 without the gap', 'a.z.w.example', rrType.AAAA, [nsec.wild], undefined],
    ['B.8 DS from the child', 'example', rrType.DS, [nsec.apex], undefined],
    ['the parent says nothing but DS at a cut', 'b.example', rrType.MX, [nsec.b], undefined],
  ] as const)('%s: %s %i', (_, name, type, lines, expected) => {
    expect(denying(lines).noData(name, type)).toBe(expected)
  })

  test('B.5: a delegation without DS; B.4: one with', () => {
    expect(denying([nsec.b]).noDs('b.example')).toBe('unsigned-zone')
    expect(denying([nsec.a]).noDs('a.example')).toBeUndefined()
    expect(denying([nsec.ns1]).noDs('ns1.example')).toBe('no-zone')
  })

  test('B.6: nothing is closer than the wildcard', () => {
    expect(denying([nsec.xy]).nothingCloser('a.z.w.example', 2)).toBe('proven')
    expect(denying([nsec.xy]).nothingCloser('a.z.w.example', 1)).toBeUndefined()
    expect(denying([nsec.wild]).nothingCloser('a.z.w.example', 2)).toBeUndefined()
  })
})

const hashes = {
  example: '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom',
  'a.example': '35mthgpgcu1qg68fab165klnsnk3dpvl',
  'ai.example': 'gjeqe526plbf1g8mklp59enfd789njgi',
  'ns1.example': '2t7b4g4vsa5smi47k61mv5bv1a22bojr',
  'ns2.example': 'q04jkcevqvmu85r014c7dkba38o0ji5r',
  'w.example': 'k8udemvp1j2f7eg6jebps17vp3n8i58h',
  '*.w.example': 'r53bq7cc2uvmubfu5ocmm6pers9tk9en',
  'x.w.example': 'b4um86eghhds6nea196smvmlo4ors995',
  'y.w.example': 'ji6neoaepv8b5o6k4ev33abha8ht9fgc',
  'x.y.w.example': '2vptu5timamqttgl4luu9kg21e0aor3s',
  'xx.example': 't644ebqk9bibcna874givr6joj62mlhv',
} as const

const nsec3 = (owner: keyof typeof hashes, next: keyof typeof hashes, types: string, flags = 1) =>
  `${hashes[owner]}.example. 3600 NSEC3 1 ${flags} 12 aabbccdd ${hashes[next]} ${types}`
const hashed = {
  apex: nsec3('example', 'ns1.example', 'MX DNSKEY NS SOA NSEC3PARAM RRSIG'),
  ns1: nsec3('ns1.example', 'x.y.w.example', 'A RRSIG'),
  a: nsec3('a.example', 'x.w.example', 'NS DS RRSIG'),
  x: nsec3('x.w.example', 'ai.example', 'MX RRSIG'),
  y: nsec3('y.w.example', 'w.example', ''),
  w: `${hashes['w.example']}.example. 3600 NSEC3 1 1 12 aabbccdd kohar7mbb8dc2ce8a9qvl8hon4k53uhi`,
  ns2: nsec3('ns2.example', '*.w.example', 'A RRSIG'),
  wild: nsec3('*.w.example', 'xx.example', 'MX RRSIG'),
}
const strict = (line: string) => line.replace('NSEC3 1 1', 'NSEC3 1 0')

describe('RFC 5155 appendix A: hashes', () => {
  test.each(Object.entries(hashes))('of %s', (name, hash) => {
    const octets = hashName(name, { iterations: 12, salt: Buffer.from('aabbccdd', 'hex') })
    expect(toBase32Hex(Buffer.from(octets, 'latin1'))).toBe(hash)
  })
})

describe('RFC 5155 appendix B: what NSEC3 proves', () => {
  test.each([
    [
      'B.1 name error, but in a span of opt-out',
      'a.c.x.w.example',
      [hashed.apex, hashed.x, hashed.a],
      'opt-out',
    ],
    ['B.1 name error', 'a.c.x.w.example', [hashed.apex, hashed.x, hashed.a].map(strict), 'proven'],
    ['B.1 without the encloser', 'a.c.x.w.example', [hashed.apex, hashed.a].map(strict), undefined],
    ['B.1 without the wildcard', 'a.c.x.w.example', [hashed.apex, hashed.x].map(strict), undefined],
    ['B.1 without the next closer', 'a.c.x.w.example', [hashed.x, hashed.a].map(strict), undefined],
    ['below a delegation', 'x.a.example', [hashed.a, hashed.apex, hashed.x].map(strict), undefined],
  ] as const)('%s: %s', (_, name, lines, expected) => {
    expect(denying(lines).noName(name)).toBe(expected)
  })

  test.each([
    ['B.2 no data', 'ns1.example', rrType.MX, [hashed.ns1], 'proven'],
    ['B.2 a type that is there', 'ns1.example', rrType.A, [hashed.ns1], undefined],
    ['B.2.1 an empty name', 'y.w.example', rrType.A, [hashed.y], 'proven'],
    [
      'B.5 wildcard no data',
      'a.z.w.example',
      rrType.AAAA,
      [hashed.w, hashed.ns2, hashed.wild].map(strict),
      'proven',
    ],
    [
      'B.5 in a span of opt-out',
      'a.z.w.example',
      rrType.AAAA,
      [hashed.w, hashed.ns2, hashed.wild],
      'opt-out',
    ],
    [
      'B.5 a type the wildcard has',
      'a.z.w.example',
      rrType.MX,
      [hashed.w, hashed.ns2, hashed.wild],
      undefined,
    ],
    ['B.6 DS from the child', 'example', rrType.DS, [hashed.apex], undefined],
  ] as const)('%s: %s %i', (_, name, type, lines, expected) => {
    expect(denying(lines).noData(name, type)).toBe(expected)
  })

  test('B.3: an unsigned delegation in a span of opt-out, and only there', () => {
    expect(denying([hashed.apex, hashed.a]).noDs('c.example')).toBe('unsigned-zone')
    expect(denying([hashed.apex, hashed.a].map(strict)).noDs('c.example')).toBeUndefined()
  })

  test('B.4: nothing is closer than the wildcard', () => {
    expect(denying([strict(hashed.ns2)]).nothingCloser('a.z.w.example', 2)).toBe('proven')
    expect(denying([hashed.x]).nothingCloser('a.z.w.example', 2)).toBeUndefined()
  })

  test('records hashed in other ways, with unknown flags or of other zones prove nothing', () => {
    for (const other of [
      hashed.ns1.replace('NSEC3 1', 'NSEC3 2'),
      hashed.ns1.replace('NSEC3 1 1', 'NSEC3 1 3'),
      hashed.ns1.replace('.example. 3600', '.deep.example. 3600'),
    ])
      expect(denying([other]).noData('ns1.example', rrType.MX)).toBeUndefined()
  })
})
