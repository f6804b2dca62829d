import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { authMessage, readClientFinal, readClientFirst, serverFirst } from '../../src/lib/scram.ts'
import { openDatabase } from '../../src/platform/sqlite/database.ts'
import type {
  CredentialVerifier,
  DeviceCookies,
  LoginAttempt,
  LoginVerdict,
  ScramVerifier,
} from '../../src/ports/credentials.ts'
import type { TokenSettings } from '../../src/ports/directory-rows.ts'
import {
  address,
  addUsers,
  domainRow,
  newUser,
  silentUser,
  startAuth,
  type TestAuth,
} from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'

const ann = address('ann@example.com')
const home = '192.0.2.7'
const hour = 3_600_000

let auth: TestAuth

async function start(settings: NonNullable<Parameters<typeof startAuth>[0]>['settings'] = {}): Promise<void> {
  auth = await startAuth({ settings })
  await auth.admin.add('domain', domainRow('example.com'), 'test')
  await addUsers(auth.admin, [newUser('ann@example.com'), newUser('bob@example.com', { enableImap: false })])
}

async function addToken(user: string, settings: Partial<TokenSettings> = {}): Promise<string> {
  const added = await auth.admin.add('token', { user: address(user), ...settings }, 'test')
  if (added.kind !== 'added' || added.secret === undefined) throw new Error(JSON.stringify(added))
  return added.secret
}

/** As an import from Mailu leaves it. */
function storeHash(table: 'users' | 'tokens', hash: string): void {
  const db = openDatabase(join(auth.dataDir, 'directory.db'), 'write')
  if (table === 'tokens') db.prepare('UPDATE tokens SET password = ?').run(hash)
  else db.prepare("UPDATE users SET password = ?, scram = '' WHERE address = ?").run(hash, ann)
  db.close()
}

function storedHash(table: 'users' | 'tokens'): string {
  const db = openDatabase(join(auth.dataDir, 'directory.db'), 'read')
  const sql =
    table === 'tokens' ? 'SELECT password FROM tokens' : `SELECT password FROM users WHERE address = '${ann}'`
  const hash = db.prepare<[], string>(sql).pluck().get() ?? ''
  db.close()
  return hash
}

const attempt = (password: string, more: Partial<LoginAttempt> = {}): LoginAttempt => ({
  login: 'ann@example.com',
  password,
  service: 'imap',
  ip: home,
  connection: 'c1',
  ...more,
})
const ask = (password: string, more: Partial<LoginAttempt> = {}): Promise<LoginVerdict> =>
  auth.credentials.verify(attempt(password, more))
const answer = async (verdict: Promise<LoginVerdict>) => {
  const told = await verdict
  return told.kind === 'refused' ? told.reason : told.kind
}

afterEach(() => auth.end())

