import { ImapFlow } from 'imapflow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'

const password = 'pässwörd ☃ 1'
let server: TestServer

beforeAll(async () => {
  await requireDebian('openssl', 'whois', 'python3-passlib', 'python3-bcrypt', 'python3-argon2')
  server = await startServer()
})
afterAll(() => server.stop())

async function printed(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, args)
  if (code !== 0) throw new Error(stderr)
  return stdout.trim()
}

const openssl = (scheme: string) => printed('openssl', ['passwd', `-${scheme}`, password])
const mkpasswd = (method: string) => printed('mkpasswd', ['-m', method, password])
const passlib = (settings: string) =>
  printed('/usr/bin/python3', [
    '-W',
    'ignore',
    '-c',
    `import sys, passlib.hash; print(passlib.hash.${settings}.hash(sys.argv[1]))`,
    password,
  ])

async function signsIn(login: string, pass: string): Promise<boolean> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: server.ports.imaps,
    secure: true,
    auth: { user: login, pass },
    tls: { rejectUnauthorized: false },
    logger: false,
  })
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    client.close()
  }
}

const made: readonly (readonly [by: string, scheme: string, hash: () => Promise<string>])[] = [
  ...['1', '5', '6', 'apr1'].map((scheme) => ['openssl', scheme, () => openssl(scheme)] as const),
  ...['des', 'md5crypt', 'sha256crypt', 'sha512crypt', 'bcrypt', 'bcrypt-a', 'sunmd5', 'bsdicrypt'].map(
    (method) => ['mkpasswd', method, () => mkpasswd(method)] as const,
  ),
  ...[
    // As Mailu makes them, and made them.
    'bcrypt_sha256.using(rounds=12)',
    'bcrypt_sha256.using(rounds=12, version=1)',
    'pbkdf2_sha512',
    'sha512_crypt',
    'sha256_crypt',
    'md5_crypt',
    'bcrypt.using(ident="2y", rounds=12)',
    'bcrypt.using(ident="2a", rounds=10)',
    'argon2',
    'pbkdf2_sha1',
    'pbkdf2_sha256',
    'des_crypt',
    'bsdi_crypt',
    'phpass',
    'sun_md5_crypt',
    'sha1_crypt.using(rounds=100000)',
    'apr_md5_crypt',
    'ldap_salted_sha1',
    'ldap_salted_sha512',
    'ldap_pbkdf2_sha256',
  ].map((settings) => ['passlib', settings, () => passlib(settings)] as const),
]

describe('a password is still good', () => {
  test.each(made.map((row, n) => [...row, n] as const))('that %s hashed with %s', async (_, __, hash, n) => {
    const user = `u${n}@example.test`
    const added = await server.homepost(['user', 'add', user, '--password-hash', await hash()])
    expect(added).toMatchObject({ code: 0 })
    expect(await signsIn(user, password.replace('1', '2').replace('p', 'P'))).toBe(false)
    expect(await signsIn(user, password)).toBe(true)
    // By now it is stored as today.
    expect(await signsIn(user, password)).toBe(true)
  })
})
