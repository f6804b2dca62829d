import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/platform/sqlite/database.ts'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { DirectoryAdmin } from '../../src/ports/directory-admin.ts'
import { address, aliasRow, domainRow, newUser, startAuth, type TestAuth } from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'

let auth: TestAuth
let admin: DirectoryAdmin

afterEach(() => auth.end())

const example = domainRow('example.com')
const ann = address('ann@example.com')

describe.each(bothWays)('DirectoryAdmin, %s', (_, way) => {
  beforeEach(async () => {
    auth = await startAuth()
    admin = way(auth.admin)
    await admin.addDomain(example)
  })

  test('a domain is added, changed and listed', async () => {
    const row = domainRow('b.example', {
      maxUsers: 3,
      alternatives: [domainRow('c.example').name],
      comment: 'ours',
    })
    expect(await admin.addDomain(row)).toEqual({ kind: 'added' })
    expect(await admin.domains()).toEqual([row, example])
    expect(await admin.setDomain(row.name, { maxAliases: 5 })).toEqual({ kind: 'changed' })
    expect(await admin.addDomain({ ...row, comment: 'again' })).toEqual({ kind: 'added' })
    expect(await admin.domains()).toEqual([{ ...row, comment: 'again' }, example])
    expect(await auth.domains.list()).toEqual(['b.example', 'c.example', 'example.com'])
  })

  test('alternatives become exactly those named', async () => {
    const names = ['a.example', 'b.example', 'c.example'].map((name) => domainRow(name).name)
    await admin.setDomain(example.name, { alternatives: names.slice(0, 2) })
    await admin.setDomain(example.name, { alternatives: names.slice(1) })
    expect(await admin.domains()).toMatchObject([{ alternatives: names.slice(1) }])
    expect(await admin.addDomain(domainRow('a.example'))).toEqual({ kind: 'added' })
  })

  test('a user is added with what was not said filled in', async () => {
    const added = await admin.addUser({ address: ann, password: 'pw', displayedName: 'Ann' })
    expect(added).toMatchObject({ kind: 'added' })
    expect(await admin.user(ann)).toEqual({
      address: ann,
      account: added.kind === 'added' ? added.account : 0,
      quotaBytes: 1_000_000_000,
      enabled: true,
      globalAdmin: false,
      enableImap: true,
      enablePop: true,
      allowSpoofing: false,
      forwardEnabled: false,
      forwardDestination: [],
      forwardKeep: true,
      displayedName: 'Ann',
      comment: '',
    })
    expect(await admin.users(example.name)).toHaveLength(1)
    expect(await admin.users(domainRow('else.example').name)).toEqual([])
  })

  test('an account is a positive whole number of 48 bits', async () => {
    const added = await admin.addUser(newUser('ann@example.com'))
    const account = added.kind === 'added' ? added.account : -1
    expect(Number.isSafeInteger(account) && account > 0 && account < 2 ** 48).toBe(true)
  })

  test('a user is changed', async () => {
    await admin.addUser(newUser('ann@example.com'))
    const change = {
      quotaBytes: 5,
      comment: 'x',
      forwardEnabled: true,
      forwardDestination: [address('x@else.example')],
    }
    expect(await admin.setUser(ann, change)).toEqual({ kind: 'changed' })
    expect(await admin.user(ann)).toMatchObject(change)
  })

  test('many users are added together or not at all', async () => {
    const users = [newUser('a@example.com'), newUser('b@example.com'), newUser('a@example.com')]
    expect(await admin.addUsers(users)).toMatchObject({ kind: 'refused', reason: 'exists' })
    expect(await admin.users()).toEqual([])
    expect(await admin.addUsers(users.slice(0, 2))).toMatchObject({ kind: 'added', accounts: { length: 2 } })
    expect(auth.told).toHaveLength(2)
  })

  test('an alias is added in any spelling, changed, and deleted', async () => {
    expect(await admin.addAlias(aliasRow('Team@Example.com', ['ann@example.com']))).toEqual({ kind: 'added' })
    expect(await admin.setAlias('TEAM@example.com', { disabled: true })).toEqual({ kind: 'changed' })
    expect(await admin.aliases(example.name)).toEqual([
      aliasRow('team@example.com', ['ann@example.com'], { disabled: true }),
    ])
    expect(await admin.deleteAlias('team@EXAMPLE.com')).toEqual({ kind: 'changed' })
    expect(await admin.aliases()).toEqual([])
  })

  test('what is not there is missing', async () => {
    expect(await admin.setDomain(domainRow('x.example').name, { comment: '' })).toEqual({ kind: 'missing' })
    expect(await admin.deleteDomain(domainRow('x.example').name)).toEqual({ kind: 'missing' })
    expect(await admin.user(ann)).toBeUndefined()
    expect(await admin.setUser(ann, { enabled: false })).toEqual({ kind: 'missing' })
    expect(await admin.setPassword(ann, 'new password')).toEqual({ kind: 'missing' })
    expect(await admin.deleteUser(ann)).toEqual({ kind: 'missing' })
    expect(await admin.setAlias(ann, { disabled: true })).toEqual({ kind: 'missing' })
    expect(await admin.deleteAlias(ann)).toEqual({ kind: 'missing' })
  })
})