describe.each(bothWays)('app tokens, %s', (_, way) => {
  let credentials: CredentialVerifier
  beforeEach(async () => {
    await start({ authRatelimitIp: undefined })
    credentials = way(auth.credentials)
  })

  test('open every protocol but the web', async () => {
    const token = await addToken('ann@example.com')
    expect(token).toMatch(/^[\da-f]{32}$/)
    for (const service of ['imap', 'pop3', 'smtp', 'sieve', 'dav'] as const)
      expect(await credentials.verify(attempt(token, { service }))).toMatchObject({
        kind: 'accepted',
        with: 'token',
      })
    expect(await answer(credentials.verify(attempt(token, { service: 'web' })))).toBe('wrong-secret')
  })

  test('may come as bearer tokens, as which passwords do not', async () => {
    const token = await addToken('ann@example.com')
    expect(await answer(credentials.verify(attempt(token, { bearer: true })))).toBe('accepted')
    const others = [{ service: 'web' as const }, { password: 'correct horse' }, { password: '' }]
    for (const other of others)
      expect(await answer(credentials.verify(attempt(token, { bearer: true, ...other })))).toBe(
        'wrong-secret',
      )
    expect(await answer(credentials.verify(attempt('correct horse')))).toBe('accepted')
  })

  test('are told in the log by their number, in a field that no log hides', async () => {
    await credentials.verify(attempt(await addToken('ann@example.com')))
    expect(auth.events.find(({ event }) => event === 'sign-in.accepted')).toMatchObject({
      fields: { with: 'token', tokenId: 1 },
    })
  })

  test('are of one user alone, as they were shown', async () => {
    const token = await addToken('ann@example.com')
    expect(
      await answer(credentials.verify(attempt(token, { login: 'bob@example.com', service: 'smtp' }))),
    ).toBe('wrong-secret')
    expect(await answer(credentials.verify(attempt(token.toUpperCase())))).toBe('wrong-secret')
  })

  test.each<[settings: Partial<TokenSettings>, more: Partial<LoginAttempt>, expected: string]>([
    [{ networks: [] }, {}, 'accepted'],
    [{ networks: ['192.0.2.0/24'] }, {}, 'accepted'],
    [{ networks: ['192.0.2.99/24'] }, {}, 'accepted'],
    [{ networks: ['198.51.100.1', '192.0.2.7'] }, { ip: '::ffff:192.0.2.7' }, 'accepted'],
    [{ networks: ['2001:db8::/32'] }, { ip: '2001:db8:5::1' }, 'accepted'],
    [{ networks: ['198.51.100.0/24'] }, {}, 'token-network'],
    [{ networks: ['2001:db8::/32'] }, {}, 'token-network'],
    [{ services: ['imap', 'smtp'] }, { service: 'smtp' }, 'accepted'],
    [{ services: ['smtp'] }, {}, 'token-service'],
    [{ expires: Date.UTC(2026, 0, 15, 13) }, {}, 'accepted'],
    [{ expires: Date.UTC(2026, 0, 15, 12) }, {}, 'token-expired'],
  ])('with %j, asked with %j: %s', async (settings, more, expected) => {
    const token = await addToken('ann@example.com', settings)
    expect(await answer(credentials.verify(attempt(token, more)))).toBe(expected)
  })

  test('do not open what is switched off for their user', async () => {
    const token = await addToken('bob@example.com')
    const bob = { login: 'bob@example.com' }
    expect(await answer(credentials.verify(attempt(token, bob)))).toBe('protocol-off')
    expect(await answer(credentials.verify(attempt(token, { ...bob, service: 'smtp' })))).toBe('accepted')
    await auth.admin.set('user', address('bob@example.com'), { enabled: false }, 'test')
    expect(await answer(credentials.verify(attempt(token, { ...bob, service: 'smtp' })))).toBe('disabled')
  })

  test('are gone at once when they are deleted', async () => {
    const token = await addToken('ann@example.com')
    expect(await answer(credentials.verify(attempt(token)))).toBe('accepted')
    const [row] = await auth.admin.tokens(ann)
    await auth.admin.delete('token', row?.id ?? 0, 'test')
    expect(await answer(credentials.verify(attempt(token)))).toBe('wrong-secret')
  })
})

describe('app tokens', () => {
  test('with a list of which something means nothing let nobody in, whatever else stands there', async () => {
    await start()
    const token = await addToken('ann@example.com')
    const db = openDatabase(join(auth.dataDir, 'directory.db'), 'write')
    db.prepare('UPDATE tokens SET networks = ?').run('["192.0.2.0/24","my house"]')
    db.close()
    auth = await auth.restart()
    expect(await answer(ask(token))).toBe('token-network')
  })

  test('tell when and from where they were used last, without a write for each time', async () => {
    await start()
    const token = await addToken('ann@example.com')
    await ask(token, { client: 'Thunderbird 140' })
    expect((await auth.admin.tokens(ann))[0]?.lastUsed).toBeUndefined()
    await auth.clock.advance(61_000)
    await auth.service.drain()
    expect((await auth.admin.tokens(ann))[0]?.lastUsed).toEqual({
      at: Date.UTC(2026, 0, 15, 12),
      by: home,
      client: 'Thunderbird 140',
    })
  })

  test('of an earlier Mailu are verified, and stored as today', async () => {
    await start()
    const token = await addToken('ann@example.com')
    // sha256_crypt of 1000 rounds
    const { shaCrypt } = await import('../../src/modules/auth/sign-in/schemes/sha-crypt.ts')
    const old = shaCrypt(Buffer.from(token), { digest: 'sha256', rounds: 1_000, salt: 'saltsaltsaltsalt' })
    storeHash('tokens', `$5$rounds=1000$saltsaltsaltsalt$${old}`)
    auth = await auth.restart()
    expect(await answer(ask(token))).toBe('accepted')
    expect(storedHash('tokens')).toMatch(/^\$pbkdf2-sha256\$1\$[\w./]{22}\$[\w./]{43}$/)
    expect(await answer(ask(token))).toBe('accepted')
  })

  test('get in however others guess, and guesses shaped like them are counted', async () => {
    await start({ authRatelimitUser: { count: 3, seconds: 86_400 } })
    const token = await addToken('ann@example.com')
    for (let n = 0; n < 3; n++)
      expect(await answer(ask(`${n}`.repeat(32), { ip: `10.${n}.0.1` }))).toBe('wrong-secret')
    expect(await answer(ask('f'.repeat(32)))).toBe('throttled')
    expect(await answer(ask('correct horse'))).toBe('throttled')
    expect(await answer(ask(token))).toBe('accepted')
  })
})

