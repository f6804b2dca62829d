import { expect, test } from 'vitest'
import { rr } from '../../../../test/support/dns/records.ts'
import { makeKey, signAll, type ZoneKey } from '../../../../test/support/dns/signing.ts'
import { groupRecords, type RrSet } from '../rr-set.ts'
import type { Rr } from '../wire/message.ts'
import { Work, workLimits } from '../work.ts'
import { verifies } from './algorithms.ts'
import { type DnsKey, readDnsKey } from './records.ts'
import { checkSignatures } from './signatures.ts'

const now = Date.UTC(2026, 0, 15) / 1000
const period = { from: now - 1000, until: now + 1000 }
const key = makeKey(13)

function keyOf({ data }: Pick<ZoneKey, 'data'>): DnsKey {
  const read = readDnsKey(data)
  if (!read) throw new Error('No key')
  return read
}
function setOf(records: readonly Rr[]): RrSet {
  const [set] = groupRecords(records)
  if (!set) throw new Error('No set')
  return set
}
const records = [rr('www.zone.test. 600 A 192.0.2.1'), rr('www.zone.test. 600 A 192.0.2.2')]
const signed = setOf([...records, ...signAll(records, 'zone.test', [key], period)])
const zone = { zone: 'zone.test', keys: [keyOf(key)] }
const check = (set: RrSet, by = zone, at = now, work = new Work(0)) => checkSignatures(set, by, at, work)

test('a good signature is good in its time, for as long as it lasts', () => {
  expect(check(signed)).toMatchObject({ kind: 'good', labels: 3, ttl: 600 })
  expect(check(signed, zone, now + 900)).toMatchObject({ kind: 'good', ttl: 100 })
  expect(check(signed, zone, now + 1000)).toMatchObject({ kind: 'good', ttl: 0 })
  expect(check(signed, zone, now + 1001)).toMatchObject({ kind: 'bad', why: { code: 7 } })
  expect(check(signed, zone, now - 1001)).toMatchObject({ kind: 'bad', why: { code: 8 } })
})

test('a time to live that was raised on the way is not believed', () => {
  expect(check({ ...signed, ttl: 86_400 })).toMatchObject({ kind: 'good', ttl: 600 })
})

test('another name, another type, another zone, another key: bad', () => {
  expect(check({ ...signed, name: 'ftp.zone.test' })).toMatchObject({ kind: 'bad' })
  expect(check({ ...signed, type: 28 })).toMatchObject({ kind: 'bad' })
  expect(check(signed, { ...zone, zone: 'other.test' })).toMatchObject({ kind: 'bad', why: { code: 10 } })
  expect(check(signed, { ...zone, keys: [keyOf(makeKey(13))] })).toMatchObject({
    kind: 'bad',
    why: { code: 9 },
  })
  expect(check({ ...signed, name: 'www.other.test' })).toMatchObject({ kind: 'bad' })
})

test('one good signature among bad ones is enough', () => {
  const bad = signAll(records, 'zone.test', [makeKey(15)], { from: now - 10, until: now - 5 })
  const both = setOf([...records, ...bad, ...signAll(records, 'zone.test', [key], period)])
  expect(check(both)).toMatchObject({ kind: 'good' })
})

test('many keys of one tag under many bad signatures cost a bounded number of checks', () => {
  const [first] = signed.signatures
  if (!first) throw new Error('No signature')
  const wrong = { ...first, signature: Buffer.alloc(64, 1) }
  const trap = { ...signed, signatures: Array.from({ length: 8 }, () => wrong) }
  const keys = Array.from({ length: 32 }, () => keyOf(key))
  const work = new Work(0, { ...workLimits, signatures: 1000 })
  expect(check(trap, { ...zone, keys }, now, work)).toMatchObject({ kind: 'bad' })
  let left = 0
  while (work.spend('signatures')) left++
  expect(1000 - left).toBeLessThanOrEqual(32)
  const spent = new Work(0, { ...workLimits, signatures: 0 })
  expect(check(signed, zone, now, spent)).toMatchObject({ kind: 'bad', why: { code: 6 } })
})

test.each([
  ['RSA without octets', 8, ''],
  ['RSA with an exponent of 5 octets', 8, `05${'ff'.repeat(5)}${'c1'.repeat(128)}`],
  ['RSA with a small modulus', 10, `03010001${'c1'.repeat(64)}`],
  ['RSA with a large modulus', 8, `03010001${'c1'.repeat(513)}`],
  ['RSA with a long length and nothing behind it', 8, '00ffff'],
  ['P-256 with a point on no curve', 13, '11'.repeat(64)],
  ['P-256 too short', 13, '11'.repeat(63)],
  ['P-384 with a point on no curve', 14, '11'.repeat(96)],
  ['Ed25519 too long', 15, '11'.repeat(33)],
  ['Ed448 too short', 16, '11'.repeat(56)],
  ['an unknown algorithm', 253, '11'.repeat(64)],
])('%s is no key, and no error', (_, algorithm, hex) => {
  const data = Buffer.concat([Buffer.from([1, 1, 3, algorithm]), Buffer.from(hex, 'hex')])
  expect(verifies(keyOf({ data }), Buffer.alloc(64), Buffer.from('data'))).toBe(false)
})
