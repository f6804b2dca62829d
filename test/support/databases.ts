import { PGlite } from '@electric-sql/pglite'
import type { OpenServer } from '../../src/modules/auth/directory/database.ts'
import { numbered } from '../../src/platform/sql-server/postgresql.ts'
import { failureOf, type SqlServer } from '../../src/platform/sql-server/server.ts'
import { Mutex } from '../../src/platform/sqlite/mutex.ts'

/** A database to keep directories in, one after the other. */
export interface TestDatabase {
  readonly name: string
  /** A new and empty one; undefined is directory.db in the data folder. */
  fresh(): Promise<OpenServer | undefined>
  end(): Promise<void>
}

export const inDataFolder: TestDatabase = {
  name: 'SQLite',
  fresh: async () => undefined,
  end: async () => undefined,
}

/** PostgreSQL inside this process: its own parser, planner and constraints, without a socket. */
export function createPglite(): TestDatabase {
  let started: PGlite | undefined
  return {
    name: 'PostgreSQL (PGlite)',
    async fresh() {
      started ??= await PGlite.create()
      await started.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
      const server = serve(started)
      return async () => server
    },
    end: async () => started?.close(),
  }
}

const codes = { away: /^57P/, taken: /^23505$/ }

/** It has one connection, which its borrowers take in turns. */
function serve(pglite: PGlite): SqlServer {
  const turns = new Mutex()
  const query = async (sql: string, params: readonly unknown[]) => {
    try {
      const { rows } = await pglite.query<unknown[]>(numbered(sql), [...params], { rowMode: 'array' })
      return rows
    } catch (error) {
      throw failureOf(error, codes)
    }
  }
  return {
    flavor: 'postgresql',
    borrow: () =>
      new Promise((resolve) => {
        void turns.run(() => {
          const { promise, resolve: free } = Promise.withResolvers<void>()
          resolve({ query, giveBack: free, discard: free })
          return promise
        })
      }),
    end: async () => undefined,
  }
}