describe('with AUTH_REQUIRE_TOKENS', () => {
  test.each([
    ['imap', false, 'token-needed'],
    ['pop3', false, 'token-needed'],
    ['smtp', false, 'token-needed'],
    ['sieve', false, 'token-needed'],
    ['web', false, 'accepted'],
    ['dav', false, 'token-needed'],
    ['dav', true, 'accepted'],
  ] as const)(
    'a password for %s, WebDAV open: %s, is %s',
    async (service, webdavTakesPasswords, expected) => {
      await start({ authRequireTokens: true, webdavTakesPasswords })
      expect(await answer(ask('correct horse', { service }))).toBe(expected)
      if (service !== 'web')
        expect(await answer(ask(await addToken('ann@example.com'), { service }))).toBe('accepted')
    },
  )
})

describe('a hash that Mailu made', () => {
  const old =
    '$6$rounds=1003$saltsaltsaltsalt$8XpIfzFTpTz8ZBjtPLvrPXIBCZIfzTGVA6KSIu0pfGZBHZ8GkUqcbKLd2vMZcvWUaWIDAaGzhXzIk83WAxyJh/'

  test('is replaced at the first sign-in, together with the verifiers of SCRAM', async () => {
    await start()
    const { shaCrypt } = await import('../../src/modules/auth/sign-in/schemes/sha-crypt.ts')
    const salt = 'saltsaltsaltsalt'
    // As it was typed then: not in the one form.
    const password = 'pässwörd'.normalize('NFD')
    const key = shaCrypt(Buffer.from(password), { digest: 'sha512', rounds: 1_003, salt })
    storeHash('users', `$6$rounds=1003$${salt}$${key}`)
    auth = await auth.restart()
    expect(await answer(ask('wrong'))).toBe('wrong-secret')
    expect(await answer(ask(password))).toBe('accepted')
    expect(storedHash('users')).toMatch(/^\$argon2id\$/)
    expect(await answer(ask('pässwörd'.normalize('NFC'), { ip: '198.51.100.9' }))).toBe('accepted')
    expect(await scram('ann@example.com', 'pässwörd')).toMatchObject({ kind: 'accepted' })
  })

  test('that cannot be used is told in the log, and refused like any other', async () => {
    await start()
    storeHash('users', old.replace('rounds=1003', 'rounds=999999999'))
    auth = await auth.restart()
    expect(await answer(ask('correct horse'))).toBe('wrong-secret')
    expect(auth.events).toContainEqual(expect.objectContaining({ event: 'sign-in.hash-unusable' }))
  })
})

/** A client's side of RFC 5802 §3. */
async function scram(
  login: string,
  password: string,
  { via = auth.scram, ip = home }: { via?: ScramVerifier; ip?: string } = {},
) {
  const who = { login, service: 'imap' as const, ip, connection: 'c1' }
  const client = readClientFirst(`n,,n=${login},r=abc`)
  const offer = await via.begin(who)
  if (offer.kind !== 'offer') return offer
  const first = serverFirst(client, { serverNonce: 'xyz', salt: offer.salt, iterations: offer.iterations })
  const salted = pbkdf2Sync(password, Buffer.from(offer.salt, 'base64'), offer.iterations, 32, 'sha256')
  const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const clientKey = hmac(salted, 'Client Key')
  const message = authMessage(client, first, readClientFinal(`c=biws,r=abcxyz,p=${'A'.repeat(43)}=`))
  const signature = hmac(createHash('sha256').update(clientKey).digest(), message)
  const proof = Buffer.from(clientKey.map((octet, at) => octet ^ (signature[at] ?? 0))).toString('base64')
  const verdict = await via.finish({ ...who, authMessage: message, proof })
  const server = hmac(hmac(salted, 'Server Key'), message).toString('base64')
  return { ...verdict, serverIsRight: 'serverSignature' in verdict && verdict.serverSignature === server }
}

