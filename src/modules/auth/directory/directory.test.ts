import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { address, aliasRow, domainRow, silentUser } from '../../../../test/support/auth.ts'
import { createPglite, inDataFolder } from '../../../../test/support/databases.ts'
import { createFakeClock } from '../../../../test/support/fakes/clock.ts'
import { createFakeLog } from '../../../../test/support/fakes/runtime.ts'
import { createSqliteWriter } from '../../../platform/sqlite/writer.ts'
import type { Change } from '../../../ports/directory-writer.ts'
import { createDirectoryWriter } from '../admin/writer.ts'
import { Secrets } from '../secrets.ts'
import { PasswordHasher } from '../sign-in/hasher.ts'
import { type OpenServer, openDirectoryFile, openDirectoryServer } from './database.ts'
import { Directory } from './directory.ts'
import { readDirectory } from './rows.ts'
import { type Snapshot, takeSnapshot } from './snapshot.ts'

const ann = address('ann@example.com')
const bob = address('bob@example.com')
const example = domainRow('example.com').name
const other = domainRow('other.example').name
const by = { actor: 'test' }

const pglite = createPglite()
afterAll(() => pglite.end())

const clock = createFakeClock()
const writer = createSqliteWriter({ log: createFakeLog() })
afterAll(() => writer.stop())

let dataDir: string
let opened: Directory[]
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'homepost-directory-'))
  opened = []
})
afterEach(async () => {
  for (const directory of opened) await directory.close()
  rmSync(dataDir, { recursive: true })
})

async function start(openServer: OpenServer | undefined) {
  const directory = new Directory(clock)
  const database = openServer ? openDirectoryServer(openServer) : openDirectoryFile(dataDir, writer)
  directory.open(await database)
  opened.push(directory)
  const admin = createDirectoryWriter({
    directory,
    hasher: new PasswordHasher(),
    secrets: new Secrets(dataDir, undefined),
    mailAccounts: { putAccount: async () => undefined, removeAccount: async () => undefined },
    dkimKeys: { remove: async () => undefined },
    standard: { quotaBytes: 0, spamThreshold: 80 },
    welcome: undefined,
  })
  const change = async (...changes: readonly Change[]) => {
    const outcome = await admin.apply(changes, by)
    if (outcome.kind !== 'applied') throw new Error(JSON.stringify(outcome))
  }
  return { directory, admin, change }
}

/** Comparable: in an order, and without sets that are empty. */
function plain(snapshot: Snapshot) {
  const inOrder = (values: Iterable<unknown>) => [...values].map((value) => JSON.stringify(value)).sort()
  return {
    domains: inOrder(snapshot.domains.values()),
    mainDomains: inOrder(snapshot.mainDomains),
    relays: inOrder(snapshot.relays.values()),
    users: inOrder(snapshot.users),
    byAccount: inOrder(snapshot.byAccount),
    accounts: snapshot.accounts,
    tokens: inOrder(snapshot.tokens),
    guarded: inOrder(snapshot.guarded),
    aliases: inOrder(snapshot.aliases),
    wildcards: inOrder(snapshot.wildcards),
    spoofers: inOrder(
      [...snapshot.spoofers].filter(([, all]) => all.size > 0).map(([name, all]) => [name, ...all]),
    ),
    managers: inOrder(snapshot.managers),
    isAnybodyElsewhere: snapshot.isAnybodyElsewhere,
  }
}

const fresh = async ({ repository }: Directory) =>
  plain(await takeSnapshot(await readDirectory(repository.db)))
const kept = async (directory: Directory) => plain(await directory.snapshot())

