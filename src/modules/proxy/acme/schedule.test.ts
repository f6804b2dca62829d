import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { issue } from '../../../../test/support/certificates.ts'
import { backoffMs, renewalDue } from './schedule.ts'

const dayMs = 86_400_000
const { pem } = issue('mail.test', undefined, { days: 30 }) // made 60 days ago
const certificate = new X509Certificate(pem)
const until = Date.parse(certificate.validTo)
const told = (renewAt: number, serial = certificate.serialNumber) => ({
  renewal: { serial, renewAt, askAgainAt: 0 },
})

test('without the authority’s word a third of the life is left', () => {
  expect(renewalDue(certificate, {})).toBe(until - 30 * dayMs)
})

test('the authority’s word counts, but for another certificate’s or behind the end', () => {
  expect(renewalDue(certificate, told(until - 50 * dayMs))).toBe(until - 50 * dayMs)
  expect(renewalDue(certificate, told(until - 50 * dayMs, '01'))).toBe(until - 30 * dayMs)
  expect(renewalDue(certificate, told(until + dayMs))).toBe(until - 9 * dayMs)
})

test('who fails is asked for less and less often, and never given up', () => {
  const minutes = [1, 2, 3, 4, 5, 6, 7, 100].map((failures) => backoffMs(failures) / 60_000)
  expect(minutes).toEqual([1, 10, 60, 180, 360, 720, 720, 720])
})
