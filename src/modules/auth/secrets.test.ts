import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Secrets } from './secrets.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homepost-secrets-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('SECRET_KEY is derived from as Mailu does it', () => {
  const secrets = new Secrets(folder, 'ABCDEFGHIJ0123456')
  expect(secrets.derive('SRS_KEY').toString('hex')).toBe(
    'f823d32da775d5b544fa96ec064353961cf7d706d4a29289249a89e5ce0c43f6',
  )
  expect(existsSync(join(folder, 'secret.key'))).toBe(false)
})

test('without one, a file that only its owner reads is made once', () => {
  const first = new Secrets(folder, undefined).derive('SRS_KEY')
  expect(statSync(join(folder, 'secret.key')).mode & 0o777).toBe(0o600)
  expect(new Secrets(folder, undefined).derive('SRS_KEY')).toEqual(first)
  expect(new Secrets(folder, undefined).derive('OTHER')).not.toEqual(first)
})

test('what is sealed is read again, never the same twice', () => {
  const secrets = new Secrets(folder, 'one')
  const sealed = secrets.seal('pässwörd')
  expect(secrets.unseal(sealed)).toBe('pässwörd')
  expect(secrets.seal('pässwörd')).not.toBe(sealed)
  expect(sealed).not.toContain('ss')
})

test('what another key sealed, or somebody changed, is not read', () => {
  const sealed = new Secrets(folder, 'one').seal('text')
  expect(new Secrets(folder, 'two').unseal(sealed)).toBeUndefined()
  const flipped = sealed.replace(/.(?==*$)/, (last) => (last === 'A' ? 'B' : 'A'))
  expect(new Secrets(folder, 'one').unseal(flipped === sealed ? '' : `${flipped}`)).toBeUndefined()
  expect(new Secrets(folder, 'one').unseal('1.')).toBeUndefined()
  expect(new Secrets(folder, 'one').unseal('')).toBeUndefined()
})

test('what was sealed with the file’s key is read after SECRET_KEY is set', () => {
  const sealed = new Secrets(folder, undefined).seal('text')
  expect(new Secrets(folder, 'one').unseal(sealed)).toBe('text')
})
