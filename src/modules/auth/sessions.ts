import { createHash, randomBytes } from 'node:crypto'
import type { AccountId } from '../../ports/accounts.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import type { Seen, WebSessions } from '../../ports/web-sessions.ts'
import type { Directory } from './directory/directory.ts'
import { and, desc, eq, lt, or } from './directory/drizzle.ts'
import type { Repository } from './directory/repository.ts'
import { sessions, users } from './directory/schema.ts'
import { orLater } from './directory/trouble.ts'
import { readFactors } from './factors/factor-rows.ts'
import type { Proven, Tickets } from './sign-in/tickets.ts'

export interface SessionSettings {
  /** SESSION_TIMEOUT: seconds without use. */
  readonly idleSeconds: number
  /** PERMANENT_SESSION_LIFETIME: seconds since the sign-in. */
  readonly lifetimeSeconds: number
}

interface Needs {
  readonly directory: Directory
  readonly tickets: Tickets
  readonly settings: SessionSettings
  readonly clock: Clock
  readonly log: Log
}

/** A session that is in use is written down this often. */
const noteEveryMs = 60_000
/** Of one account; the one that was not used for the longest time makes room. */
const mostSessions = 100
const browserLength = 200
const keyForm = /^[\w-]{43}$/

/** Sessions stand in the directory's database, so that a restart signs nobody out. */
export function createWebSessions({ directory, tickets, settings, clock, log }: Needs): WebSessions {
  const idleMs = settings.idleSeconds * 1000
  const lifetimeMs = settings.lifetimeSeconds * 1000

  const rowsOf = (account: AccountId) =>
    directory.database.db
      .select()
      .from(sessions)
      .where(eq(sessions.account, account))
      .orderBy(desc(sessions.seenAt))

  // A table of ten thousand users takes seconds, and no page waits for it.
  const visited = async (id: string, seen: Seen, now: number) => {
    const noted = note(directory, id, seen, now).catch(unseen(log))
    if (!directory.isChanging) await noted
  }

  return {
    ...createBeginning({ directory, tickets, clock }, { rowsOf, idleMs, lifetimeMs }),

    find: (key, seen) =>
      orLater(async () => {
        const now = clock.now()
        const row = keyForm.test(key) ? await rowWith(directory, digestOf(key)) : undefined
        if (!row || isOver(row, now, settings)) return { kind: 'missing' } as const
        const user = (await directory.snapshot()).byAccount.get(row.account)
        if (user?.enabled !== true) return { kind: 'missing' } as const
        if (row.seenAt + noteEveryMs <= now) await visited(row.id, seen, now)
        const { id, account } = row
        return {
          kind: 'found',
          session: {
            id,
            account,
            address: user.address,
            ageMs: now - row.provedAt,
            signedInBy: row.signedInBy,
          },
        } as const
      }),

    list: async (account) => {
      const now = clock.now()
      const rows = await rowsOf(account)
      return rows
        .filter((row) => !isOver(row, now, settings))
        .map(({ id, createdAt, seenAt, seenFrom, browser, signedInBy }) => ({
          ...{ id, createdAt, seenAt, seenFrom, browser, signedInBy },
        }))
    },

    end: (account, id) =>
      orLater(async () => {
        if ((await rowWith(directory, id))?.account !== account) return { kind: 'missing' } as const
        await directory.writeQuietly(
          async ({ db }) => void (await db.delete(sessions).where(eq(sessions.id, id))),
        )
        return { kind: 'ended' } as const
      }),

    endAll: (account) =>
      orLater(async () => {
        await directory.writeQuietly(
          async ({ db }) => void (await db.delete(sessions).where(eq(sessions.account, account))),
        )
        return { kind: 'ended' } as const
      }),
  }
}

interface Life {
  readonly rowsOf: (account: AccountId) => Promise<readonly { readonly id: string }[]>
  readonly idleMs: number
  readonly lifetimeMs: number
}

function createBeginning(
  { directory, tickets, clock }: Pick<Needs, 'directory' | 'tickets' | 'clock'>,
  { rowsOf, idleMs, lifetimeMs }: Life,
): Pick<WebSessions, 'begin' | 'beginAgain'> {
  const beginIn = async ({ db }: Repository, { account, by, provedAt }: Proven, seen: Seen) => {
    const key = randomBytes(32).toString('base64url')
    const now = clock.now()
    const tooMany = (await rowsOf(account)).slice(mostSessions - 1)
    const isDead = or(lt(sessions.createdAt, now - lifetimeMs), lt(sessions.seenAt, now - idleMs))
    await db.delete(sessions).where(isDead)
    for (const { id } of tooMany) await db.delete(sessions).where(eq(sessions.id, id))
    const row = { id: digestOf(key), account, createdAt: now, signedInBy: by, provedAt }
    await db.insert(sessions).values({ ...row, ...seenColumns(seen, now) })
    return { kind: 'begun', key } as const
  }

  return {
    begin: (ticket, seen) =>
      orLater(async () => {
        const proven = tickets.read(ticket)
        if (!proven) return { kind: 'over' } as const
        const { account } = proven
        return directory.writeQuietly(async (rows) => {
          if (!(await isStill(rows, account, proven.version))) return { kind: 'over' } as const
          const isHalf = proven.shown === 'password' && (await readFactors(rows.db, account)).length > 0
          return isHalf ? ({ kind: 'second-factor' } as const) : beginIn(rows, proven, seen)
        })
      }),

    beginAgain: (ticket, seen) =>
      orLater(async () => {
        const proven = tickets.read(ticket)
        if (!proven) return { kind: 'over' } as const
        return directory.writeQuietly(async (rows) =>
          (await isStill(rows, proven.account, proven.version + 1))
            ? beginIn(rows, proven, seen)
            : ({ kind: 'over' } as const),
        )
      }),
  }
}

/** Asked in the transaction that begins the session: the password may have changed since it was checked. */
async function isStill(rows: Repository, account: AccountId, version: number): Promise<boolean> {
  await rows.holdVersion()
  const { enabled, signInVersion } = users
  const found = await rows.db.select({ enabled, signInVersion }).from(users).where(eq(users.account, account))
  return found.some((user) => user.enabled && user.signInVersion === version)
}

export function isOver(
  row: { readonly createdAt: number; readonly seenAt: number },
  now: number,
  { idleSeconds, lifetimeSeconds }: SessionSettings,
): boolean {
  return row.createdAt + lifetimeSeconds * 1000 <= now || row.seenAt + idleSeconds * 1000 <= now
}

async function rowWith({ database }: Directory, id: string) {
  const [row] = await database.db.select().from(sessions).where(eq(sessions.id, id))
  return row
}

const note = (directory: Directory, id: string, seen: Seen, now: number) =>
  directory.writeQuietly(async ({ db }) => {
    const isOlder = and(eq(sessions.id, id), lt(sessions.seenAt, now))
    await db.update(sessions).set(seenColumns(seen, now)).where(isOlder)
  })

/** Whoever is signed in may go on where the database takes no writes for a moment. */
const unseen = (log: Log) => (cause: unknown) => log.error('session.not-noted', cause)

const seenColumns = ({ ip, browser }: Seen, now: number) => ({
  seenAt: now,
  seenFrom: ip,
  browser: browser
    .replaceAll(/\p{Cc}/gu, ' ')
    .toWellFormed()
    .slice(0, browserLength),
})

/** A stolen database is no key: 256 random bits need no slow hash. */
const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex')
