import { randomBytes } from 'node:crypto'
import { keyTagOf } from '../../../src/modules/resolver/dnssec/records.ts'
import type { Rr } from '../../../src/modules/resolver/wire/message.ts'
import { rrType } from '../../../src/modules/resolver/wire/types.ts'
import type { Response } from './authority.ts'
import { type Internet, sharedKey, type ZoneSketch } from './internet.ts'
import type { Tamper } from './servers.ts'
import { makeKey } from './signing.ts'

const day = 86_400
const key = sharedKey(13)

const lines = (zone: string) => [
  `www.${zone}. 300 A 192.0.2.1`,
  `*.wild.${zone}. 300 A 192.0.2.2`,
  `early.${zone}. 300 A 192.0.2.3`,
  `late.${zone}. 300 A 192.0.2.4`,
]

const covers = (record: Rr, type: number) =>
  record.type === rrType.RRSIG && Buffer.from(record.data).readUInt16BE(0) === type
const proofTypes: readonly number[] = [rrType.NSEC, rrType.NSEC3]
const isProof = (record: Rr) =>
  proofTypes.includes(record.type) || proofTypes.some((type) => covers(record, type))

/** Changes what is said about addresses, and nothing else. */
const onAddresses =
  (change: (response: Response) => Response): Tamper =>
  (response, { type, name }) =>
    type === rrType.A && !name.startsWith('ns.') ? change(response) : response
const inAnswer = (change: (record: Rr) => Rr[]) =>
  onAddresses((response) => ({ ...response, answer: response.answer.flatMap(change) }))
const flipped = (data: Uint8Array) => {
  const copy = Buffer.from(data)
  copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 1, copy.length - 1)
  return copy
}

/** Keys that share the tag of a real one, as many as there may be: CVE-2023-50387. */
function lookAlikes(count: number): Rr[] {
  return Array.from({ length: count }, () => {
    const data = Buffer.from(key.data)
    randomBytes(60).copy(data, 4)
    for (let sum = keyTagOf(data); sum !== key.tag; sum = keyTagOf(data)) {
      data.writeUInt16BE((data.readUInt16BE(66) + ((key.tag - sum) & 0xffff)) & 0xffff, 66)
    }
    return { name: 'trap.test', type: rrType.DNSKEY, class: 1, ttl: 3600, data }
  })
}

const signed = (zone: string, more: Partial<ZoneSketch> = {}): ZoneSketch => ({
  lines: lines(zone),
  key,
  ...more,
})

type Row = readonly [zone: string, name: string, expected: object, sketch: ZoneSketch]

export interface BrokenZones {
  /** The zone, the name asked, and what the outcome must be: never secure. */
  readonly rows: readonly Row[]
  /** For the zones that lie with records of their own. */
  readonly prepare: (net: Internet) => void
}

