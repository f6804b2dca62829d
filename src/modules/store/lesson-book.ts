import type { Database } from '../../platform/sqlite/database.ts'
import type { AccountId } from '../../ports/accounts.ts'
import type { LessonBook } from '../../ports/lessons.ts'
import type { Blobs } from './blobs.ts'
import { readPlaced } from './bodies.ts'
import type { BodyColumns } from './read-sql.ts'
import { tryLater } from './try-later.ts'
import type { Writing } from './writing.ts'

interface LessonParts {
  readonly writing: Writing
  readonly db: Database
  readonly blobs: Blobs
}

interface LessonRow {
  readonly email: number
  readonly account: number
  readonly spam: number
  readonly taught: number | null
}

/** Lessons as they lie in mail.db. */
export function createLessonBook({ writing, db, blobs }: LessonParts): LessonBook {
  const sql = prepareLessonSql(db)
  return {
    waiting: async (atMost) =>
      sql.waiting.all(atMost).map(({ email, account, spam, taught }) => ({
        account: account as AccountId,
        email,
        spam: spam === 1,
        before: taught === null ? undefined : taught === 1,
      })),
    async bytes({ account, email }, range) {
      const place = sql.bodyPlace.get(email, account)
      return place && readPlaced(blobs, place, () => sql.body.get(email, account), range)
    },
    async taught(lessons) {
      try {
        await writing.run('lessonsTaught', { lessons: lessons.map(({ email, spam }) => ({ email, spam })) })
        return { kind: 'done' }
      } catch (error) {
        return tryLater(error)
      }
    },
  }
}

function prepareLessonSql(db: Database) {
  const select = (rest: 'NULL' | 'b.rest') =>
    `SELECT e.id, e.prefix, b.size, b.codec, b.blob, b.frames, b.head, ${rest}
       FROM email e JOIN body b ON b.id = e.body WHERE e.id = ? AND e.account = ?`
  return {
    // lesson_waiting
    waiting: db.prepare<[number], LessonRow>(
      'SELECT email, account, spam, taught FROM lesson WHERE taught IS NOT spam ORDER BY at, email LIMIT ?',
    ),
    // the keys of email and body
    bodyPlace: db.prepare<[number, number], BodyColumns>(select('NULL')).raw(),
    body: db.prepare<[number, number], BodyColumns>(select('b.rest')).raw(),
  }
}
