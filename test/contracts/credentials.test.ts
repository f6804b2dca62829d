import { join } from 'node:path'
import { hash } from 'argon2'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseNetworks } from '../../src/lib/networks.ts'
import { openDatabase } from '../../src/platform/sqlite/database.ts'
import type { CredentialVerifier, LoginAttempt, LoginVerdict } from '../../src/ports/credentials.ts'
import { address, addUsers, domainRow, newUser, startAuth, type TestAuth } from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'

const hour = 3_600_000
const home = '192.0.2.7'
const elsewhere = '198.51.100.9'

let auth: TestAuth

async function start(settings: Parameters<typeof startAuth>[0] = {}): Promise<void> {
  auth = await startAuth(settings)
  await auth.admin.add(
    'domain',
    domainRow('example.com', { alternatives: [domainRow('example.org').name] }),
    'test',
  )
  await addUsers(auth.admin, [
    newUser('ann@example.com', { password: 'correct horse' }),
    newUser('bob@example.com', { password: 'pässwörd %20 ☃' }),
    newUser('off@example.com', { password: 'correct horse', enabled: false }),
    newUser('web@example.com', { password: 'correct horse', enableImap: false, enablePop: false }),
  ])
}

function attempt(login: string, password: string, more: Partial<LoginAttempt> = {}): LoginAttempt {
  return { login, password, service: 'imap', ip: home, connection: 'c1', ...more }
}

const ask = (login: string, password: string, more: Partial<LoginAttempt> = {}): Promise<LoginVerdict> =>
  auth.credentials.verify(attempt(login, password, more))

const kind = async (verdict: Promise<LoginVerdict>) => (await verdict).kind

describe.each(bothWays)('CredentialVerifier, %s', (_, way) => {
  let credentials: CredentialVerifier
  beforeAll(async () => {
    await start({ settings: { authRatelimitIp: undefined } })
    credentials = way(auth.credentials)
  })
  afterAll(() => auth.end())

  test.each([
    ['ann@example.com', 'correct horse'],
    [' ANN@Example.COM ', 'correct horse'],
    ['ann@example.org', 'correct horse'],
    ['bob@example.com', 'pässwörd %20 ☃'],
    // The same letters, put together differently; a no-break space for a space.
    ['bob@example.com', 'pässwörd %20 ☃'.normalize('NFD')],
    ['ann@example.com', 'correct\u00a0horse'],
  ])('%j signs in with %j', async (login, password) => {
    expect(await credentials.verify(attempt(login, password))).toMatchObject({
      kind: 'accepted',
      with: 'password',
    })
  })

  test.each([
    ['ann@example.com', 'wrong', 'wrong-secret'],
    ['ann@example.com', '', 'wrong-secret'],
    ['ann@example.com', 'correct horse ', 'wrong-secret'],
    ['ann@example.com', 'Correct horse', 'wrong-secret'],
    ['ann', 'correct horse', 'unknown'],
    ['nobody@example.com', 'correct horse', 'unknown'],
    ['ann+x@example.com', 'correct horse', 'unknown'],
    ['', '', 'unknown'],
    ['off@example.com', 'correct horse', 'disabled'],
    ['web@example.com', 'correct horse', 'protocol-off'],
  ])('%j with %j is refused: %s', async (login, password, reason) => {
    expect(await credentials.verify(attempt(login, password))).toEqual({ kind: 'refused', reason })
  })

  test('a password longer than anybody types is wrong, and quickly so', async () => {
    const verdict = await credentials.verify(attempt('ann@example.com', 'x'.repeat(1_000_000)))
    expect(verdict).toEqual({ kind: 'refused', reason: 'wrong-secret' })
  })

  test('who may not read by IMAP may still send', async () => {
    const verdict = await credentials.verify(attempt('web@example.com', 'correct horse', { service: 'smtp' }))
    expect(verdict.kind).toBe('accepted')
  })
})