/** `now` in seconds since 1970. */
export function brokenZones(now: number): BrokenZones {
  let hiddenProofs: Rr[] = []
  let relabelled: Rr[] = []
  const rows: readonly Row[] = [
    [
      'badsig.test',
      'www.badsig.test',
      { kind: 'bogus', why: [{ code: 6 }] },
      signed('badsig.test', {
        tamper: inAnswer((each) => [covers(each, rrType.A) ? { ...each, data: flipped(each.data) } : each]),
      }),
    ],
    [
      'changed.test',
      'www.changed.test',
      { kind: 'bogus', why: [{ code: 6 }] },
      signed('changed.test', {
        tamper: inAnswer((each) => [each.type === rrType.A ? { ...each, data: flipped(each.data) } : each]),
      }),
    ],
    [
      'added.test',
      'www.added.test',
      { kind: 'bogus', why: [{ code: 6 }] },
      signed('added.test', {
        tamper: inAnswer((each) =>
          each.type === rrType.A ? [each, { ...each, data: flipped(each.data) }] : [each],
        ),
      }),
    ],
    [
      'expired.test',
      'www.expired.test',
      { kind: 'bogus', why: [{ code: 7 }] },
      signed('expired.test', { period: { from: now - 9 * day, until: now - day } }),
    ],
    [
      'future.test',
      'www.future.test',
      { kind: 'bogus', why: [{ code: 8 }] },
      signed('future.test', { period: { from: now + day, until: now + 9 * day } }),
    ],
    [
      'backwards.test',
      'www.backwards.test',
      { kind: 'bogus' },
      signed('backwards.test', { period: { from: now + day, until: now - day } }),
    ],
    [
      'stripped.test',
      'www.stripped.test',
      { kind: 'bogus', why: [{ code: 10 }] },
      signed('stripped.test', { tamper: inAnswer((each) => (each.type === rrType.RRSIG ? [] : [each])) }),
    ],
    [
      'otherds.test',
      'www.otherds.test',
      { kind: 'bogus', why: [{ code: 9 }] },
      signed('otherds.test', { parentSays: makeKey(13) }),
    ],
    [
      'unsigned.test',
      'www.unsigned.test',
      { kind: 'bogus' },
      { lines: lines('unsigned.test'), parentSays: key },
    ],
    [
      'downgraded.test',
      'www.downgraded.test',
      { kind: 'bogus' },
      signed('downgraded.test', { key: makeKey(5), parentSays: key }),
    ],
    [
      'notzone.test',
      'www.notzone.test',
      { kind: 'bogus' },
      signed('notzone.test', { key: makeKey(13, { flags: 1 }) }),
    ],
    [
      'oversized.test',
      'www.oversized.test',
      { kind: 'bogus' },
      signed('oversized.test', { key: makeKey(8, { bits: 4224 }) }),
    ],
    // Proven to be signed in ways that nobody here believes: as if unsigned, RFC 4035 §5.2.
    [
      'sha1.test',
      'www.sha1.test',
      { security: 'insecure', why: [{ code: 1 }] },
      signed('sha1.test', { key: makeKey(5) }),
    ],
    ['sha1ds.test', 'www.sha1ds.test', { security: 'insecure' }, signed('sha1ds.test', { digestType: 1 })],
    [
      'noproof.test',
      'nobody.noproof.test',
      { kind: 'bogus', why: [{ code: 12 }] },
      signed('noproof.test', {
        tamper: onAddresses((response) => ({
          ...response,
          authority: response.authority.filter((each) => !isProof(each)),
        })),
      }),
    ],
    [
      'nowild.test',
      'nobody.nowild.test',
      { kind: 'bogus', why: [{ code: 12 }] },
      signed('nowild.test', {
        // Keeps the gap around the name, and hides that there is no wildcard.
        tamper: onAddresses((response) => ({
          ...response,
          authority: response.authority.filter((each) => !(isProof(each) && each.name === 'nowild.test')),
        })),
      }),
    ],
    [
      'hidden.test',
      'www.hidden.test',
      { kind: 'bogus' },
      signed('hidden.test', {
        // Says that a name is not there which is, with proofs for another.
        tamper: onAddresses((response) => ({ ...response, rcode: 3, answer: [], authority: hiddenProofs })),
      }),
    ],
    [
      'wildcard.test',
      'a.wild.wildcard.test',
      { kind: 'bogus', why: [{ code: 12 }] },
      signed('wildcard.test', {
        tamper: onAddresses((response) => ({ ...response, authority: [] })),
      }),
    ],
    [
      'relabelled.test',
      'www.relabelled.test',
      { kind: 'bogus' },
      signed('relabelled.test', {
        // The wildcard's records under a name that is there by itself.
        tamper: (response, { name, type }) =>
          name === 'www.relabelled.test' && type === rrType.A
            ? { ...response, answer: relabelled.map((each) => ({ ...each, name })) }
            : response,
      }),
    ],
    [
      'loop.test',
      'a.loop.test',
      { kind: 'later' },
      { lines: ['a.loop.test. 300 CNAME b.loop.test.', 'b.loop.test. 300 CNAME a.loop.test.'], key },
    ],
    [
      'itself.test',
      'x.d.itself.test',
      { kind: 'later' },
      { lines: ['d.itself.test. 300 DNAME d.d.itself.test.'], key },
    ],
    [
      'twoaliases.test',
      'two.twoaliases.test',
      { kind: 'later' },
      {
        lines: ['two.twoaliases.test. 300 CNAME www.test.', 'two.twoaliases.test. 300 CNAME nic.test.'],
        key,
      },
    ],
    ['trap.test', 'www.trap.test', {}, signed('trap.test', { records: lookAlikes(30) })],
  ]
  return {
    rows,
    prepare: (net) => {
      const recordsIn = (zone: string) => net.zones.get(zone)?.records ?? []
      hiddenProofs = recordsIn('hidden.test').filter(
        (each) => each.type === rrType.SOA || (isProof(each) && each.name === 'early.hidden.test'),
      )
      relabelled = recordsIn('relabelled.test').filter(
        (each) =>
          each.name === '*.wild.relabelled.test' && (each.type === rrType.A || covers(each, rrType.A)),
      )
    },
  }
}
