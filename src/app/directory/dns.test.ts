import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import type { DomainName } from '../../lib/address.ts'
import { dnsRecords } from './dns.ts'

const domain = 'example.org' as DomainName
const pemOf = (type: 'rsa' | 'ed25519') => {
  const { privateKey } =
    type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

test('without a key there is MX and SPF', () => {
  expect(dnsRecords(domain, 'mail.example.org', undefined)).toEqual({
    mx: 'example.org. 600 IN MX 10 mail.example.org.',
    spf: 'example.org. 600 IN TXT "v=spf1 mx a:mail.example.org ~all"',
  })
})

test('a long key is a record of texts that a zone can hold', () => {
  const { dkim = '', publicKey } = dnsRecords(domain, 'm', { domain, selector: 'dkim', pem: pemOf('rsa') })
  expect(dkim).toMatch(/^dkim\._domainkey\.example\.org\. 600 IN TXT "v=DKIM1; k=rsa; p=/)
  const texts = [...dkim.matchAll(/"([^"]*)"/g)].map(([, text = '']) => text)
  expect(texts.every((text) => text.length <= 255)).toBe(true)
  expect(texts.join('')).toBe(`v=DKIM1; k=rsa; p=${publicKey}`)
})

test('an Ed25519 key is published as its 32 octets', () => {
  const { publicKey = '' } = dnsRecords(domain, 'm', { domain, selector: 's', pem: pemOf('ed25519') })
  expect(Buffer.from(publicKey, 'base64')).toHaveLength(32)
})
