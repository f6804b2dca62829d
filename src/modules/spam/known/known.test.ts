import { expect, test } from 'vitest'
import { indexMessage } from '../../../lib/mime/indexer.ts'
import type { AuthChecks } from '../../../ports/mail-authentication.ts'
import { readContent } from '../content/message-content.ts'
import { bandsOf, likeness, packed, printsOf } from './prints.ts'
import { type Repute, reputationHits } from './reputation.ts'
import { senderOf } from './subjects.ts'

const offer = (name: string, number: number) =>
  `Dear ${name}, you were chosen among many to receive our exclusive offer ${number}. Reply today to claim the full amount
  before it expires, as other winners are waiting for your answer. Send us your name, your address and a copy of your papers, and we
  shall transfer the money at once. Do not tell anybody about this, as the bank asked us to keep it secret.`
const letter = `Dear Bob, thank you for your letter. We had a lovely time at the lake, and the children are still talking about the boats.
  Shall we come and see you in spring, when the garden is in flower? Ann sends her love and asks whether you still have the recipe.`

function print(text: string, part = ''): Uint8Array[] {
  const octets = Buffer.from(
    part === ''
      ? `Content-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n`
      : `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n${text}\r\n--b\r\n${part}\r\n--b--\r\n`,
  )
  return packed(printsOf(readContent(octets, indexMessage(octets)), octets))
}

const alike = (one: Uint8Array | undefined, other: Uint8Array | undefined) =>
  one && other ? likeness(one, other) : undefined
const shareBand = (one: Uint8Array | undefined, other: Uint8Array | undefined) =>
  one !== undefined && other !== undefined && bandsOf(one).some((band) => bandsOf(other).includes(band))

test('a text is known again with another name and number in it, and is not taken for another', () => {
  const [first] = print(offer('Ann', 4711))
  const [again] = print(offer('Robert', 99))
  const [other] = print(letter)
  expect(alike(first, again)).toBeGreaterThan(0.7)
  expect(shareBand(first, again)).toBe(true)
  expect(alike(first, other)).toBeLessThan(0.2)
})

test('hardly any text is known again by nothing', () => {
  expect(print('See you tomorrow at the station, around ten?')).toEqual([])
})

test('a file is known again whatever the text, a picture is not', () => {
  const file = (type: string) =>
    `Content-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.alloc(900, 'virus').toString('base64')}`
  const [pdf] = print('see this', file('application/pdf'))
  const [zip] = print('or that', file('application/zip; name=x.zip'))
  expect(alike(pdf, zip)).toBe(1)
  expect(print('see this', file('image/png'))).toEqual([])
})

const checks = (more: Partial<AuthChecks>): AuthChecks => ({
  spf: { result: 'none', identity: 'mailfrom', domain: '', why: '', explanation: '' },
  dkim: [],
  dmarc: { result: 'none', policy: 'none', author: '', policyDomain: '', why: '' },
  arc: { result: 'none', sealers: [], why: '' },
  iprev: { result: 'pass', name: '' },
  ...more,
})
const ann = { name: 'Ann', local: 'Ann', domain: 'Mail.Bank.shop' }
const signed = (domain: string) =>
  checks({ dkim: [{ result: 'pass', domain, selector: 's', algorithm: 'rsa-sha256', why: '' }] })
const spf = checks({
  spf: { result: 'pass', identity: 'mailfrom', domain: 'bank.shop', why: '', explanation: '' },
})

test('behind a message stand its address, its domain, its network and who signed it', () => {
  const { subjects, address } = senderOf(ann, '203.0.113.9', signed('bank.shop'))
  expect(subjects.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'address ann@mail.bank.shop',
    'domain bank.shop',
    'network 203.0.113.0/24',
    'signer bank.shop',
  ])
  expect(address).toBe('ann@mail.bank.shop')
})

test('a name that nothing proves stands for its network alone', () => {
  const keyOf = (ip: string, known?: AuthChecks) => senderOf(ann, ip, known).subjects[0]?.key
  expect(keyOf('203.0.113.9', spf)).toBe(keyOf('198.51.100.1', spf))
  expect(keyOf('203.0.113.9', spf)).toBe(keyOf('198.51.100.1', signed('bank.shop')))
  expect(keyOf('203.0.113.9')).toBe(keyOf('203.0.113.77', signed('other.shop')))
  expect(keyOf('203.0.113.9')).not.toBe(keyOf('198.51.100.1'))
  expect(keyOf('203.0.113.9')).not.toBe(keyOf('203.0.113.9', spf))
  expect(senderOf(ann, '203.0.113.9', undefined).address).toBeUndefined()
})

const points = (all: Repute | undefined, own?: Repute) => {
  const [subject] = senderOf(ann, '127.0.0.1', undefined).subjects
  if (!subject) return 0
  return reputationHits([{ subject, all, own }]).reduce((sum, { weight }) => sum + weight, 0)
}

test('a reputation weighs more the more it is founded on, and one’s own more than that of all', () => {
  expect(points(undefined)).toBe(0)
  expect(points({ ham: 0, spam: 1 })).toBeGreaterThan(0)
  expect(points({ ham: 0, spam: 100 })).toBeGreaterThan(points({ ham: 0, spam: 5 }))
  expect(points({ ham: 0, spam: 100 })).toBeLessThanOrEqual(4)
  expect(points({ ham: 50, spam: 50 })).toBe(0)
  expect(points({ ham: 100, spam: 0 })).toBeLessThan(-3)
  expect(points(undefined, { ham: 0, spam: 5 })).toBeGreaterThan(points({ ham: 0, spam: 5 }))
  expect(points({ ham: 400, spam: 0 }, { ham: 400, spam: 0 })).toBe(-6)
})
