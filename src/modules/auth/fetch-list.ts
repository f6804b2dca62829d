import type { Said } from '../../lib/filled-text.ts'
import type { FetchList } from '../../ports/fetch-list.ts'
import type { Clock } from '../../ports/runtime.ts'
import type { Directory } from './directory/directory.ts'
import { eq } from './directory/drizzle.ts'
import { readFetches, type User } from './directory/rows.ts'
import { fetches } from './directory/schema.ts'
import type { Snapshot } from './directory/snapshot.ts'
import { orLater } from './directory/trouble.ts'
import { without } from './directory/without.ts'
import { oldServerOf } from './elsewhere.ts'
import type { Secrets } from './secrets.ts'

const maxErrorLength = 1_000

const bounded = (text: string) => text.replaceAll('\0', '').slice(0, maxErrorLength)

const boundedValues = ({ key, values }: Said): Said => ({
  key,
  values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, bounded(value)])),
})

/** What is collected for somebody whose mail is still elsewhere would go there at once, and be collected there again. */
const mayCollect = (snapshot: Snapshot, user: User | undefined): boolean =>
  user?.enabled === true && oldServerOf(snapshot, user) === undefined

export function createFetchList(directory: Directory, secrets: Secrets, clock: Clock): FetchList {
  return {
    list: () =>
      orLater(async () => {
        const snapshot = await directory.snapshot()
        const rows = await readFetches(directory.repository.db)
        const jobs = rows
          .filter(({ account }) => mayCollect(snapshot, snapshot.byAccount.get(account)))
          .map((row) => ({
            ...without(row, 'sealedPassword', 'error', 'createdAt'),
            password: secrets.unseal(row.sealedPassword),
          }))
        return { kind: 'list', fetches: jobs }
      }),
    report: (id, error, said) =>
      orLater(() =>
        directory.writeQuietly(async ({ db }) => {
          const [found] = await readFetches(db, eq(fetches.id, id))
          if (!found) return { kind: 'missing' }
          await db
            .update(fetches)
            .set({ lastCheck: clock.now(), error: bounded(error), said: said ? boundedValues(said) : null })
            .where(eq(fetches.id, id))
          return { kind: 'kept' }
        }),
      ),
  }
}
