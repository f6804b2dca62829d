import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DirectoryAdmin } from '../../src/ports/directory-admin.ts'
import type { Change } from '../../src/ports/directory-writer.ts'
import {
  address,
  addUsers,
  aliasRow,
  domainRow,
  silentUser,
  startAuth,
  type TestAuth,
} from '../support/auth.ts'
import type { TestDatabase } from '../support/databases.ts'
import { throughWire } from '../support/through-wire.ts'

const example = domainRow('example.com').name
const ann = address('ann@example.com')
const bob = address('bob@example.com')
const by = 'test'

/** Everything beside domains, users and aliases, and changing many things at once. */
export function describeKinds(database: TestDatabase): void {
  let auth: TestAuth
  let admin: DirectoryAdmin
  beforeEach(async () => {
    auth = await startAuth({ openServer: await database.fresh() })
    admin = throughWire(auth.admin)
    await admin.add('domain', domainRow('example.com'), by)
    await addUsers(admin, [silentUser('ann@example.com'), silentUser('bob@example.com')])
  })
  afterEach(() => auth.end())

  describe('relays', () => {
    const relay = domainRow('relay.example').name

    test('are added, changed and deleted, and their mail is relayed', async () => {
      await admin.add('relay', { name: relay, target: 'mx:host.example:26' }, by)
      expect(await admin.relays()).toMatchObject([{ name: relay, target: 'mx:host.example:26', comment: '' }])
      expect(await auth.addresses.resolve(address('x@relay.example'))).toEqual({ kind: 'relayed' })
      expect(await auth.relays.relay(relay)).toEqual({
        kind: 'relay',
        protocol: 'smtp',
        host: 'host.example',
        port: 26,
        byMx: true,
      })
      await admin.set('relay', relay, { target: '' }, by)
      expect(await auth.relays.relay(relay)).toMatchObject({ host: relay, byMx: true, port: undefined })
      await admin.delete('relay', relay, by)
      expect(await auth.relays.relay(relay)).toEqual({ kind: 'none' })
    })

    test('share their names with domains and alternatives', async () => {
      expect(await admin.add('relay', { name: example }, by)).toMatchObject({ reason: 'exists' })
      await admin.add('relay', { name: relay }, by)
      expect(await admin.add('domain', { name: relay }, by)).toMatchObject({ reason: 'exists' })
      expect(await admin.set('domain', example, { alternatives: [relay] }, by)).toMatchObject({
        reason: 'exists',
      })
    })

    test('have a target that means something', async () => {
      expect(await admin.add('relay', { name: relay, target: 'mx:' }, by)).toMatchObject({
        reason: 'invalid',
      })
    })
  })

  describe('tokens', () => {
    test('are made with a secret that is told once, and never read again', async () => {
      const added = await admin.add('token', { user: ann, comment: 'phone' }, by)
      expect(added).toEqual({ kind: 'added', id: 1, secret: expect.stringMatching(/^[0-9a-f]{32}$/) })
      const [token] = await admin.tokens(ann)
      expect(token).toMatchObject({
        id: 1,
        user: ann,
        comment: 'phone',
        expires: 'never',
        lastUsed: undefined,
      })
      expect(Object.keys(token ?? {})).not.toContain('passwordHash')
      expect(await admin.tokens(bob)).toEqual([])
    })

    test('keep number and hash when they are imported, and no number is given twice', async () => {
      const passwordHash = `$pbkdf2-sha256$1$${'B'.repeat(22)}$${'B'.repeat(43)}`
      expect(await admin.add('token', { user: ann, id: 7, passwordHash }, by)).toEqual({
        kind: 'added',
        id: 7,
      })
      expect((await auth.secrets.tokens()).get(7)).toBe(passwordHash)
      await admin.delete('token', 7, by)
      expect(await admin.add('token', { user: ann }, by)).toMatchObject({ id: 8 })
    })

    test('are limited to networks, protocols and a time', async () => {
      const limits = {
        networks: ['192.0.2.0/24', '2001:db8::/32'],
        services: ['imap'] as const,
        expires: 5_000,
      }
      await admin.add('token', { user: ann }, by)
      await admin.set('token', 1, limits, by)
      expect(await admin.tokens()).toMatchObject([limits])
      expect(await admin.set('token', 1, { networks: ['nowhere'] }, by)).toMatchObject({ reason: 'invalid' })
    })

    test('go with their user', async () => {
      await admin.add('token', { user: ann }, by)
      await admin.delete('user', ann, by)
      expect(await admin.tokens()).toEqual([])
      expect(await admin.add('token', { user: ann }, by)).toMatchObject({ reason: 'missing-user' })
    })
  })

  describe('fetches', () => {
    const row = {
      user: ann,
      protocol: 'imap' as const,
      host: 'mail.else.example',
      port: 993,
      username: 'a',
      password: 'pässwörd',
    }

    test('have a password that only the fetch module reads', async () => {
      expect(await admin.add('fetch', { ...row, tls: true }, by)).toEqual({ kind: 'added', id: 1 })
      expect(JSON.stringify(await admin.fetches())).not.toContain('pässwörd')
      expect(await auth.fetches.list()).toMatchObject({
        fetches: [{ id: 1, user: ann, password: 'pässwörd', tls: true, keep: false, folders: [] }],
      })
      expect((await auth.secrets.fetches()).get(1)).toBe('pässwörd')
    })

    test('tell how they went, which is no change of anybody', async () => {
      await admin.add('fetch', row, by)
      const [before] = await admin.fetches()
      await auth.clock.advance(60_000)
      expect(await auth.fetches.report(1, 'no such host')).toEqual({ kind: 'kept' })
      expect(await admin.fetches()).toEqual([
        { ...before, error: 'no such host', lastCheck: auth.clock.now() },
      ])
      const said = { key: 'fetch.folder', values: { host: 'h', folder: '“ünd”\0{{x}}' } }
      expect(await auth.fetches.report(1, 'There is no folder', said)).toEqual({ kind: 'kept' })
      expect(await admin.fetches()).toMatchObject([
        { error: 'There is no folder', said: { ...said, values: { host: 'h', folder: '“ünd”{{x}}' } } },
      ])
      await auth.fetches.report(1, '')
      expect(await admin.fetches()).toEqual([{ ...before, lastCheck: auth.clock.now() }])
      expect(await auth.fetches.report(2, '')).toEqual({ kind: 'missing' })
    })

    test('are paused and resumed, which stands in the audit', async () => {
      await admin.add('fetch', row, by)
      expect(await admin.fetches()).toMatchObject([{ enabled: true }])
      expect(await admin.set('fetch', 1, { enabled: false }, by)).toEqual({ kind: 'changed' })
      expect(await auth.fetches.list()).toMatchObject({ fetches: [{ id: 1, enabled: false }] })
      expect((await admin.audit())[0]).toMatchObject({
        on: 'fetch',
        did: 'modified',
        columns: [{ column: 'enabled', from: true, to: false }],
      })
      await admin.set('fetch', 1, { enabled: true }, by)
      expect(await admin.fetches()).toMatchObject([{ enabled: true }])
    })

    test('of a user who is switched off are left alone', async () => {
      await admin.add('fetch', row, by)
      await admin.set('user', ann, { enabled: false }, by)
      expect(await auth.fetches.list()).toEqual({ kind: 'list', fetches: [] })
    })
  })

  test('managers and who may make anonymous aliases are kept for a domain, once', async () => {
    const grant = { domain: example, user: ann }
    expect(await admin.add('manager', grant, by)).toEqual({ kind: 'added' })
    expect(await admin.add('manager', grant, by)).toMatchObject({ reason: 'exists' })
    expect(await admin.add('access', grant, by)).toEqual({ kind: 'added' })
    expect(await admin.managers()).toEqual([grant])
    await admin.delete('manager', grant, by)
    expect([await admin.managers(), await admin.accesses()]).toEqual([[], [grant]])
    await admin.delete('user', ann, by)
    expect(await admin.accesses()).toEqual([])
    expect(await admin.add('manager', grant, by)).toMatchObject({ reason: 'missing-user' })
  })

  test('settings are any JSON', async () => {
    await admin.add('setting', { name: 'colours', value: { sky: ['blue', null, 1.5] } }, by)
    await admin.set('setting', 'colours', { value: false }, by)
    expect(await admin.settings()).toMatchObject([{ name: 'colours', value: false }])
  })

  describe('an anonymous alias', () => {
    beforeEach(async () => {
      await admin.add('domain', domainRow('other.example'), by)
      await admin.add('alias', aliasRow('x1@other.example', ['ann@example.com'], { owner: ann }), by)
      await admin.add('alias', aliasRow('x2@other.example', ['ann@example.com']), by)
      await admin.add('alias', aliasRow('x3@other.example', ['bob@example.com'], { owner: bob }), by)
    })
    const leads = async (text: string) => (await auth.addresses.resolve(address(text))).kind

    test('rests while its owner is switched off', async () => {
      await admin.set('user', ann, { enabled: false }, by)
      expect(await leads('x1@other.example')).toBe('disabled')
      expect([await leads('x2@other.example'), await leads('x3@other.example')]).toEqual(['hops', 'hops'])
      expect((await admin.aliases()).every(({ disabled }) => !disabled)).toBe(true)
      await admin.set('user', ann, { enabled: true }, by)
      expect(await leads('x1@other.example')).toBe('hops')
    })

    test.each(['user', 'domain'] as const)(
      'goes when its owner’s %s is deleted, and no other does',
      async (on) => {
        if (on === 'user') await admin.delete('user', ann, by)
        else await admin.delete('domain', example, by)
        const left = (await admin.aliases()).map((alias) => alias.address)
        expect(left).toEqual(on === 'user' ? ['x2@other.example', 'x3@other.example'] : ['x2@other.example'])
        expect(await admin.add('user', silentUser('x1@other.example'), by)).toMatchObject({ kind: 'added' })
      },
    )

    test('needs an owner who is there', async () => {
      const alias = aliasRow('x4@other.example', ['ann@example.com'], { owner: address('no@example.com') })
      expect(await admin.add('alias', alias, by)).toMatchObject({ reason: 'missing-user' })
    })
  })

  describe('a change set', () => {
    const changes: readonly Change[] = [
      { on: 'user', do: 'delete', key: bob },
      { on: 'alias', do: 'add', row: aliasRow('bob@example.com', ['ann@example.com']) },
      { on: 'user', do: 'set', key: ann, to: { displayedName: 'Ann' } },
      { on: 'domain', do: 'put', row: domainRow('example.com') },
    ]

    test('tells what it did, and a dry run tells the same and does nothing', async () => {
      const before = await admin.everything()
      const dry = await admin.apply(changes, { actor: by, dryRun: true })
      expect(dry).toMatchObject({
        kind: 'applied',
        steps: [
          { on: 'user', key: bob, did: 'deleted' },
          { on: 'alias', key: bob, did: 'created' },
          { key: ann, did: 'modified', columns: [{ column: 'displayedName', from: '', to: 'Ann' }] },
          { on: 'domain', did: 'unchanged', columns: [] },
        ],
      })
      expect(await admin.everything()).toEqual(before)
      expect(await admin.apply(changes, { actor: by })).toEqual(dry)
      expect((await admin.everything()).users).toMatchObject([{ address: ann, displayedName: 'Ann' }])
    })

    test('that is refused in several places says all of them and does nothing', async () => {
      const before = await admin.everything()
      const refused = await admin.apply(
        [
          changes[0] as Change,
          { on: 'user', do: 'add', row: silentUser('ann@example.com') },
          { on: 'relay', do: 'delete', key: example },
          { on: 'user', do: 'add', row: { address: bob, password: '' } },
          { on: 'token', do: 'add', row: { user: address('no@example.com') } },
        ],
        { actor: by },
      )
      expect(refused).toMatchObject({
        kind: 'not-applied',
        refusals: [
          { at: 1, key: ann, outcome: { reason: 'exists' } },
          { at: 2, key: example, outcome: { kind: 'missing' } },
          { at: 3, key: bob, outcome: { reason: 'invalid' } },
          { at: 4, outcome: { reason: 'missing-user' } },
        ],
      })
      expect(await admin.everything()).toEqual(before)
    })

    test('puts a user back to what is said of him, with the account and the password he has', async () => {
      await admin.set('user', ann, { displayedName: 'Ann', quotaBytes: 5, messageRate: 'unlimited' }, by)
      const had = await admin.user(ann)
      const hash = (await auth.secrets.passwords()).get(ann)
      await admin.apply([{ on: 'user', do: 'put', row: { address: ann, comment: 'new' } }], { actor: by })
      expect(await admin.user(ann)).toEqual({
        ...had,
        displayedName: '',
        quotaBytes: 1_000_000_000,
        messageRate: 'standard',
        comment: 'new',
      })
      expect((await auth.secrets.passwords()).get(ann)).toBe(hash)
    })

    test('takes more than a domain allows where it is told to', async () => {
      await admin.set('domain', example, { maxUsers: 2, maxQuotaBytes: 1_000 }, by)
      const changes = [
        { on: 'user' as const, do: 'add' as const, row: silentUser('c@example.com', { quotaBytes: 0 }) },
      ]
      expect(await admin.apply(changes, { actor: by })).toMatchObject({ kind: 'not-applied' })
      expect(await admin.apply(changes, { actor: by, overLimits: true })).toMatchObject({ kind: 'applied' })
    })
  })

  test.each(['replyBody', 'comment'] as const)('a NUL in %s is refused, and told as one', async (column) => {
    expect(await admin.set('user', ann, { [column]: 'a\0b' }, by)).toMatchObject({
      kind: 'refused',
      text: expect.stringContaining('NUL'),
    })
  })

  test('names that only work in quotes are refused, as no mail would find them', async () => {
    const quoted = silentUser('"a b"@example.com')
    expect(await admin.add('user', quoted, by)).toMatchObject({ kind: 'refused', reason: 'invalid' })
    const alias = aliasRow('"a b"@example.com', [ann])
    expect(await admin.add('alias', alias, by)).toMatchObject({ kind: 'refused', reason: 'invalid' })
  })

  test('no login, however odd, keeps locks from outliving a restart', async () => {
    const half = `${'x'.repeat(253)}😀`
    for (const login of ['x\0y', 'x\0z', 'foo', 'foo ', half, `${half}x`, 'bar'])
      await auth.credentials.verify({
        login,
        password: 'pw',
        ip: '192.0.2.1',
        service: 'smtp',
        connection: 'c',
      })
    const locked = (await auth.locks.list()).map(({ who }) => who)
    auth = await auth.restart()
    expect((await auth.locks.list()).map(({ who }) => who)).toEqual(locked)
    expect(locked).toEqual(['192.0.2.0/24'])
  })

  test('a password that is the same again changes nothing', async () => {
    await admin.set('user', ann, { password: 'correct horse' }, by)
    const change = { on: 'user', do: 'put', row: { address: ann, password: 'correct horse' } } as const
    expect(await admin.apply([change], { actor: by })).toMatchObject({ steps: [{ did: 'unchanged' }] })
    const other = { ...change, row: { ...change.row, password: 'wrong horse' } }
    expect(await admin.apply([other], { actor: by })).toMatchObject({
      steps: [{ columns: [{ column: 'password', from: '<hidden>', to: '<hidden>' }] }],
    })
  })

  test('every change is in the audit with who made it, and no secret is', async () => {
    await admin.set('user', ann, { enabled: false, password: 'correct horse' }, 'boss@example.com')
    await admin.set('user', ann, { enabled: false }, 'boss@example.com')
    await admin.delete('user', bob, 'command line')
    const [deleted, changed, ...first] = await admin.audit()
    expect(deleted).toMatchObject({ actor: 'command line', on: 'user', key: bob, did: 'deleted' })
    expect(changed).toMatchObject({
      actor: 'boss@example.com',
      at: auth.clock.now(),
      columns: [
        { column: 'password', from: '<hidden>', to: '<hidden>' },
        { column: 'enabled', from: true, to: false },
      ],
    })
    expect(first.map(({ key, did }) => `${key} ${did}`)).toEqual([
      'bob@example.com created',
      'ann@example.com created',
      'example.com created',
    ])
    expect(JSON.stringify(await admin.audit())).not.toMatch(/argon2|pbkdf2/)
    expect(await admin.audit(deleted?.id)).toHaveLength(4)
  })

  test.each([
    [{ who: 'BOSS' }, ['user bob@example.com']],
    [{ what: 'USER b' }, ['user bob@example.com', 'user bob@example.com']],
    [{ what: 'user b', who: 'boss' }, ['user bob@example.com']],
    [{ what: 'user b', atMost: 1 }, ['user bob@example.com']],
    [{ what: 'b%b' }, []],
    [{ what: "b'b" }, []],
    [{ who: 'o_s' }, []],
  ])('the audit is searched by %j', async (search, expected) => {
    await admin.set('user', bob, { enabled: false }, 'boss@example.com')
    const found = await admin.audit(undefined, search)
    expect(found.map(({ on, key }) => `${on} ${key}`)).toEqual(expected)
  })

  test('a search of the audit goes on where the page before ended', async () => {
    for (let n = 0; n < 5; n++) await admin.set('user', bob, { displayedName: `Bob ${n}` }, `boss${n}`)
    const seen: string[] = []
    for (let before: number | undefined; ; ) {
      const page = await admin.audit(before, { who: 'boss', atMost: 2 })
      seen.push(...page.map(({ actor }) => actor))
      before = page.at(-1)?.id
      if (before === undefined) break
    }
    expect(seen).toEqual(['boss4', 'boss3', 'boss2', 'boss1', 'boss0'])
  })
}
