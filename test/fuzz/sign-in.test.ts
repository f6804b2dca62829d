import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BadSyntax } from '../../src/lib/bad-syntax.ts'
import { readClientFinal, readClientFirst } from '../../src/lib/scram.ts'
import { deviceOf, issueDeviceCookie } from '../../src/modules/auth/sign-in/device-cookies.ts'
import { preparePassword } from '../../src/modules/auth/sign-in/password.ts'
import { isRight, type SlowHash } from '../../src/modules/auth/sign-in/schemes/slow-hash.ts'
import { readStoredHash } from '../../src/modules/auth/sign-in/schemes/stored-hash.ts'
import { readVerifiers, writeVerifiers } from '../../src/modules/auth/sign-in/scram-verifiers.ts'
import { findToken, tokenHash } from '../../src/modules/auth/sign-in/tokens.ts'
import { address } from '../support/auth.ts'
import '../support/fuzz.ts'
import { cpuMs, timed } from '../support/cpu-time.ts'

const seeds = [
  '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA',
  '$bcrypt-sha256$v=2,t=2b,r=5$5Hg1DKFqPE8C2aflZ5vVoe$wOK1VFFtS8IGTrGa7.h5fs0u84qyPbS',
  '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
  '$5$rounds=1000$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8',
  '$1$dOHYPKoP$tnxS1T8Q6VVn3kpV8cN6o.',
  '$pbkdf2-sha256$12$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ',
  '$P$5IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0',
  '$md5,rounds=10$zrdhpMlZ$$wBvMOEqbSjU.hu5T2VEP01',
  '$sha1$100$iVdJqfSE$v4qYKl1zqYThwpjJAoKX6UvlHq/a',
  '_J9..CCCCXBrJUJV154M',
  'OgAwTx2l6NADI',
  '{SSHA}pSYZ9iDmE3HsMdAdN1M6pGNr1XQxMjM0',
  '5f4dcc3b5aa765d61d8327deb882cf99',
]

/** One of the seeds with a few characters changed, taken out or put in, or anything. */
const damaged = fc
  .tuple(
    fc.constantFrom(...seeds),
    fc.array(
      fc.tuple(
        fc.nat(120),
        fc.constantFrom('', '$', '=', ',', '9', '99999999', '{', '_', '.', '\0', 'é', '\n'),
        fc.nat(3),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([seed, changes]) =>
    changes.reduce((text, [at, put, cut]) => text.slice(0, at) + put + text.slice(at + cut), seed),
  )
const anything = fc.oneof(damaged, fc.string({ unit: 'binary', maxLength: 600 }), fc.constantFrom(...seeds))

const quick = new Set(['argon2', 'pbkdf2', 'salted-digest', 'unusable'])

test('whatever is stored as a hash is read quickly', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const { result, ms } = timed(() => readStoredHash(text))
      expect(ms).toBeLessThan(200)
      expect(typeof result.kind).toBe('string')
    }),
  )
})

/** Those that a test can afford. */
function isCheap(hash: SlowHash): boolean {
  switch (hash.kind) {
    case 'bcrypt':
      return hash.cost <= 5
    case 'phpass':
      return hash.exponent <= 8
    case 'sha-crypt':
    case 'sha1-crypt':
    case 'sun-md5':
    case 'bsdi-crypt':
      return hash.rounds <= 1_000
    case 'md5-crypt':
    case 'des-crypt':
      return true
  }
}

test('what is read as a hash can be checked, and no password is the right one by chance', {
  timeout: 60_000,
}, () => {
  fc.assert(
    fc.property(damaged, fc.string({ unit: 'binary', maxLength: 40 }), (text, password) => {
      const hash = readStoredHash(text)
      if (quick.has(hash.kind) || !isCheap(hash as SlowHash)) return
      if (!seeds.includes(text)) expect(isRight(hash as SlowHash, [password])).toBe(false)
    }),
    { numRuns: Number(process.env['FUZZ_SECONDS'] ?? 0) > 0 ? Number.MAX_SAFE_INTEGER : 60 },
  )
})

test('no long text makes reading slow', () => {
  for (const part of ['$', '$5$', '{SSHA}', 'a', '=', '$md5$', '$argon2id$m=1,', '0123456789abcdef']) {
    for (const length of [100, 512, 200_000]) {
      const text = part.repeat(Math.ceil(length / part.length)).slice(0, length)
      expect(cpuMs(() => readStoredHash(text))).toBeLessThan(200)
    }
  }
})

test('the one form of a password has the one form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (password) => {
      const prepared = preparePassword(password)
      if (prepared !== undefined) expect(preparePassword(prepared)).toBe(prepared)
    }),
  )
})

test('a token is found by its secret and by no other', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(31), (bytes, at) => {
      const secret = Buffer.from(bytes).toString('hex')
      const token = { passwordHash: tokenHash(secret) } as Parameters<typeof findToken>[0][number]
      expect(findToken([token], secret)).toBe(token)
      const other = `${secret.slice(0, at)}${secret.charAt(at) === '0' ? '1' : '0'}${secret.slice(at + 1)}`
      expect(findToken([token], other)).toBeUndefined()
    }),
  )
})

test('a device cookie with anything changed is none', () => {
  const [key, ann] = [Buffer.from('key'), address('ann@example.com')]
  fc.assert(
    fc.property(fc.nat(60), fc.string({ unit: 'binary', maxLength: 3 }), (at, put) => {
      const cookie = issueDeviceCookie(key, ann)
      const changed = cookie.slice(0, at) + put + cookie.slice(at + 1)
      if (changed !== cookie) expect(deviceOf(key, changed, ann)).toBeUndefined()
    }),
  )
})

test('verifiers are read as they were written, and anything else is none or some', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      fc.integer({ min: 1, max: 65_536 }),
      (bytes, iterations) => {
        const all = Buffer.from(bytes)
        const verifiers = {
          iterations,
          salt: all.subarray(0, 16),
          storedKey: all.subarray(32),
          serverKey: all.subarray(0, 32),
        }
        expect(readVerifiers(writeVerifiers(verifiers))).toEqual(verifiers)
      },
    ),
  )
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readVerifiers(text)))
})

test.each([
  ['first', readClientFirst, ['n,,n=user,r=abc', 'p=tls-exporter,a=x,n=u=2Cser,r=abc,e=x']],
  ['final', readClientFinal, ['c=biws,r=abcdef,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=']],
] as const)('the %s message of SCRAM is read, or none', (_, read, texts) => {
  const message = fc
    .tuple(
      fc.constantFrom(...texts),
      fc.nat(60),
      fc.constantFrom('', ',', '=', 'm=', '\0', 'n,', 'ü'),
      fc.nat(3),
    )
    .map(([text, at, put, cut]) => text.slice(0, at) + put + text.slice(at + cut))
  fc.assert(
    fc.property(fc.oneof(message, fc.string({ unit: 'binary', maxLength: 200 })), (text) => {
      try {
        read(text)
      } catch (error) {
        expect(error).toBeInstanceOf(BadSyntax)
      }
    }),
  )
})
