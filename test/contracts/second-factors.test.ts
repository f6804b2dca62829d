import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { SecondFactors } from '../../src/ports/second-factors.ts'
import { address, addUsers, domainRow, newUser, startAuth, type TestAuth } from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'
import { codeOf } from '../support/code-of.ts'

const ann = address('ann@example.com')
const ip = '192.0.2.7'
const seen = { ip, browser: 'Firefox' }
const day = 86_400_000

describe.each(bothWays)('SecondFactors, %s', (_, way) => {
  let auth: TestAuth
  let factors: SecondFactors
  let account: AccountId

  beforeEach(async () => {
    auth = await startAuth()
    factors = way(auth.factors)
    await auth.admin.add('domain', domainRow('example.com'), 'test')
    await addUsers(auth.admin, [newUser('ann@example.com'), newUser('bob@example.com')])
    account = (await auth.admin.user(ann))?.account ?? (0 as AccountId)
  })
  afterEach(() => auth.end())

  const now = (step = 0) => auth.clock.now() + step * 30_000
  const verify = (service: 'web' | 'imap' | 'smtp' | 'pop3' | 'sieve' | 'dav', password = 'correct horse') =>
    auth.credentials.verify({ login: ann, password, service, ip, connection: 'c1' })
  async function ticket(): Promise<string> {
    const verdict = await verify('web')
    return verdict.kind === 'accepted' ? (verdict.ticket ?? '') : ''
  }
  /** Answers with the secret and the recovery codes. Its first code is used then. */
  async function turnOn() {
    const { secret } = await factors.newSecret(ann)
    const on = await factors.turnOnCodes(account, { secret, code: codeOf(secret, now()) })
    return { secret, recoveryCodes: on.kind === 'on' ? on.recoveryCodes : [] }
  }
  const check = async (code: string, of?: string) =>
    factors.check({ ticket: of ?? (await ticket()), code, ip, connection: 'c1' })

  test('it is on once a code was right, and not before', async () => {
    const { secret } = await factors.newSecret(ann)
    expect(await factors.turnOnCodes(account, { secret, code: '000000' })).toEqual({ kind: 'wrong-code' })
    expect(await factors.turnOnCodes(account, { secret: 'AAAA', code: '000000' })).toEqual({
      kind: 'wrong-code',
    })
    expect((await factors.list(account)).codes).toBeUndefined()
    expect((await auth.sessions.begin(await ticket(), seen)).kind).toBe('begun')
    const on = await factors.turnOnCodes(account, { secret, code: codeOf(secret, now()) })
    expect(on).toMatchObject({ kind: 'on', recoveryCodes: { length: 10 } })
    expect(await factors.list(account)).toMatchObject({ codes: { createdAt: now() }, recoveryCodesLeft: 10 })
    expect(await factors.turnOnCodes(account, { secret, code: codeOf(secret, now()) })).toEqual({
      kind: 'exists',
    })
  })

  test('then the password begins no session, and the code after it does', async () => {
    const { secret } = await turnOn()
    const half = await ticket()
    expect(await auth.sessions.begin(half, seen)).toEqual({ kind: 'second-factor' })
    await auth.clock.advance(30_000)
    const verdict = await check(codeOf(secret, now()), half)
    expect(verdict).toMatchObject({ kind: 'accepted', account, address: ann, with: 'second factor' })
    const whole = verdict.kind === 'accepted' ? (verdict.ticket ?? '') : ''
    expect((await auth.sessions.begin(whole, seen)).kind).toBe('begun')
  })

  test('each code is good once, the one that turned it on too', async () => {
    const { secret } = await turnOn()
    const refused = { kind: 'refused', reason: 'wrong-code' }
    expect(await check(codeOf(secret, now()))).toEqual(refused)
    const next = codeOf(secret, now(1))
    expect((await check(next)).kind).toBe('accepted')
    expect(await check(next)).toEqual(refused)
    // An earlier one is not good after a later one: RFC 6238 §5.2 forbids the second attempt.
    await auth.clock.advance(60_000)
    expect((await check(codeOf(secret, now()))).kind).toBe('accepted')
    expect(await check(codeOf(secret, now(-1)))).toEqual(refused)
    expect((await factors.list(account)).codes?.lastUsedAt).toBe(now())
  })

  test('a code that comes ten times at once signs in once', async () => {
    const { secret } = await turnOn()
    const half = await ticket()
    const code = codeOf(secret, now(1))
    const verdicts = await Promise.all(Array.from({ length: 10 }, () => check(code, half)))
    expect(verdicts.filter(({ kind }) => kind === 'accepted')).toHaveLength(1)
  })

  test('a recovery code is good once, however it is typed', async () => {
    const { recoveryCodes } = await turnOn()
    const [first = '', second = ''] = recoveryCodes
    expect((await check(first)).kind).toBe('accepted')
    expect((await check(first)).kind).toBe('refused')
    expect((await check(` ${second.toUpperCase().replaceAll('-', ' ')}`)).kind).toBe('accepted')
    expect((await factors.list(account)).recoveryCodesLeft).toBe(8)
    const made = await factors.newRecoveryCodes(account)
    expect(made).toMatchObject({ kind: 'made', recoveryCodes: { length: 10 } })
    expect((await check(recoveryCodes[2] ?? '')).kind).toBe('refused')
  })

  test('guessing codes stops after twenty, many at once too, and recovery codes go on', async () => {
    const { secret, recoveryCodes } = await turnOn()
    const half = await ticket()
    const guesses = await Promise.all(Array.from({ length: 40 }, () => check('000000', half)))
    expect(guesses.filter(({ kind }) => kind === 'refused')).toHaveLength(20)
    expect(await check(codeOf(secret, now(1)))).toMatchObject({ kind: 'throttled' })
    expect((await check(recoveryCodes[0] ?? '')).kind).toBe('accepted')
    expect(await auth.locks.list()).toMatchObject([{ kind: 'login', who: ann, from: 'codes' }])
    auth = await auth.restart()
    factors = way(auth.factors)
    expect(await check(codeOf(secret, now(1)))).toMatchObject({ kind: 'throttled' })
    await auth.clock.advance(day)
    expect((await check(codeOf(secret, now()))).kind).toBe('accepted')
  })

  test('right codes use up no guesses', async () => {
    const { secret } = await turnOn()
    for (let times = 0; times < 25; times++) {
      await auth.clock.advance(30_000)
      expect((await check(codeOf(secret, now()))).kind).toBe('accepted')
    }
  })

  test.each(['imap', 'smtp', 'pop3', 'sieve', 'dav'] as const)(
    'with it on, the password does not open %s; an app token does',
    async (service) => {
      const added = await auth.admin.add('token', { user: ann }, 'test')
      const token = added.kind === 'added' ? (added.secret ?? '') : ''
      await turnOn()
      const reason = 'token-needed-beside-second-factor'
      expect(await verify(service)).toEqual({ kind: 'refused', reason })
      expect(auth.events.at(-1)).toMatchObject({ event: 'sign-in.refused', fields: { reason } })
      expect(await verify(service, token)).toMatchObject({ kind: 'accepted', with: 'token' })
    },
  )

  test('a ticket is good for ten minutes, for its account, and until the password changes', async () => {
    const { secret } = await turnOn()
    const [half, other] = [await ticket(), await ticket()]
    for (const forged of [
      '',
      'x',
      half.slice(1),
      `${half}a`,
      half.replace('password', 'all'),
      half.replace(/^\d/, (digit) => (digit === '9' ? '8' : '9')),
    ])
      expect(await check(codeOf(secret, now(1)), forged)).toEqual({ kind: 'over' })
    await auth.admin.set('user', ann, { password: 'another one' }, 'test')
    expect(await check(codeOf(secret, now(1)), half)).toEqual({ kind: 'over' })
    expect(await auth.sessions.begin(other, seen)).toEqual({ kind: 'over' })
    await auth.admin.set('user', ann, { password: 'correct horse' }, 'test')
    const late = await ticket()
    await auth.clock.advance(600_000)
    expect(await check(codeOf(secret, now()), late)).toEqual({ kind: 'over' })
  })

  test('a sign-in that was checked before it was turned on begins no session after', async () => {
    const before = await ticket()
    await turnOn()
    expect(await auth.sessions.begin(before, seen)).toEqual({ kind: 'over' })
  })

  test('what was removed is not asked for', async () => {
    await turnOn()
    const id = (await factors.list(account)).codes?.id ?? ''
    const bob = (await auth.admin.user(address('bob@example.com')))?.account ?? (0 as AccountId)
    expect(await factors.remove(bob, id)).toEqual({ kind: 'missing' })
    expect(await factors.remove(account, id)).toEqual({ kind: 'removed' })
    expect(await factors.list(account)).toEqual({ codes: undefined, passkeys: [], recoveryCodesLeft: 0 })
    expect((await auth.sessions.begin(await ticket(), seen)).kind).toBe('begun')
    expect((await verify('imap')).kind).toBe('accepted')
    expect(await factors.removeAll(account, 'test')).toEqual({ kind: 'missing' })
    await turnOn()
    expect(await factors.removeAll(account, 'command line')).toEqual({ kind: 'removed' })
    const [last] = await auth.admin.audit()
    expect(last).toMatchObject({ actor: 'command line', key: ann, columns: [{ from: 'code generator' }] })
  })

  test('the secret is in no file, log or audit', async () => {
    const { secret, recoveryCodes } = await turnOn()
    await check(recoveryCodes[0] ?? '')
    const told = JSON.stringify([auth.events, await auth.admin.audit(), await auth.admin.everything()])
    await auth.service.drain()
    const files = ['directory.db', 'directory.db-wal'].map((name) =>
      readFileSync(join(auth.dataDir, name), 'latin1'),
    )
    for (const hidden of [secret, ...recoveryCodes, ...recoveryCodes.map((code) => code.replaceAll('-', ''))])
      for (const text of [told, ...files]) expect(text.includes(hidden)).toBe(false)
  })
})
