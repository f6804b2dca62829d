import { expect, test } from 'vitest'
import type { Address } from './address.ts'
import { oldLogin, parseOldServer } from './old-server.ts'

test('a host alone is spoken to with TLS from the first octet, and proves its name', () => {
  expect(parseOldServer('mail.old.example')).toEqual({
    host: 'mail.old.example',
    imap: { port: 993, tls: 'implicit' },
    pop3: { port: 995, tls: 'implicit' },
    submission: { port: 465, tls: 'implicit' },
    smtpPort: 25,
    login: '%u',
    certificate: 'verified',
  })
})

test.each([
  ['the port of STARTTLS means it', 'old.example imap=143', { imap: { port: 143, tls: 'starttls' } }],
  ['STARTTLS by name', 'old.example pop3=starttls:1110', { pop3: { port: 1110, tls: 'starttls' } }],
  ['nobody is led there', 'old.example pop3=off', { pop3: undefined }],
  ['without any TLS', 'old.example tls=none', { imap: { port: 993, tls: 'none' }, certificate: 'any' }],
  ['whatever its certificate', '192.0.2.1 tls=unverified', { host: '192.0.2.1', certificate: 'any' }],
  ['an IPv6 address', '2001:db8::1 smtp=2525', { host: '2001:db8::1', smtpPort: 2525 }],
])('%s: %s', (_claim, text, expected) => {
  expect(parseOldServer(text)).toMatchObject(expected)
})

test.each([
  '',
  'no host',
  'old.example imap',
  'old.example imap=0',
  'old.example imap=70000',
  'old.example imap=993 imap=143',
  'old.example smtp=off',
  'old.example tls=perhaps',
  'old.example login=',
  'old.example constructor=1',
  'old.example\r\nimap=143\u0000',
])('%j is no old server', (text) => {
  expect(parseOldServer(text)).toBeUndefined()
})

test.each([
  ['%u', 'ann@example.org'],
  ['%n', 'ann'],
  ['OLD\\%n', 'OLD\\ann'],
])('%s is %s there', (login, expected) => {
  expect(oldLogin({ login }, 'ann@example.org' as Address)).toBe(expected)
})
