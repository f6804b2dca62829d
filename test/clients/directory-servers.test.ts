import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openSqlServer } from '../../src/platform/sql-server/open.ts'
import { describeKinds } from '../contracts/directory-kinds-suite.ts'
import { describeDirectory } from '../contracts/directory-suite.ts'
import { address, domainRow, silentUser, startAuth, type TestAuth } from '../support/auth.ts'
import type { TestDatabase } from '../support/databases.ts'
import { createMariadb, createPostgresql, type DatabaseServer, emptied } from './support/database-servers.ts'

describe.each([createMariadb(), createPostgresql()])('on $name', (server) => {
  beforeAll(() => server.start())
  afterAll(() => server.end())
  const database = onServer(server)
  describe('names', () => describeDirectory(database))
  describe('kinds', () => describeKinds(database))

  describe('beside another process', () => {
    let auth: TestAuth
    let other: TestAuth
    afterEach(async () => {
      await other.end()
      await auth.end()
    })

    test('what it wrote is noticed within seconds', async () => {
      const openServer = await database.fresh()
      auth = await startAuth({ openServer })
      other = await startAuth({ openServer: () => openSqlServer(server.place) })
      await auth.admin.add('domain', domainRow('example.com'), 'test')
      const asked = address('ann@example.com')
      expect(await auth.addresses.resolve(asked)).toEqual({ kind: 'unknown' })
      await other.admin.add('user', silentUser('ann@example.com'), 'test')
      expect(await auth.addresses.resolve(asked)).toEqual({ kind: 'unknown' })
      await auth.clock.advance(2_000)
      expect(await auth.addresses.resolve(asked)).toMatchObject({ kind: 'hops' })
    })

    test('that adds the same name at the same moment, one of both gets it', async () => {
      const openServer = await database.fresh()
      auth = await startAuth({ openServer })
      other = await startAuth({ openServer: () => openSqlServer(server.place) })
      await auth.admin.add('domain', domainRow('example.com'), 'test')
      const names = Array.from({ length: 20 }, (_, n) => `user${n % 10}@example.com`)
      const outcomes = await Promise.all(
        names.map((name, n) => (n < 10 ? auth : other).admin.add('user', silentUser(name), 'test')),
      )
      expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual([
        ...Array.from({ length: 10 }, () => 'added'),
        ...Array.from({ length: 10 }, () => 'refused'),
      ])
    })
  })
})

function onServer(server: DatabaseServer): TestDatabase {
  return {
    name: server.name,
    fresh: async () => {
      await (await emptied(server.place)).end()
      return () => openSqlServer(server.place)
    },
    end: () => server.end(),
  }
}
