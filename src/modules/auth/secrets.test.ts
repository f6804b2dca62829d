import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Secrets } from './secrets.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homepost-secrets-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function opened(secretKey?: string): Promise<Secrets> {
  const secrets = new Secrets(folder, secretKey)
  await secrets.open()
  return secrets
}

test('SECRET_KEY is derived from as Mailu does it', async () => {
  const secrets = await opened('ABCDEFGHIJ0123456')
  expect(secrets.derive('SRS_KEY').toString('hex')).toBe(
    'f823d32da775d5b544fa96ec064353961cf7d706d4a29289249a89e5ce0c43f6',
  )
  expect(existsSync(join(folder, 'secret.key'))).toBe(false)
})

test('without one, a file that only its owner reads is made once', async () => {
  const first = (await opened()).derive('SRS_KEY')
  expect(statSync(join(folder, 'secret.key')).mode & 0o777).toBe(0o600)
  expect((await opened()).derive('SRS_KEY')).toEqual(first)
  expect((await opened()).derive('OTHER')).not.toEqual(first)
})

test('what is sealed is read again, never the same twice', async () => {
  const secrets = await opened('one')
  const sealed = secrets.seal('pässwörd')
  expect(secrets.unseal(sealed)).toBe('pässwörd')
  expect(secrets.seal('pässwörd')).not.toBe(sealed)
  expect(Buffer.from(sealed.slice(2), 'base64').includes('pässwörd')).toBe(false)
})

test('what another key sealed, or somebody changed, is not read', async () => {
  const sealed = (await opened('one')).seal('text')
  expect((await opened('two')).unseal(sealed)).toBeUndefined()
  const one = await opened('one')
  const bytes = Buffer.from(sealed.slice(2), 'base64')
  for (const at of bytes.keys()) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    expect(one.unseal(`1.${changed.toString('base64')}`)).toBeUndefined()
  }
  expect((await opened('one')).unseal('1.')).toBeUndefined()
  expect((await opened('one')).unseal('')).toBeUndefined()
})

test('what was sealed with the file’s key is read after SECRET_KEY is set', async () => {
  const sealed = (await opened()).seal('text')
  expect((await opened('one')).unseal(sealed)).toBe('text')
})

test('an empty key file is told, never used', async () => {
  writeFileSync(join(folder, 'secret.key'), '')
  await expect(opened()).rejects.toThrow(/secret\.key is empty/)
})
