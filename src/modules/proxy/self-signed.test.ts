import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { isStillGood, makeSelfSigned } from './self-signed.ts'
import { secureContext } from './tls-profile.ts'

const now = Date.UTC(2026, 10, 21)
const day = 24 * 3600 * 1000
const names = ['mail.home.test', 'xn--bcher-kva.test']

test('is for the names of the server and for the machine itself', async () => {
  const { certificate } = await makeSelfSigned(names, now)
  const read = new X509Certificate(certificate)
  expect(read.subjectAltName).toBe(
    'DNS:mail.home.test, DNS:xn--bcher-kva.test, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  )
  expect(read.checkHost('mail.home.test')).toBe('mail.home.test')
  expect(read.checkIP('::1')).toBe('::1')
  expect(read.verify(read.publicKey)).toBe(true)
  expect(read.subject).toBe('CN=mail.home.test')
  expect(read.ca).toBe(true)
})

test('serves every TLS profile', async () => {
  const pair = await makeSelfSigned(names, now)
  expect(() => secureContext('intermediate', [pair])).not.toThrow()
  expect(() => secureContext('permissive', [pair])).not.toThrow()
})

test('two are never alike', async () => {
  const [one, other] = await Promise.all([makeSelfSigned(names, now), makeSelfSigned(names, now)])
  expect(one.key).not.toBe(other.key)
  expect(new X509Certificate(one.certificate).serialNumber).not.toBe(
    new X509Certificate(other.certificate).serialNumber,
  )
})

test.each([
  ['the day it was made', names, 0, true],
  ['a month before its end', names, 794, true],
  ['in its last month', names, 796, false],
  ['with a name it does not have', [...names, 'new.test'], 0, false],
  ['with a name less', names.slice(1), 0, true],
])('is still good %s: %3$s', async (_when, wanted, days, good) => {
  const { certificate } = await makeSelfSigned(names, now)
  expect(isStillGood(certificate, wanted, now + days * day)).toBe(good)
})

test('lives beyond the year 2049', async () => {
  const { certificate } = await makeSelfSigned(names, Date.UTC(2049, 5, 1))
  expect(new Date(new X509Certificate(certificate).validTo).getUTCFullYear()).toBe(2051)
})