describe.each(bothWays)('SCRAM, %s', (_, way) => {
  let via: ScramVerifier
  const begin = (login: string) => via.begin({ login, service: 'imap', ip: home, connection: 'c1' })

  test('lets in who has the password, and proves that the server knows it', async () => {
    await start()
    via = way(auth.scram)
    expect(await scram('ann@example.com', 'correct horse', { via })).toMatchObject({
      kind: 'accepted',
      address: ann,
      with: 'password',
      serverIsRight: true,
    })
    expect(await scram('ann@example.com', 'wrong', { via })).toMatchObject({
      kind: 'refused',
      reason: 'wrong-secret',
    })
    expect(await scram('bob@example.com', 'correct horse', { via })).toMatchObject({ reason: 'protocol-off' })
  })

  test('tells in the log who has to sign in with the password itself first', async () => {
    await start()
    via = way(auth.scram)
    await addUsers(auth.admin, [silentUser('new@example.com')])
    expect(await scram('new@example.com', 'correct horse', { via })).toMatchObject({
      kind: 'refused',
      reason: 'scram-not-yet',
    })
  })

  test('offers nobody a salt as well, always the same', async () => {
    await start()
    via = way(auth.scram)
    const nobody = await begin('nobody@example.com')
    expect(nobody).toEqual(await begin('nobody@example.com'))
    const known = await begin('ann@example.com')
    if (nobody.kind !== 'offer' || known.kind !== 'offer') throw new Error('no offer')
    expect(nobody.iterations).toBe(known.iterations)
    expect(nobody.salt.length).toBe(known.salt.length)
    auth = await auth.restart()
    via = way(auth.scram)
    expect(await begin('nobody@example.com')).toEqual(nobody)
    expect(await scram('nobody@example.com', '', { via })).toMatchObject({
      kind: 'refused',
      reason: 'unknown',
    })
  })

  test('is counted and locked like passwords; one wrong password counts once', async () => {
    await start({ authRatelimitUser: { count: 2, seconds: 86_400 }, authRatelimitIp: undefined })
    via = way(auth.scram)
    for (let n = 0; n < 4; n++) expect((await scram('ann@example.com', 'old', { via })).kind).toBe('refused')
    await scram('ann@example.com', 'older', { via })
    expect((await scram('ann@example.com', 'correct horse', { via })).kind).toBe('throttled')
    expect(await answer(ask('correct horse'))).toBe('throttled')
  })

  test('wants a token where passwords are for the web alone', async () => {
    await start({ authRequireTokens: true })
    via = way(auth.scram)
    expect(await scram('ann@example.com', 'correct horse', { via })).toMatchObject({ reason: 'token-needed' })
  })

  test('follows a change of the password', async () => {
    await start()
    via = way(auth.scram)
    await auth.admin.set('user', ann, { password: 'battery staple' }, 'test')
    expect((await scram('ann@example.com', 'correct horse', { via })).kind).toBe('refused')
    expect((await scram('ann@example.com', 'battery staple', { via })).kind).toBe('accepted')
  })
})

describe.each(bothWays)('device cookies, %s', (_, way) => {
  test('let a browser in that is known, whatever others do', async () => {
    await start({ authRatelimitUser: { count: 3, seconds: 86_400 } })
    const devices: DeviceCookies = way(auth.devices)
    const device = await devices.issue(ann)
    const there = '203.0.113.9'
    for (let n = 0; n < 5; n++) await ask('guess', { login: `u${n}@example.com`, ip: there })
    for (let n = 0; n < 3; n++) await ask(`guess ${n}`, { ip: `10.${n}.0.1` })
    const web = { service: 'web', ip: there } as const
    expect(await answer(ask('correct horse', web))).toBe('throttled')
    expect(await answer(ask('correct horse', { ...web, device: `${device}x` }))).toBe('throttled')
    expect(
      await answer(ask('correct horse', { ...web, device: await devices.issue(address('bob@example.com')) })),
    ).toBe('throttled')
    expect(await answer(ask('correct horse', { ...web, device }))).toBe('accepted')
  })

  test('have a count of their own', async () => {
    await start({ authRatelimitUser: { count: 2, seconds: 86_400 } })
    const device = await way(auth.devices).issue(ann)
    for (let n = 0; n < 2; n++)
      expect(await answer(ask(`guess ${n}`, { service: 'web', device }))).toBe('wrong-secret')
    expect(await answer(ask('correct horse', { service: 'web', device }))).toBe('throttled')
    expect(await answer(ask('correct horse', { service: 'web' }))).toBe('accepted')
    await auth.clock.advance(25 * hour)
    expect(await answer(ask('correct horse', { service: 'web', device }))).toBe('accepted')
  })

  test('are still good after a restart', async () => {
    await start({ authRatelimitUser: { count: 1, seconds: 86_400 } })
    const device = await way(auth.devices).issue(ann)
    auth = await auth.restart()
    await ask('guess', { ip: '10.0.0.1' })
    expect(await answer(ask('correct horse', { service: 'web' }))).toBe('throttled')
    expect(await answer(ask('correct horse', { service: 'web', device }))).toBe('accepted')
  })
})