describe('a name is in use once, whatever its case and whatever for', () => {
  beforeEach(async () => {
    auth = await startAuth()
    admin = auth.admin
    await admin.addDomain({ ...example, alternatives: [domainRow('alt.example').name] })
    await admin.addDomain(domainRow('other.example'))
    await admin.addUser(newUser('ann@example.com'))
    await admin.addAlias(aliasRow('team@example.com', ['ann@example.com']))
  })

  const exists = { kind: 'refused', reason: 'exists' }

  test('a user beside a user', async () => {
    expect(await admin.addUser(newUser('ANN@example.com'))).toMatchObject(exists)
  })
  test('a user beside an alias', async () => {
    expect(await admin.addUser(newUser('Team@example.com'))).toMatchObject(exists)
  })
  test('an alias beside a user', async () => {
    expect(await admin.addAlias(aliasRow('Ann@example.com', ['x@else.example']))).toMatchObject(exists)
  })
  test('an alias beside an alias', async () => {
    expect(await admin.addAlias(aliasRow('TEAM@example.com', ['x@else.example']))).toMatchObject(exists)
  })
  test('a domain beside an alternative', async () => {
    expect(await admin.addDomain(domainRow('ALT.example'))).toMatchObject(exists)
  })
  test('an alternative beside a domain', async () => {
    const outcome = await admin.setDomain(example.name, { alternatives: [domainRow('other.example').name] })
    expect(outcome).toMatchObject(exists)
    expect(await admin.domains()).toMatchObject([
      { alternatives: ['alt.example'] },
      { name: 'other.example' },
    ])
  })
  test('a domain as its own alternative', async () => {
    expect(await admin.setDomain(example.name, { alternatives: [example.name] })).toMatchObject(exists)
  })
  test('two that are added at the same moment', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => admin.addUser(newUser('bob@example.com'))))
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['added', 'refused', 'refused'])
  })
  test('a name is free again after what had it is deleted', async () => {
    await admin.deleteUser(ann)
    expect(await admin.addAlias(aliasRow('ann@example.com', ['x@else.example']))).toEqual({ kind: 'added' })
    await admin.deleteAlias('team@example.com')
    expect(await admin.addUser(newUser('team@example.com'))).toMatchObject({ kind: 'added' })
  })
  test('the database itself refuses capitals and doubles', async () => {
    await auth.service.drain()
    const db = openDatabase(join(auth.dataDir, 'directory.db'), 'write')
    const claim = (name: string) =>
      db.prepare('INSERT INTO claims (name, domain) VALUES (?, ?)').run(name, 'example.com')
    expect(() => claim('Bob@example.com')).toThrow(/CHECK/)
    expect(() => claim('ann@example.com')).toThrow(/UNIQUE/)
    db.close()
  })
})

describe('refusals say what to do', () => {
  beforeEach(async () => {
    auth = await startAuth()
    admin = auth.admin
    await admin.addDomain({
      ...example,
      maxUsers: 1,
      maxAliases: 1,
      maxQuotaBytes: 1_000,
      alternatives: [domainRow('alt.example').name],
    })
    await admin.addUser(newUser('ann@example.com'))
    await admin.addAlias(aliasRow('team@example.com', ['ann@example.com']))
  })

  test.each([
    ['missing-domain', /homepost domain add x\.example/, () => admin.addUser(newUser('ann@x.example'))],
    ['missing-domain', /bob@example\.com/, () => admin.addUser(newUser('bob@alt.example'))],
    ['missing-domain', /Add it first/, () => admin.addAlias(aliasRow('ann@x.example', ['ann@example.com']))],
    ['limit', /1 users/, () => admin.addUser(newUser('bob@example.com'))],
    ['limit', /1 aliases/, () => admin.addAlias(aliasRow('bob@example.com', ['ann@example.com']))],
    ['limit', /1000 bytes/, () => admin.setUser(ann, { quotaBytes: 1_001 })],
    ['limit', /1000 bytes/, () => admin.setUser(ann, { quotaBytes: 0 })],
    ['invalid', /empty/, () => admin.setPassword(ann, '')],
    ['invalid', /control character/, () => admin.setPassword(ann, 'two\nlines')],
    ['invalid', /Forwarding/, () => admin.setUser(ann, { forwardEnabled: true })],
    ['invalid', /whole number/, () => admin.setUser(ann, { quotaBytes: -1 })],
    ['invalid', /name/, () => admin.setUser(ann, { displayedName: 'a\r\nBcc: b' })],
    ['invalid', /no mail address/, () => admin.addAlias(aliasRow('nonsense', ['ann@example.com']))],
    ['invalid', /at least one/, () => admin.setAlias('team@example.com', { destination: [] })],
    [
      'invalid',
      /itself/,
      () => admin.setAlias('team@example.com', { destination: [address('team@example.com')] }),
    ],
    ['invalid', /-1 is unlimited/, () => admin.setDomain(example.name, { maxUsers: -2 })],
  ])('%s: %s', async (reason, text, run) => {
    expect(await run()).toEqual({ kind: 'refused', reason, text: expect.stringMatching(text) })
  })

  test('the standard quota bows to the ceiling of the domain', async () => {
    expect(await admin.user(ann)).toMatchObject({ quotaBytes: 1_000 })
  })
})

