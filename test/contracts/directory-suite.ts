import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { DirectoryAdmin } from '../../src/ports/directory-admin.ts'
import {
  address,
  addUsers,
  aliasRow,
  domainRow,
  silentUser,
  startAuth,
  type TestAuth,
} from '../support/auth.ts'
import { bothWays } from '../support/both-ways.ts'
import { inDataFolder, type TestDatabase } from '../support/databases.ts'
import { userRow } from '../support/directory-file.ts'

/** What any database has to keep true for the directory. */
export function describeDirectory(database: TestDatabase): void {
  let auth: TestAuth
  let admin: DirectoryAdmin

  afterEach(() => auth.end())

  const example = domainRow('example.com')
  const ann = address('ann@example.com')

  describe.each(database === inDataFolder ? bothWays : bothWays.slice(0, 1))(
    'DirectoryAdmin, %s',
    (_, way) => {
      beforeEach(async () => {
        auth = await startAuth({ openServer: await database.fresh() })
        admin = way(auth.admin)
        await admin.add('domain', example, 'test')
      })

      test('a domain is added, changed and listed', async () => {
        const row = domainRow('b.example', {
          maxUsers: 3,
          alternatives: [domainRow('c.example').name],
          comment: 'ours',
        })
        expect(await admin.add('domain', row, 'test')).toEqual({ kind: 'added' })
        expect(await admin.domains()).toMatchObject([{ ...row, maxAliases: -1, maxQuotaBytes: 0 }, example])
        expect(await admin.set('domain', row.name, { maxAliases: 5 }, 'test')).toEqual({ kind: 'changed' })
        expect(await admin.domains()).toMatchObject([{ ...row, maxAliases: 5 }, example])
        expect(await admin.add('domain', row, 'test')).toMatchObject({ kind: 'refused', reason: 'exists' })
        await admin.apply([{ on: 'domain', do: 'put', row: { ...row, comment: 'again' } }], { actor: 'test' })
        expect(await admin.domains()).toMatchObject([{ ...row, comment: 'again', maxAliases: -1 }, example])
        expect(await auth.domains.list()).toEqual(['b.example', 'c.example', 'example.com'])
      })

      test('alternatives become exactly those named', async () => {
        const names = ['a.example', 'b.example', 'c.example'].map((name) => domainRow(name).name)
        await admin.set('domain', example.name, { alternatives: names.slice(0, 2) }, 'test')
        await admin.set('domain', example.name, { alternatives: names.slice(1) }, 'test')
        expect(await admin.domains()).toMatchObject([{ alternatives: names.slice(1) }])
        expect(await admin.add('domain', domainRow('a.example'), 'test')).toEqual({ kind: 'added' })
      })

      test('a user is added with what was not said filled in', async () => {
        const added = await admin.add('user', { address: ann, password: 'pw', displayedName: 'Ann' }, 'test')
        expect(added).toMatchObject({ kind: 'added' })
        expect(await admin.user(ann)).toEqual(
          userRow(ann, {
            account: added.kind === 'added' ? added.account : 0,
            displayedName: 'Ann',
            createdAt: auth.clock.now(),
            updatedAt: auth.clock.now(),
          }),
        )
        expect(await admin.users(example.name)).toHaveLength(1)
        expect(await admin.users(domainRow('else.example').name)).toEqual([])
      })

      test('an account is a positive whole number of 48 bits', async () => {
        const added = await admin.add('user', silentUser('ann@example.com'), 'test')
        const account = (added.kind === 'added' && added.account) || -1
        expect(Number.isSafeInteger(account) && account > 0 && account < 2 ** 48).toBe(true)
      })

      test('a user is changed', async () => {
        await admin.add('user', silentUser('ann@example.com'), 'test')
        const change = {
          quotaBytes: 5,
          comment: 'x',
          forwardEnabled: true,
          forwardDestination: [address('x@else.example')],
        }
        expect(await admin.set('user', ann, change, 'test')).toEqual({ kind: 'changed' })
        expect(await admin.user(ann)).toMatchObject(change)
      })

      test('many users are added together or not at all', async () => {
        const users = [silentUser('a@example.com'), silentUser('b@example.com'), silentUser('a@example.com')]
        const adding = (rows: typeof users) =>
          rows.map((row) => ({ on: 'user' as const, do: 'add' as const, row }))
        expect(await admin.apply(adding(users), { actor: 'test' })).toMatchObject({
          kind: 'not-applied',
          refusals: [{ at: 2, on: 'user', key: 'a@example.com', outcome: { reason: 'exists' } }],
        })
        expect(await admin.users()).toEqual([])
        expect(await admin.apply(adding(users.slice(0, 2)), { actor: 'test' })).toMatchObject({
          kind: 'applied',
          steps: [{ did: 'created' }, { did: 'created' }],
        })
        expect(auth.told).toHaveLength(2)
      })

      test('an alias is added in any spelling, changed, and deleted', async () => {
        expect(await admin.add('alias', aliasRow('Team@Example.com', ['ann@example.com']), 'test')).toEqual({
          kind: 'added',
        })
        expect(await admin.set('alias', 'TEAM@example.com', { disabled: true }, 'test')).toEqual({
          kind: 'changed',
        })
        expect(await admin.aliases(example.name)).toMatchObject([
          aliasRow('team@example.com', ['ann@example.com'], { disabled: true }),
        ])
        expect(await admin.delete('alias', 'team@EXAMPLE.com', 'test')).toEqual({ kind: 'changed' })
        expect(await admin.aliases()).toEqual([])
      })

      test('what is not there is missing', async () => {
        expect(await admin.set('domain', domainRow('x.example').name, { comment: '' }, 'test')).toEqual({
          kind: 'missing',
        })
        expect(await admin.delete('domain', domainRow('x.example').name, 'test')).toEqual({ kind: 'missing' })
        expect(await admin.user(ann)).toBeUndefined()
        expect(await admin.set('user', ann, { enabled: false }, 'test')).toEqual({ kind: 'missing' })
        expect(await admin.set('user', ann, { password: 'new password' }, 'test')).toEqual({
          kind: 'missing',
        })
        expect(await admin.delete('user', ann, 'test')).toEqual({ kind: 'missing' })
        expect(await admin.set('alias', ann, { disabled: true }, 'test')).toEqual({ kind: 'missing' })
        expect(await admin.delete('alias', ann, 'test')).toEqual({ kind: 'missing' })
      })
    },
  )

  describe('a name is in use once, whatever its case and whatever for', () => {
    beforeEach(async () => {
      auth = await startAuth({ openServer: await database.fresh() })
      admin = auth.admin
      await admin.add('domain', { ...example, alternatives: [domainRow('alt.example').name] }, 'test')
      await admin.add('domain', domainRow('other.example'), 'test')
      await admin.add('user', silentUser('ann@example.com'), 'test')
      await admin.add('alias', aliasRow('team@example.com', ['ann@example.com']), 'test')
    })

    const exists = { kind: 'refused', reason: 'exists' }

    test('a user beside a user', async () => {
      expect(await admin.add('user', silentUser('ANN@example.com'), 'test')).toMatchObject(exists)
    })
    test('a user beside an alias', async () => {
      expect(await admin.add('user', silentUser('Team@example.com'), 'test')).toMatchObject(exists)
    })
    test('an alias beside a user', async () => {
      expect(await admin.add('alias', aliasRow('Ann@example.com', ['x@else.example']), 'test')).toMatchObject(
        exists,
      )
    })
    test('an alias beside an alias', async () => {
      expect(
        await admin.add('alias', aliasRow('TEAM@example.com', ['x@else.example']), 'test'),
      ).toMatchObject(exists)
    })
    test('a domain beside an alternative', async () => {
      expect(await admin.add('domain', domainRow('ALT.example'), 'test')).toMatchObject(exists)
    })
    test('an alternative beside a domain', async () => {
      const outcome = await admin.set(
        'domain',
        example.name,
        { alternatives: [domainRow('other.example').name] },
        'test',
      )
      expect(outcome).toMatchObject(exists)
      expect(await admin.domains()).toMatchObject([
        { alternatives: ['alt.example'] },
        { name: 'other.example' },
      ])
    })
    test('a domain as its own alternative', async () => {
      expect(await admin.set('domain', example.name, { alternatives: [example.name] }, 'test')).toMatchObject(
        exists,
      )
    })
    test('two that are added at the same moment', async () => {
      const outcomes = await Promise.all(
        [1, 2, 3].map(() => admin.add('user', silentUser('bob@example.com'), 'test')),
      )
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['added', 'refused', 'refused'])
    })
    test('a name is free again after what had it is deleted', async () => {
      await admin.delete('user', ann, 'test')
      expect(await admin.add('alias', aliasRow('ann@example.com', ['x@else.example']), 'test')).toEqual({
        kind: 'added',
      })
      await admin.delete('alias', 'team@example.com', 'test')
      expect(await admin.add('user', silentUser('team@example.com'), 'test')).toMatchObject({ kind: 'added' })
    })
  })

  describe('refusals say what to do', () => {
    beforeEach(async () => {
      auth = await startAuth({ openServer: await database.fresh() })
      admin = auth.admin
      await admin.add(
        'domain',
        {
          ...example,
          maxUsers: 1,
          maxAliases: 1,
          maxQuotaBytes: 1_000,
          alternatives: [domainRow('alt.example').name],
        },
        'test',
      )
      await admin.add('user', silentUser('ann@example.com'), 'test')
      await admin.add('alias', aliasRow('team@example.com', ['ann@example.com']), 'test')
    })

    test.each([
      [
        'missing-domain',
        /homepost domain add x\.example/,
        () => admin.add('user', silentUser('ann@x.example'), 'test'),
      ],
      ['missing-domain', /bob@example\.com/, () => admin.add('user', silentUser('bob@alt.example'), 'test')],
      [
        'missing-domain',
        /Add it first/,
        () => admin.add('alias', aliasRow('ann@x.example', ['ann@example.com']), 'test'),
      ],
      ['limit', /1 users/, () => admin.add('user', silentUser('bob@example.com'), 'test')],
      [
        'limit',
        /1 aliases/,
        () => admin.add('alias', aliasRow('bob@example.com', ['ann@example.com']), 'test'),
      ],
      ['limit', /1000 bytes/, () => admin.set('user', ann, { quotaBytes: 1_001 }, 'test')],
      ['limit', /1000 bytes/, () => admin.set('user', ann, { quotaBytes: 0 }, 'test')],
      ['invalid', /empty/, () => admin.set('user', ann, { password: '' }, 'test')],
      ['invalid', /control character/, () => admin.set('user', ann, { password: 'two\nlines' }, 'test')],
      ['invalid', /Forwarding/, () => admin.set('user', ann, { forwardEnabled: true }, 'test')],
      ['invalid', /whole number/, () => admin.set('user', ann, { quotaBytes: -1 }, 'test')],
      ['invalid', /name/, () => admin.set('user', ann, { displayedName: 'a\r\nBcc: b' }, 'test')],
      [
        'invalid',
        /no mail address/,
        () => admin.add('alias', aliasRow('nonsense', ['ann@example.com']), 'test'),
      ],
      ['invalid', /at least one/, () => admin.set('alias', 'team@example.com', { destination: [] }, 'test')],
      [
        'invalid',
        /itself/,
        () => admin.set('alias', 'team@example.com', { destination: [address('team@example.com')] }, 'test'),
      ],
      ['invalid', /-1 is unlimited/, () => admin.set('domain', example.name, { maxUsers: -2 }, 'test')],
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
      auth = await startAuth({ openServer: await database.fresh() })
      admin = auth.admin
      await admin.add('domain', example, 'test')
      await addUsers(auth.admin, [
        silentUser('ann@example.com', { quotaBytes: 7 }),
        silentUser('bob@example.com', { quotaBytes: 8 }),
      ])
    })

    test('who is added, changed and deleted', async () => {
      const [annId, bobId] = [await idOf('ann@example.com'), await idOf('bob@example.com')]
      await admin.set('user', ann, { quotaBytes: 9 }, 'test')
      await admin.set('user', ann, { comment: 'nothing to hear' }, 'test')
      await admin.delete('user', ann, 'test')
      expect(auth.told).toEqual([`put ${annId} 7`, `put ${bobId} 8`, `put ${annId} 9`, `remove ${annId}`])
    })

    test('of every user of a deleted domain', async () => {
      const ids = [await idOf('ann@example.com'), await idOf('bob@example.com')]
      await admin.add('alias', aliasRow('team@example.com', ['ann@example.com']), 'test')
      await admin.delete('domain', example.name, 'test')
      expect(auth.told.slice(2).sort()).toEqual(ids.map((id) => `remove ${id}`).sort())
      expect(await admin.users()).toEqual([])
      expect(await admin.aliases()).toEqual([])
      expect(await admin.add('domain', example, 'test')).toEqual({ kind: 'added' })
    })

    test('at start of all who are there, and no more of those who are gone', async () => {
      const bobId = await idOf('bob@example.com')
      await admin.delete('user', ann, 'test')
      auth = await auth.restart()
      expect(auth.told).toEqual([`put ${bobId} 8`])
    })
  })

  describe('Accounts', () => {
    beforeEach(async () => {
      auth = await startAuth({ openServer: await database.fresh() })
      await auth.admin.add('domain', example, 'test')
      await addUsers(auth.admin, [
        silentUser('ann@example.com', { displayedName: 'Ann' }),
        silentUser('bob@example.com'),
      ])
    })

    test('are listed by number and page on', async () => {
      const all = await auth.accounts.list()
      expect(all.map(({ account }) => account)).toEqual(
        all.map(({ account }) => account).sort((a, b) => a - b),
      )
      expect(await auth.accounts.list(all[0]?.account)).toEqual(all.slice(1))
    })

    test('tell their settings', async () => {
      const user = await auth.admin.user(ann)
      expect(user && (await auth.accounts.settings(user.account))).toMatchObject({
        address: ann,
        displayedName: 'Ann',
        enabled: true,
      })
      expect(await auth.accounts.settings(1 as AccountId)).toEqual({ kind: 'unknown' })
    })
  })

  test('whatever is added and deleted, in any order, a name has one owner', async () => {
    auth = await startAuth({ openServer: await database.fresh() })
    const { admin } = auth
    await admin.add('domain', example, 'test')
    const acts = {
      addUser: (text: string) => admin.add('user', silentUser(text), 'test'),
      addAlias: (text: string) => admin.add('alias', aliasRow(text, ['x@else.example']), 'test'),
      deleteUser: (text: string) => admin.delete('user', address(text), 'test'),
      deleteAlias: (text: string) => admin.delete('alias', text, 'test'),
    }
    const step = fc.record({
      text: fc.constantFrom('a@example.com', 'A@example.com', 'b@example.com', 'c@example.com'),
      act: fc.constantFrom(...(Object.keys(acts) as (keyof typeof acts)[])),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        for (const { text, act } of steps) await acts[act](text)
        const names = [...(await admin.users()), ...(await admin.aliases())].map((row) => row.address)
        expect(new Set(names.map((text) => text.toLowerCase())).size).toBe(names.length)
      }),
      { numRuns: 10 },
    )
  })
}
