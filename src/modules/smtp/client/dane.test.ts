import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type Issued, issue as makeCertificate } from '../../../../test/support/certificates.ts'
import { matchDane, type TlsaRecord, usableRecords } from './dane.ts'

const now = Date.UTC(2026, 5, 1)

const issue = (subject: string, by: Issued | undefined, how: { ca?: boolean; days?: number } = {}) =>
  makeCertificate(subject, by, { ...how, now })

const root = issue('root.example', undefined, { ca: true })
const middle = issue('middle.example', root, { ca: true })
const own = issue('mx.example', middle)
const old = issue('mx.example', middle, { days: -1 })
const stranger = issue('mx.example', undefined, { ca: true })

const digest = ({ certificate }: Issued) => createHash('sha256').update(certificate.raw).digest()
const spki = ({ certificate }: Issued) =>
  createHash('sha512')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
const record = (usage: number, selector: number, matching: number, association: Uint8Array): TlsaRecord => ({
  usage,
  selector,
  matching,
  association,
})

test.each<[string, TlsaRecord, readonly Issued[], string, string]>([
  ['3 0 1, its own', record(3, 0, 1, digest(own)), [own, middle], 'any.example', 'verified'],
  ['3 1 2, its key', record(3, 1, 2, spki(own)), [own], 'any.example', 'verified'],
  ['3 1 2, expired: dates do not count', record(3, 1, 2, spki(old)), [old], 'any.example', 'verified'],
  ['3 0 1 of another', record(3, 0, 1, digest(stranger)), [own, middle], 'mx.example', 'validation-failure'],
  ['2 0 1 of the root', record(2, 0, 1, digest(root)), [own, middle, root], 'mx.example', 'verified'],
  ['2 1 2 of the middle', record(2, 1, 2, spki(middle)), [own, middle], 'mx.example', 'verified'],
  ['2 0 0, left out of the chain', record(2, 0, 0, middle.certificate.raw), [own], 'mx.example', 'verified'],
  [
    '2 0 1 and another name',
    record(2, 0, 1, digest(root)),
    [own, middle, root],
    'other.example',
    'certificate-host-mismatch',
  ],
  [
    '2 0 1 and expired',
    record(2, 0, 1, digest(root)),
    [old, middle, root],
    'mx.example',
    'certificate-expired',
  ],
  // Anybody can send the anchor along; only a chain of signatures counts.
  [
    '2 0 1, not signed by it',
    record(2, 0, 1, digest(root)),
    [stranger, root],
    'mx.example',
    'validation-failure',
  ],
  ['2 0 1, the link missing', record(2, 0, 1, digest(root)), [own, root], 'mx.example', 'validation-failure'],
])('%s', (_, tlsa, chain, name, expected) => {
  const verdict = matchDane(
    [tlsa],
    chain.map(({ certificate }) => certificate),
    [name],
    now,
  )
  expect(verdict.kind === 'verified' ? verdict.kind : verdict.why).toBe(expected)
})

test('records that mail cannot use are left out', () => {
  const records = [
    record(0, 0, 0, Buffer.alloc(9)),
    record(1, 1, 1, digest(own)),
    record(3, 2, 1, digest(own)),
  ]
  expect(
    usableRecords([...records, record(3, 0, 1, Buffer.alloc(31)), record(3, 0, 3, digest(own))]),
  ).toEqual([])
})
