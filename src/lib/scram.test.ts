import { expect, test } from 'vitest'
import { BadSyntax } from './bad-syntax.ts'
import { authMessage, belongs, readClientFinal, readClientFirst, serverFinal, serverFirst } from './scram.ts'

// RFC 7677 §3
const clientNonce = 'rOprNGfwEbeRWgbNEkqO'
const serverNonce = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
const first = `n,,n=user,r=${clientNonce}`
const final = `c=biws,r=${clientNonce}${serverNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`

test('the exchange of the RFC is read and answered', () => {
  const client = readClientFirst(first)
  expect(client).toMatchObject({ binding: 'no', authorization: '', user: 'user', nonce: clientNonce })
  const offered = serverFirst(client, { serverNonce, salt: 'W22ZaJ0SNY7soEsUEjb6gQ==', iterations: 4096 })
  expect(offered).toBe(`r=${clientNonce}${serverNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`)
  const answer = readClientFinal(final)
  expect(belongs(client, answer, { serverNonce })).toBe(true)
  expect(authMessage(client, offered, answer)).toBe(
    `n=user,r=${clientNonce},${offered},c=biws,r=${clientNonce}${serverNonce}`,
  )
  expect(serverFinal('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')).toBe(
    'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  )
})

test.each([
  ['y,,n=user,r=abc', { binding: 'thinks-not' }],
  ['p=tls-exporter,,n=user,r=abc', { binding: { type: 'tls-exporter' } }],
  [
    'n,a=bob@example.com,n=ann@example.com,r=abc',
    { authorization: 'bob@example.com', user: 'ann@example.com' },
  ],
  ['n,,n=a=2Cb=3Dc,r=abc', { user: 'a,b=c' }],
  ['n,,n=ü,r=abc,x=more', { user: 'ü', bare: 'n=ü,r=abc,x=more' }],
])('%j is understood', (text, expected) => {
  expect(readClientFirst(text)).toMatchObject(expected)
})

test.each([
  '',
  'n,,',
  'n,,n=user',
  'n,,n=,r=abc',
  'n,,n=user,r=',
  'n,,r=abc,n=user',
  'n,,m=must,n=user,r=abc',
  'q,,n=user,r=abc',
  'n,,n=us=er,r=abc',
  'n,,n=user,r=a b',
  `n,,n=${'u'.repeat(5_000)},r=abc`,
])('%j is none', (text) => {
  expect(() => readClientFirst(text)).toThrow(BadSyntax)
})

test.each([
  '',
  'c=biws,r=abc',
  'c=biws,r=abc,p=short',
  'r=abc,c=biws,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
])('%j is no answer', (text) => {
  expect(() => readClientFinal(text)).toThrow(BadSyntax)
})

test('an answer to another offer, or from another connection, does not belong', () => {
  const client = readClientFirst('p=tls-exporter,,n=user,r=abc')
  const bound = Buffer.from('what both ends see')
  const binding = Buffer.concat([Buffer.from('p=tls-exporter,,'), bound]).toString('base64')
  const answer = readClientFinal(`c=${binding},r=abcxyz,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`)
  expect(belongs(client, answer, { serverNonce: 'xyz', bound })).toBe(true)
  expect(belongs(client, answer, { serverNonce: 'xyZ', bound })).toBe(false)
  expect(belongs(client, answer, { serverNonce: 'xyz', bound: Buffer.from('something else') })).toBe(false)
  expect(belongs(client, answer, { serverNonce: 'xyz' })).toBe(false)
})
