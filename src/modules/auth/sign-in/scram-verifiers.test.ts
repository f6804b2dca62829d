import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  madeUpSalt,
  makeVerifiers,
  readVerifiers,
  serverSignature,
  storedKeyOf,
  writeVerifiers,
} from './scram-verifiers.ts'

// RFC 7677 §3
const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
const authMessage = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=${nonce}`
const how = { salt: Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'), iterations: 4096 }
const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64')

test('the proof of the RFC is right, and its signature is ours', async () => {
  const verifiers = await makeVerifiers('pencil', how)
  expect(storedKeyOf(proof, verifiers.storedKey, authMessage)).toEqual(verifiers.storedKey)
  expect(serverSignature(verifiers, authMessage).toString('base64')).toBe(
    '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  )
})

test('another proof is not', async () => {
  const { storedKey } = await makeVerifiers('pencil', how)
  const wrong = Buffer.from(proof)
  wrong[3] = (wrong[3] ?? 0) ^ 1
  expect(storedKeyOf(wrong, storedKey, authMessage)).not.toEqual(storedKey)
  expect(storedKeyOf(Buffer.alloc(0), storedKey, authMessage)).not.toEqual(storedKey)
})

test('what is written is read again', async () => {
  const verifiers = await makeVerifiers('pencil', how)
  const text = writeVerifiers(verifiers)
  expect(text).toMatch(/^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$/)
  expect(readVerifiers(text)).toEqual(verifiers)
})

test.each([
  '',
  'SCRAM-SHA-1$4096:W22ZaJ0SNY7soEsUEjb6gQ==$a:b',
  'SCRAM-SHA-256$0:W22ZaJ0SNY7soEsUEjb6gQ==$x:y',
  'x',
])('%j are no verifiers', (text) => {
  expect(readVerifiers(text)).toBeUndefined()
})

test.each([
  ['a no-break space is a space', 'a\u00a0b', 'a b'],
  ['a soft hyphen is nothing', 'a\u00adb', 'ab'],
  ['compatibility forms are folded', '\ufb01\uff11', 'fi1'],
])('as SCRAM prepares it, %s', async (_, one, other) => {
  expect(await makeVerifiers(one, how)).toEqual(await makeVerifiers(other, how))
})

test('every password has a salt of its own', async () => {
  const [one, other] = await Promise.all([makeVerifiers('x'), makeVerifiers('x')])
  expect(one.salt).not.toEqual(other.salt)
  expect(one.iterations).toBeGreaterThanOrEqual(4096)
})

test('nobody has the same salt every time, and looks like everybody', async () => {
  const key = createHash('sha256').update('secret').digest()
  expect(madeUpSalt(key, 'nobody@example.com')).toEqual(madeUpSalt(key, 'nobody@example.com'))
  expect(madeUpSalt(key, 'nobody@example.com')).not.toEqual(madeUpSalt(key, 'noone@example.com'))
  expect(madeUpSalt(key, 'x').length).toBe((await makeVerifiers('x')).salt.length)
})