const everybody: readonly Change[] = [
  {
    on: 'domain',
    do: 'add',
    row: domainRow('example.com', { alternatives: [domainRow('alt.example').name] }),
  },
  { on: 'domain', do: 'add', row: domainRow('other.example') },
  { on: 'user', do: 'add', row: silentUser('ann@example.com', { allowSpoofing: true }) },
  { on: 'user', do: 'add', row: silentUser('bob@example.com') },
  { on: 'user', do: 'add', row: silentUser('cid@other.example') },
  { on: 'alias', do: 'add', row: aliasRow('%@example.com', ['ann@example.com']) },
  { on: 'alias', do: 'add', row: aliasRow('team@example.com', ['ann@example.com', 'bob@example.com']) },
  { on: 'alias', do: 'add', row: aliasRow('secret@other.example', ['ann@example.com'], { owner: ann }) },
  { on: 'manager', do: 'add', row: { domain: example, user: ann } },
  { on: 'manager', do: 'add', row: { domain: other, user: bob } },
  { on: 'token', do: 'add', row: { user: ann } },
  { on: 'token', do: 'add', row: { user: bob } },
]

const changes: readonly (readonly [string, ...Change[]])[] = [
  ['a new user', { on: 'user', do: 'add', row: silentUser('aaa@example.com', { globalAdmin: true }) }],
  ['a user switched off', { on: 'user', do: 'set', key: ann, to: { enabled: false, allowSpoofing: false } }],
  ['mail on an old server', { on: 'user', do: 'set', key: ann, to: { oldServer: 'imap.old.example' } }],
  ['a user gone, with alias, token and domain', { on: 'user', do: 'delete', key: ann }],
  [
    'a user gone whose name another has at once',
    { on: 'user', do: 'delete', key: ann },
    { on: 'user', do: 'add', row: silentUser('ann@example.com', { displayedName: 'Another' }) },
  ],
  ['a user who departs', { on: 'departure', do: 'add', row: { user: ann, deleteAt: 1 } }],
  [
    'a user who departed and is back',
    { on: 'departure', do: 'add', row: { user: ann, deleteAt: 1 } },
    { on: 'departure', do: 'delete', key: ann },
  ],
  ['a new alias', { on: 'alias', do: 'add', row: aliasRow('news@example.com', ['bob@example.com']) }],
  ['a pattern switched off', { on: 'alias', do: 'set', key: '%@example.com', to: { disabled: true } }],
  ['an alias of somebody else', { on: 'alias', do: 'set', key: 'secret@other.example', to: { owner: bob } }],
  ['an alias gone', { on: 'alias', do: 'delete', key: '%@example.com' }],
  ['a new token', { on: 'token', do: 'add', row: { user: ann } }],
  ['a token of somebody else', { on: 'token', do: 'put', row: { id: 1, user: bob } }],
  ['a token gone', { on: 'token', do: 'delete', key: 1 }],
  ['a manager more', { on: 'manager', do: 'add', row: { domain: other, user: ann } }],
  ['a manager less', { on: 'manager', do: 'delete', key: { domain: example, user: ann } }],
  [
    'another name of a domain',
    { on: 'domain', do: 'set', key: other, to: { alternatives: [domainRow('third.example').name] } },
  ],
  [
    'a domain moved',
    { on: 'domain', do: 'set', key: example, to: { alternatives: [], oldServer: 'imap.old.example' } },
  ],
  ['a domain gone, with everybody in it', { on: 'domain', do: 'delete', key: example }],
  [
    'a new relay',
    { on: 'relay', do: 'add', row: { name: domainRow('relay.example').name, target: 'mx.example' } },
  ],
]

test.each(changes.map(([what, ...some]) => [what, some] as const))(
  'what is in memory is what is in the database after %s',
  async (_, some) => {
    const { directory, change } = await start(undefined)
    await change(...everybody)
    await directory.snapshot()
    await change(...some)
    expect(await kept(directory)).toEqual(await fresh(directory))
  },
)