describe('sign-in', () => {
  afterEach(() => auth.end())

  describe('a known good password', () => {
    beforeEach(() => start())

    test('costs no second hash', async () => {
      await ask('ann@example.com', 'correct horse')
      const began = process.cpuUsage()
      for (let n = 0; n < 200; n++)
        expect(await kind(ask('ann@example.com', 'correct horse'))).toBe('accepted')
      // Two hundred hashes take four seconds at least, in threads that count, too.
      const { user, system } = process.cpuUsage(began)
      expect((user + system) / 1_000).toBeLessThan(2_000)
    })

    test('is forgotten when the password changes', async () => {
      await ask('ann@example.com', 'correct horse')
      await auth.admin.set('user', address('ann@example.com'), { password: 'battery staple' }, 'test')
      expect(await kind(ask('ann@example.com', 'correct horse'))).toBe('refused')
      expect(await kind(ask('ann@example.com', 'battery staple'))).toBe('accepted')
    })

    test('does not help who has been switched off or deleted', async () => {
      await ask('ann@example.com', 'correct horse')
      await auth.admin.set('user', address('ann@example.com'), { enabled: false }, 'test')
      expect(await ask('ann@example.com', 'correct horse')).toEqual({ kind: 'refused', reason: 'disabled' })
      await auth.admin.delete('user', address('ann@example.com'), 'test')
      expect(await ask('ann@example.com', 'correct horse')).toEqual({ kind: 'refused', reason: 'unknown' })
    })

    test('five connections at once are all let in', async () => {
      const verdicts = await Promise.all(
        [1, 2, 3, 4, 5].map(() => kind(ask('ann@example.com', 'correct horse'))),
      )
      expect(verdicts).toEqual(Array.from({ length: 5 }, () => 'accepted'))
    })
  })

  test('a flood of guesses is told to come back, and memory stays bounded', { timeout: 90_000 }, async () => {
    await start()
    const verdicts = await Promise.all(
      Array.from({ length: 250 }, (_, n) => ask(`u${n}@example.com`, 'guess', { ip: `10.${n}.0.1` })),
    )
    const busy = verdicts.filter(({ kind }) => kind === 'throttled')
    expect(busy.length).toBeGreaterThan(90)
    expect(verdicts.filter((verdict) => verdict.kind === 'refused').length).toBeGreaterThan(120)
  })

  test('in a flood of guesses, who is known goes ahead', { timeout: 90_000 }, async () => {
    await start()
    await ask('ann@example.com', 'correct horse')
    auth = await auth.restart()
    const flood = Array.from({ length: 250 }, (_, n) =>
      ask(`u${n}@example.com`, 'guess', { ip: `10.${n}.0.1` }),
    )
    const order: string[] = []
    for (const guess of flood) void guess.then(() => order.push('stranger'))
    expect(await kind(ask('ann@example.com', 'correct horse'))).toBe('accepted')
    // All that was refused for want of room, and the few that were hashing already.
    expect(order.length).toBeLessThan(160)
    await Promise.all(flood)
  })

  test('a name that nobody has costs as much as a wrong password', async () => {
    await start({ settings: { authRatelimitIp: undefined } })
    const took = { 'ann@example.com': 0, 'nobody@example.com': 0 }
    await ask('warm@example.com', 'first')
    // Taken in turns, and without what else the machine does.
    for (let n = 0; n < 8; n++) {
      for (const login of ['ann@example.com', 'nobody@example.com'] as const) {
        const began = process.cpuUsage()
        await ask(login, `wrong ${n}`)
        const { user, system } = process.cpuUsage(began)
        took[login] += user + system
      }
    }
    const ratio = took['ann@example.com'] / took['nobody@example.com']
    expect(ratio).toBeGreaterThan(0.25)
    expect(ratio).toBeLessThan(4)
  })

  /** One row: what happens in order. `+` waits so many minutes; `=` names the expected kinds of the last answers. */
  type Try = readonly [
    login: string,
    password: string,
    ip: string,
    expected: LoginVerdict['kind'],
    more?: Partial<LoginAttempt>,
  ]
  const minutes = (n: number) => n

  const wrongNames = (ip: string, n: number, more?: Partial<LoginAttempt>): Try[] =>
    Array.from({ length: n }, (_, i) => [`u${i}@example.com`, 'guess', ip, 'refused', more ?? {}] as const)

  const ann = (ip: string, expected: LoginVerdict['kind']): Try => [
    'ann@example.com',
    'correct horse',
    ip,
    expected,
  ]

  const tables: readonly (readonly [claim: string, steps: readonly (Try | number)[]])[] = [
    ['five names lock a network', [...wrongNames(elsewhere, 5), ann(elsewhere, 'throttled')]],
    ['four do not', [...wrongNames(elsewhere, 4), ann(elsewhere, 'accepted')]],
    ['the whole /24 is locked', [...wrongNames('198.51.100.1', 5), ann('198.51.100.200', 'throttled')]],
    ['its neighbour is not', [...wrongNames('198.51.100.1', 5), ann('198.51.101.1', 'accepted')]],
    ['the whole /48 is locked', [...wrongNames('2001:db8:1::1', 5), ann('2001:db8:1:ffff::2', 'throttled')]],
    ['its IPv6 neighbour is not', [...wrongNames('2001:db8:1::1', 5), ann('2001:db8:2::1', 'accepted')]],
    [
      'an IPv4 client on an IPv6 socket is the same',
      [...wrongNames('::ffff:198.51.100.1', 5), ann('198.51.100.2', 'throttled')],
    ],
    [
      'the lock ends after an hour',
      [
        ...wrongNames(elsewhere, 5),
        minutes(59),
        ann(elsewhere, 'throttled'),
        minutes(2),
        ann(elsewhere, 'accepted'),
      ],
    ],
    [
      'one name, over and over, locks no network',
      [
        ...Array.from({ length: 12 }, (): Try => ['u@example.com', 'guess', elsewhere, 'refused']),
        ann(elsewhere, 'accepted'),
      ],
    ],
    [
      'wrong passwords of one name are one name to the network',
      [
        ...Array.from({ length: 12 }, (_, n): Try => ['ann@example.com', `guess ${n}`, elsewhere, 'refused']),
        ann(elsewhere, 'accepted'),
      ],
    ],
    [
      'an address that has signed in is exempt',
      [ann(elsewhere, 'accepted'), ...wrongNames(elsewhere, 20), ann(elsewhere, 'accepted')],
    ],
    [
      'for a day',
      [
        ann(elsewhere, 'accepted'),
        minutes(24 * 60 + 1),
        ...wrongNames(elsewhere, 5),
        ann(elsewhere, 'throttled'),
      ],
    ],
    [
      'it alone, not its network',
      [
        ann(elsewhere, 'accepted'),
        ...wrongNames('198.51.100.1', 5),
        ann('198.51.100.2', 'throttled'),
        ann(elsewhere, 'accepted'),
      ],
    ],
    [
      'attempts without a name count every time',
      [...Array.from({ length: 5 }, (): Try => ['', '', elsewhere, 'refused']), ann(elsewhere, 'throttled')],
    ],
    [
      'protocols count together',
      [
        ...wrongNames(elsewhere, 3, { service: 'smtp' }),
        ...wrongNames(elsewhere, 5, { service: 'pop3' }),
        ann(elsewhere, 'throttled'),
      ],
    ],
  ]

  test.each(tables)('%s', async (_, steps) => {
    await start()
    for (const step of steps) {
      if (typeof step === 'number') await auth.clock.advance(step * 60_000)
      else {
        const [login, password, ip, expected, more = {}] = step
        expect(await kind(ask(login, password, { ip, ...more })), `${login} ${password} from ${ip}`).toBe(
          expected,
        )
      }
    }
  })

  describe('guesses at one account from many networks', () => {
    const guess = (n: number, password = `guess ${n}`) =>
      ask('ann@example.com', password, { ip: `10.${n}.0.1` })

    beforeEach(() => start({ settings: { authRatelimitUser: { count: 5, seconds: 86_400 } } }))

    test('lock it, even for the right password', async () => {
      for (let n = 0; n < 5; n++) expect(await kind(guess(n))).toBe('refused')
      expect(await kind(guess(9, 'correct horse'))).toBe('throttled')
      await auth.clock.advance(25 * hour)
      expect(await kind(guess(9, 'correct horse'))).toBe('accepted')
    })

    test('count distinct passwords, not attempts', async () => {
      for (let n = 0; n < 9; n++) expect(await kind(guess(n, 'old password'))).toBe('refused')
      expect(await kind(guess(10, 'correct horse'))).toBe('accepted')
    })

    test('do not lock out the address its owner signed in from', async () => {
      expect(await kind(ask('ann@example.com', 'correct horse', { ip: home }))).toBe('accepted')
      for (let n = 0; n < 6; n++) await guess(n)
      expect(await kind(guess(7, 'correct horse'))).toBe('throttled')
      expect(await kind(ask('ann@example.com', 'correct horse', { ip: home }))).toBe('accepted')
    })

    test('lock a name that nobody has just so', async () => {
      const unknown = (n: number) => ask('nobody@example.com', `guess ${n}`, { ip: `10.${n}.0.1` })
      for (let n = 0; n < 5; n++) expect(await kind(unknown(n))).toBe('refused')
      expect(await kind(unknown(9))).toBe('throttled')
    })
  })

  test('networks of the exemption list are neither tested nor charged', async () => {
    await start({
      settings: { authRatelimitExemption: parseNetworks(['198.51.100.0/24', '2001:db8::/32']).networks },
    })
    for (const [login, password] of wrongNames(elsewhere, 9)) await ask(login, password, { ip: elsewhere })
    expect(await kind(ask('ann@example.com', 'correct horse', { ip: elsewhere }))).toBe('accepted')
  })

  test('a restart forgets neither locks nor exemptions', async () => {
    await start()
    await ask('ann@example.com', 'correct horse', { ip: home })
    for (const [login, password] of wrongNames(elsewhere, 5)) await ask(login, password, { ip: elsewhere })
    auth = await auth.restart()
    expect(await kind(ask('ann@example.com', 'correct horse', { ip: elsewhere }))).toBe('throttled')
    for (const [login, password] of wrongNames(home, 9)) await ask(login, password, { ip: home })
    expect(await kind(ask('ann@example.com', 'correct horse', { ip: home }))).toBe('accepted')
  })

  test('counters are written down every few seconds, not only at the end', async () => {
    await start()
    for (const [login, password] of wrongNames(elsewhere, 5)) await ask(login, password, { ip: elsewhere })
    await auth.clock.advance(6_000)
    const second = await startAuth({ dataDir: auth.dataDir, clock: auth.clock })
    expect(
      await kind(second.credentials.verify(attempt('ann@example.com', 'correct horse', { ip: elsewhere }))),
    ).toBe('throttled')
    await second.service.stop()
  })

  test('a hash made with other costs is made again at the next sign-in', async () => {
    await start()
    const weak = await hash('correct horse', { memoryCost: 1_024, timeCost: 2, parallelism: 1 })
    const db = openDatabase(join(auth.dataDir, 'directory.db'), 'write')
    db.prepare("UPDATE users SET password = ? WHERE address = 'ann@example.com'").run(weak)
    auth = await auth.restart()
    expect(await kind(ask('ann@example.com', 'correct horse'))).toBe('accepted')
    const stored = db.prepare("SELECT password FROM users WHERE address = 'ann@example.com'").pluck().get()
    db.close()
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,p=1,t=2\$/)
    expect(await kind(ask('ann@example.com', 'correct horse'))).toBe('accepted')
    expect(await kind(ask('ann@example.com', 'correct horses'))).toBe('refused')
  })

  test('the log says why, and never a password', async () => {
    await start()
    await ask('ann@example.com', 'secret guess', { ip: elsewhere })
    await ask('nobody@example.com', 'secret guess', { ip: elsewhere })
    for (const [login, password] of wrongNames(elsewhere, 3)) await ask(login, password, { ip: elsewhere })
    await ask('ann@example.com', 'correct horse', { ip: elsewhere })
    const signIns = auth.events.filter(({ event }) => event.startsWith('sign-in'))
    expect(signIns.map(({ event, fields }) => [event, fields['reason'] ?? fields['by']])).toEqual([
      ['sign-in.refused', 'wrong-secret'],
      ['sign-in.refused', 'unknown'],
      ['sign-in.refused', 'unknown'],
      ['sign-in.refused', 'unknown'],
      ['sign-in.refused', 'unknown'],
      ['sign-in.throttled', 'network'],
    ])
    expect(JSON.stringify(auth.events)).not.toMatch(/secret guess|correct horse/)
  })
})
