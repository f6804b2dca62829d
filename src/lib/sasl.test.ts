import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { expect, test } from 'vitest'
import { decodeBase64, loginExchange, plainCredentials, plainExchange, scramExchange } from './sasl.ts'

test.each([
  ['YQ==', 'a'],
  ['', ''],
  ['YQ', undefined],
  ['Y Q=', undefined],
  ['YQ=a', undefined],
  ['YQ-_', undefined],
])('base64 %s is %s', (text, expected) => {
  expect(decodeBase64(text)?.toString()).toBe(expected)
})

test.each([
  ['\0ann\0secret', { login: 'ann', password: 'secret' }],
  ['ann\0ann\0secret', { login: 'ann', password: 'secret' }],
  ['\0ann\0', { login: 'ann', password: '' }],
  ['\0ann\0pass%word ñ 日本', { login: 'ann', password: 'pass%word ñ 日本' }],
  ['bob\0ann\0secret', undefined],
  ['\0\0secret', undefined],
  ['ann\0secret', undefined],
  ['\0ann\0a\0b', undefined],
])('PLAIN %j signs in %j', (text, expected) => {
  expect(plainCredentials(Buffer.from(text))).toEqual(expected)
})

/** A client that knows its lines, and what it was asked. */
function client(...lines: readonly (string | ((challenge: string) => string))[]) {
  const heard: string[] = []
  const left = [...lines]
  const ask = async (challenge: string): Promise<Buffer | 'gone'> => {
    heard.push(challenge)
    const line = left.shift()
    if (line === undefined) return 'gone'
    return Buffer.from(typeof line === 'string' ? line : line(challenge))
  }
  return { ask, heard }
}

test('PLAIN asks once, with an empty challenge', async () => {
  const { ask, heard } = client('\0ann\0secret')
  expect(await plainExchange(ask)).toEqual({ login: 'ann', password: 'secret' })
  expect(heard).toEqual([''])
  expect(await plainExchange(client('nonsense').ask)).toBe('malformed')
  expect(await plainExchange(client().ask)).toBe('gone')
})

test('LOGIN asks for the name and then for the password', async () => {
  const { ask, heard } = client('ann', 'secret')
  expect(await loginExchange(ask)).toEqual({ login: 'ann', password: 'secret' })
  expect(heard).toEqual(['Username:', 'Password:'])
  expect(await loginExchange(client('ann').ask)).toBe('gone')
})

const salt = 'W22ZaJ0SNY7soEsUEjb6gQ=='
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** RFC 7677 §3: user, pencil, 4096 rounds. */
function proofOf(challenge: string, bare: string): string {
  const nonce = /^r=([^,]*)/.exec(challenge)?.[1] ?? ''
  const withoutProof = `c=biws,r=${nonce}`
  const clientKey = hmac(pbkdf2Sync('pencil', Buffer.from(salt, 'base64'), 4096, 32, 'sha256'), 'Client Key')
  const signature = hmac(sha256(clientKey), `${bare},${challenge},${withoutProof}`)
  const proof = Buffer.from(clientKey.map((octet, at) => octet ^ (signature[at] ?? 0)))
  return `${withoutProof},p=${proof.toString('base64')}`
}

const checks = {
  nonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
  begin: async (
    login: string,
  ): Promise<{ kind: 'offer'; salt: string; iterations: number } | { kind: 'throttled' }> =>
    login === 'user' ? { kind: 'offer', salt, iterations: 4096 } : { kind: 'throttled' },
  finish: async (
    _: string,
    { proof }: { proof: string },
  ): Promise<{ kind: 'accepted'; serverSignature: string } | { kind: 'refused' }> =>
    proof === 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ='
      ? { kind: 'accepted', serverSignature: '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=' }
      : { kind: 'refused' },
}
const bare = 'n=user,r=rOprNGfwEbeRWgbNEkqO'

test('SCRAM-SHA-256 goes as in RFC 7677', async () => {
  const { ask, heard } = client(`n,,${bare}`, (challenge) => proofOf(challenge, bare), '')
  expect(await scramExchange(ask, checks)).toMatchObject({ kind: 'accepted' })
  expect(heard).toEqual([
    '',
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  ])
})

test.each([
  ['a client that binds to the connection', ['p=tls-exporter,,n=user,r=abc'], 'malformed'],
  ['somebody who acts for another', ['n,a=bob,n=user,r=abc'], 'malformed'],
  ['what is no SCRAM', ['hello'], 'malformed'],
  ['a proof for another nonce', [`n,,${bare}`, `c=biws,r=other,p=${'A'.repeat(43)}=`], 'malformed'],
  [
    'a client that leaves before the signature',
    [`n,,${bare}`, (text: string) => proofOf(text, bare)],
    'gone',
  ],
  ['somebody who is locked out', ['n,,n=other,r=abc'], { kind: 'throttled' }],
  ['a wrong password', [`n,,${bare}`, (text: string) => proofOf(text, 'n=x,r=y')], { kind: 'refused' }],
])('SCRAM does not let in %s', async (_, lines, outcome) => {
  expect(await scramExchange(client(...lines).ask, checks)).toEqual(outcome)
})