describe('the mail store hears', () => {
  const idOf = async (text: string) => (await auth.admin.user(address(text)))?.account
  beforeEach(async () => {
    auth = await startAuth()
    admin = auth.admin
    await admin.addDomain(example)
    await admin.addUsers([
      newUser('ann@example.com', { quotaBytes: 7 }),
      newUser('bob@example.com', { quotaBytes: 8 }),
    ])
  })

  test('who is added, changed and deleted', async () => {
    const [annId, bobId] = [await idOf('ann@example.com'), await idOf('bob@example.com')]
    await admin.setUser(ann, { quotaBytes: 9 })
    await admin.setUser(ann, { comment: 'nothing to hear' })
    await admin.deleteUser(ann)
    expect(auth.told).toEqual([`put ${annId} 7`, `put ${bobId} 8`, `put ${annId} 9`, `remove ${annId}`])
  })

  test('of every user of a deleted domain', async () => {
    const ids = [await idOf('ann@example.com'), await idOf('bob@example.com')]
    await admin.addAlias(aliasRow('team@example.com', ['ann@example.com']))
    await admin.deleteDomain(example.name)
    expect(auth.told.slice(2).sort()).toEqual(ids.map((id) => `remove ${id}`).sort())
    expect(await admin.users()).toEqual([])
    expect(await admin.aliases()).toEqual([])
    expect(await admin.addDomain(example)).toEqual({ kind: 'added' })
  })

  test('at start of all who are there, and no more of those who are gone', async () => {
    const bobId = await idOf('bob@example.com')
    await admin.deleteUser(ann)
    auth = await auth.restart()
    expect(auth.told).toEqual([`put ${bobId} 8`])
  })

  test('again of a deleted one where it could not hear it', async () => {
    const annId = await idOf('ann@example.com')
    const db = openDatabase(join(auth.dataDir, 'directory.db'), 'write')
    db.prepare("DELETE FROM claims WHERE name = 'ann@example.com'").run()
    db.pragma('foreign_keys = ON')
    db.prepare('UPDATE account_ids SET deleted_at = 1 WHERE account = ?').run(annId)
    db.prepare('DELETE FROM users WHERE account = ?').run(annId)
    db.close()
    auth = await auth.restart()
    expect(auth.told).toContain(`remove ${annId}`)
  })
})

describe('Accounts', () => {
  beforeEach(async () => {
    auth = await startAuth()
    await auth.admin.addDomain(example)
    await auth.admin.addUsers([
      newUser('ann@example.com', { displayedName: 'Ann' }),
      newUser('bob@example.com'),
    ])
  })

  test('are listed by number and page on', async () => {
    const all = await auth.accounts.list()
    expect(all.map(({ account }) => account)).toEqual(all.map(({ account }) => account).sort((a, b) => a - b))
    expect(await auth.accounts.list(all[0]?.account)).toEqual(all.slice(1))
  })

  test('tell their settings', async () => {
    const user = await auth.admin.user(ann)
    expect(user && (await auth.accounts.settings(user.account))).toMatchObject({
      address: ann,
      displayedName: 'Ann',
      enabled: true,
    })
    expect(await auth.accounts.settings(1 as AccountId)).toBeUndefined()
  })
})

test('whatever is added and deleted, in any order, a name has one owner', async () => {
  auth = await startAuth()
  const { admin } = auth
  await admin.addDomain(example)
  const step = fc.record({
    name: fc.constantFrom('a', 'A', 'b', 'c'),
    act: fc.constantFrom('addUser', 'addAlias', 'deleteAlias', 'deleteUser'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      for (const { name, act } of steps) {
        const text = `${name}@example.com`
        if (act === 'addAlias') await admin.addAlias(aliasRow(text, ['x@else.example']))
        if (act === 'deleteAlias') await admin.deleteAlias(text)
        if (act === 'deleteUser') await admin.deleteUser(address(text))
        if (act === 'addUser') await admin.addUser(newUser(text))
      }
      const names = [...(await admin.users()), ...(await admin.aliases())].map((row) => row.address)
      expect(new Set(names.map((text) => text.toLowerCase())).size).toBe(names.length)
    }),
    { numRuns: 10 },
  )
})