describe.each([inDataFolder, pglite])('on $name', (database) => {
  test('one change reads what it touched and nobody else', async () => {
    const { directory, change } = await start(await database.fresh())
    await change(...everybody)
    const before = (await directory.snapshot()).users.get(bob)
    await change({ on: 'user', do: 'set', key: ann, to: { displayedName: 'Ann' } })
    const { users } = await directory.snapshot()
    expect([users.get(ann)?.displayedName, users.get(bob) === before]).toEqual(['Ann', true])
  })

  test('more than can be followed is read again as a whole', async () => {
    const { directory, change } = await start(await database.fresh())
    await change(...everybody)
    await directory.snapshot()
    await change(
      ...Array.from({ length: 501 }, (_, n) => {
        return { on: 'user', do: 'add', row: silentUser(`u${n}@example.com`) } as const
      }),
    )
    expect((await directory.snapshot()).users.size).toBe(504)
    expect(await kept(directory)).toEqual(await fresh(directory))
  })

  test('a change that is undone is in nobody’s memory', async () => {
    const { directory, change, admin } = await start(await database.fresh())
    await change(...everybody)
    await directory.snapshot()
    const gone = { on: 'user', do: 'delete', key: ann } as const
    await admin.apply([gone], { ...by, dryRun: true })
    await admin.apply([gone, gone], by)
    await expect(
      directory.write(
        async () => {
          // Whoever looks here sees what will never have been.
          await directory.snapshot()
          throw new Error('half of it is done')
        },
        () => 'everything',
      ),
    ).rejects.toThrow('half')
    expect((await directory.snapshot()).users.has(ann)).toBe(true)
    await change({ on: 'user', do: 'set', key: bob, to: { displayedName: 'Bob' } })
    expect(await kept(directory)).toEqual(await fresh(directory))
  })

  test('what a transaction saw that was undone is not kept', async () => {
    const { directory, change } = await start(await database.fresh())
    await change(...everybody)
    await directory.write(
      async () => undefined,
      () => 'everything',
    )
    const undone = directory.write(
      async (rows) => {
        await rows.release(ann)
        expect((await directory.snapshot()).users.has(ann)).toBe(false)
        throw new Error('no')
      },
      () => 'everything',
    )
    await expect(undone).rejects.toThrow('no')
    expect((await directory.snapshot()).users.has(ann)).toBe(true)
  })

  test('who asks after a change sees it, while all is being read and others write', async () => {
    const { directory, change } = await start(await database.fresh())
    await change(...everybody)
    const seen = await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        const name = `u${n}@example.com`
        void directory.snapshot()
        await change({ on: 'user', do: 'add', row: silentUser(name) })
        return (await directory.snapshot()).users.has(address(name))
      }),
    )
    expect(seen).not.toContain(false)
    expect(await kept(directory)).toEqual(await fresh(directory))
  })
})

describe('beside another process', () => {
  test('its changes are seen two seconds later, or with the next own one', async () => {
    const openServer = await pglite.fresh()
    const one = await start(openServer)
    const two = await start(openServer)
    await one.change(...everybody)
    await one.directory.snapshot()
    await two.directory.snapshot()
    await two.change({ on: 'user', do: 'set', key: ann, to: { enabled: false } })
    await one.change({ on: 'user', do: 'set', key: bob, to: { displayedName: 'Bob' } })
    expect(await kept(one.directory)).toEqual(await fresh(one.directory))
    await two.change({ on: 'alias', do: 'delete', key: 'team@example.com' })
    await clock.advance(2_000)
    expect(await kept(one.directory)).toEqual(await fresh(one.directory))
    expect(await kept(two.directory)).toEqual(await fresh(two.directory))
  })

  test('both end with the same, whoever wrote', async () => {
    const openServer = await pglite.fresh()
    const both = [await start(openServer), await start(openServer)]
    await both[0]?.change(...everybody)
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const { change, directory } = both[n % 2] ?? (await start(openServer))
        await change({ on: 'user', do: 'add', row: silentUser(`u${n}@example.com`) })
        expect((await directory.snapshot()).users.has(address(`u${n}@example.com`))).toBe(true)
      }),
    )
    await clock.advance(2_000)
    for (const { directory } of both) expect(await kept(directory)).toEqual(await fresh(directory))
  })
})
