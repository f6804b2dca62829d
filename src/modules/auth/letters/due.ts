import type { Address, DomainName } from '../../../lib/address.ts'
import type {
  AnnouncedLetter,
  Announcement,
  Announcements,
  LettersDue,
} from '../../../ports/announcements.ts'
import type { Directory } from '../directory/directory.ts'
import { and, asc, count, desc, eq, gt, inArray, notInArray, sql } from '../directory/drizzle.ts'
import type { Repository } from '../directory/repository.ts'
import { announcements, departures, users, welcomes } from '../directory/schema.ts'
import { orLater } from '../directory/trouble.ts'
import { without } from '../directory/without.ts'

const mostListed = 100

export interface Letters extends Announcements, LettersDue {
  /** Somebody is new. */
  wake(): void
}

/** Letters to many people, and how far they are; in tables of the directory. */
export function createLetters(directory: Directory): Letters {
  const watchers = new Set<() => void>()
  const wake = () => {
    for (const run of watchers) run()
  }
  const db = () => directory.repository.db
  return {
    wake,
    announce: (letter, actor) =>
      orLater(async () => {
        const id = await directory.writeQuietly((rows) => insert(rows, letter, actor))
        wake()
        return { kind: 'announced', id }
      }),
    async list() {
      const rows = await db().select().from(announcements).orderBy(desc(announcements.id)).limit(mostListed)
      return rows.map(shown)
    },
    stop: (id, actor) =>
      orLater(async () => ({
        kind: (await directory.writeQuietly((rows) => stop(rows, id, actor))) ? 'stopped' : 'missing',
      })),
    async announcement() {
      const [row] = await db()
        .select()
        .from(announcements)
        .where(eq(announcements.state, 'running'))
        .orderBy(asc(announcements.id))
        .limit(1)
      return row && shown(row)
    },
    recipients: ({ id }, atMost) => recipients(db(), id, atMost),
    reached: (id, upTo, counts) => directory.writeQuietly((rows) => reached(rows, { id, upTo, ...counts })),
    over: (id) => directory.writeQuietly(({ db: tx }) => end(tx, id, 'done')),
    welcomes: (atMost) =>
      db()
        .select({ account: users.account, address: users.address, enabled: users.enabled })
        .from(welcomes)
        .innerJoin(users, eq(users.account, welcomes.account))
        .orderBy(asc(users.account))
        .limit(atMost),
    welcomed: (accounts) =>
      directory.writeQuietly(async ({ db: tx }) => {
        await tx.delete(welcomes).where(inArray(welcomes.account, [...accounts]))
      }),
    watch(run) {
      watchers.add(run)
      return () => watchers.delete(run)
    },
  }
}

type Db = Repository['db']
type Row = typeof announcements.$inferSelect

const shown = (row: Row): Announcement => ({
  ...without(row, 'reached'),
  domain: row.domain === '' ? undefined : row.domain,
})

/** Who would get it: nobody who leaves. */
const meant = (db: Db, domain: DomainName | '') =>
  and(
    domain === '' ? undefined : eq(users.domain, domain),
    notInArray(users.account, db.select({ account: departures.account }).from(departures)),
  )

async function insert(
  rows: Repository,
  { subject, body, domain: only }: AnnouncedLetter,
  actor: string,
): Promise<number> {
  const domain: DomainName | '' = only ?? ''
  const id = await rows.takeId('announcement')
  const [people] = await rows.db.select({ n: count() }).from(users).where(meant(rows.db, domain))
  const at = rows.now()
  const unsent = { reached: '' as const, sent: 0, skipped: 0, state: 'running' as const }
  const row = { id, subject, body, domain, actor, createdAt: at, recipients: people?.n ?? 0, ...unsent }
  await rows.db.insert(announcements).values(row)
  const columns = [{ column: 'subject', from: undefined, to: subject }]
  await rows.writeAudit([{ at, actor, on: 'announcement', key: String(id), did: 'created', columns }])
  return id
}

async function stop(rows: Repository, id: number, actor: string): Promise<boolean> {
  const row = await running(rows.db, id)
  if (!row) return false
  await end(rows.db, id, 'stopped')
  const columns = [{ column: 'state', from: 'running', to: 'stopped' }]
  await rows.writeAudit([
    { at: rows.now(), actor, on: 'announcement', key: String(id), did: 'modified', columns },
  ])
  return true
}

async function recipients(db: Db, id: number, atMost: number): ReturnType<LettersDue['recipients']> {
  const row = await running(db, id)
  if (!row) return []
  return db
    .select({ account: users.account, address: users.address, enabled: users.enabled })
    .from(users)
    .where(and(meant(db, row.domain), gt(users.address, row.reached as Address)))
    .orderBy(asc(users.address))
    .limit(atMost)
}

async function reached(
  { db }: Repository,
  { id, upTo, sent, skipped }: { id: number; upTo: Address; sent: number; skipped: number },
): Promise<boolean> {
  const goesOn = (await running(db, id)) !== undefined
  // Also of one that was stopped: what it counts was sent.
  await db
    .update(announcements)
    .set({
      reached: upTo,
      sent: sql`${announcements.sent} + ${sent}`,
      skipped: sql`${announcements.skipped} + ${skipped}`,
    })
    .where(eq(announcements.id, id))
  return goesOn
}

async function running(db: Db, id: number): Promise<Row | undefined> {
  const [row] = await db
    .select()
    .from(announcements)
    .where(and(eq(announcements.id, id), eq(announcements.state, 'running')))
  return row
}

async function end(db: Db, id: number, state: 'done' | 'stopped'): Promise<void> {
  await db
    .update(announcements)
    .set({ state })
    .where(and(eq(announcements.id, id), eq(announcements.state, 'running')))
}
