import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database } from '../../../platform/sqlite/database.ts'
import { openReader } from '../../../platform/sqlite/reader.ts'
import type { SqliteWriter, WriterFile } from '../../../platform/sqlite/writer.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Log } from '../../../ports/runtime.ts'
import { bandsOf, type Prints, packed } from '../known/prints.ts'
import { ofLesson } from '../known/reputation.ts'
import { isWellKnown, spamScore } from '../learn/classifier.ts'
import { TokenCounts } from '../learn/token-counts.ts'
import type { Tokens } from '../learn/tokens.ts'
import { Acquaintance } from './acquaintance.ts'
import { type KeptPrint, packSubjects, type Regard, unpackSubjects } from './acquaintance-program.ts'
import { Greylist } from './greylist.ts'
import { History } from './history.ts'
import type { Counting, LessonChange, LessonRow } from './program.ts'
import { RetrainingList } from './retraining-list.ts'

const shared = 0
/** Accounts whose own counts stay in memory. */
const mostAccounts = 32
/** Rows between two looks at everything else. */
const rowsPerTurn = 5_000
/** Fewer lessons of either kind are no experience. */
const leastExperience = 10
/** With so many own lessons, what the account says weighs as much as what everybody says. */
const halfOwn = 30

/** All counts of the filter: read from `spam.db` when they are first asked for, changed there before here. */
export class SpamMemory {
  readonly #db: Database
  readonly #file: WriterFile
  readonly #known = new Map<number, Promise<Knowledge>>()
  #teaching: Promise<unknown> = Promise.resolve()
  /** What is known of senders. */
  readonly acquaintance: Acquaintance

  /** Who has to come again. */
  readonly greylist: Greylist
  readonly history: History
  readonly retraining: RetrainingList

  private constructor(db: Database, file: WriterFile, log: Log) {
    this.#db = db
    this.#file = file
    this.acquaintance = new Acquaintance(db, file)
    this.greylist = new Greylist(file)
    this.retraining = new RetrainingList(db, file)
    this.history = new History(db, file, (cause) => log.error('spam.history-failed', cause))
  }

  static async open(dataDir: string, writer: SqliteWriter, log: Log): Promise<SpamMemory> {
    const path = join(dataDir, 'spam.db')
    const file = await writer.open({
      name: 'spam.db',
      path,
      synchronous: 'normal',
      migrations: {
        folder: fileURLToPath(new URL('../../../../migrations/spam/', import.meta.url)),
        applicationId,
      },
      program: new URL('./program.ts', import.meta.url),
    })
    return new SpamMemory(openReader(path, { cacheKiB: readerCacheKiB }), file, log)
  }

  /**
   * As `spamScore`, mixed from what everybody and what this account has taught: the more it has taught itself, the more it has to
   * say. Undefined where nobody knows enough.
   */
  async score(tokens: Tokens, account: AccountId | undefined): Promise<number | undefined> {
    const all = await this.#of(shared)
    const common = hasExperience(all) ? spamScore(tokens, all.counts) : undefined
    if (account === undefined) return common
    const own = await this.#of(account)
    if (!hasExperience(own)) return common
    const taught = Math.min(own.lessons.ham, own.lessons.spam)
    const weight = common === undefined ? 1 : taught / (taught + halfOwn)
    return weight * spamScore(tokens, own.counts) + (1 - weight) * (common ?? 0)
  }

  /**
   * Learns what a message is: for everybody, and for the account where there is one (the filter itself has none). The same again
   * changes nothing; the opposite takes back what was learned before.
   */
  async teach(
    message: TeachableMessage,
    spam: boolean,
    account: AccountId | undefined,
    at: number,
  ): Promise<'learned' | 'known'> {
    const teaching = this.#teaching.then(() => this.#teach(message, spam, account, at))
    this.#teaching = teaching.catch(() => undefined)
    return teaching
  }

  /** What everybody's lessons come to. */
  async learned(): Promise<{ readonly ham: number; readonly spam: number; readonly tokens: number }> {
    const { lessons, counts } = await this.#of(shared)
    return { ham: lessons.ham, spam: lessons.spam, tokens: counts.size }
  }

  async forgetAccount(account: AccountId): Promise<void> {
    await this.#file.call('forgetAccount', { account })
    this.#known.delete(account)
  }

  /** Who has taught something. */
  accounts(): AccountId[] {
    // Not by their lessons: those are forgotten sooner than what was counted.
    return this.#db.prepare('SELECT scope FROM counted WHERE scope <> 0').pluck().all() as AccountId[]
  }

  /** Old lessons cannot be taken back any more; what was judged is forgotten, and who waited too long. */
  async sweep(
    now: number,
    { lessonsBefore, judgedBefore }: Record<'lessonsBefore' | 'judgedBefore', number>,
  ): Promise<void> {
    await this.#file.call('sweep', { before: lessonsBefore, atMost: lessonsPerSweep })
    await this.#file.call('sweepJudged', { before: judgedBefore })
    await this.#file.call('sweepGreylist', { now })
  }

  async close(): Promise<void> {
    await this.#teaching
    await this.acquaintance.flush()
    await this.history.settled()
    await this.#file.close()
    this.#db.close()
  }

  async #teach(
    message: TeachableMessage,
    spam: boolean,
    account: AccountId | undefined,
    at: number,
  ): Promise<'learned' | 'known'> {
    const tokens = pack(message)
    const digest = digestOfPacked(tokens)
    const lessons = this.#lessons(digest)
    const teacher = account ?? shared
    // Who has moved a message knows better than a script, or the filter itself.
    if (teacher === shared && lessons.some((one) => one.account !== shared)) return 'known'
    const known = lessons.filter((one) => one.account === teacher || one.account === shared)
    if (known.some((one) => one.account === teacher && one.spam === Number(spam))) return 'known'

    const all = await this.#of(shared)
    const own = account === undefined ? undefined : await this.#of(account)
    const undone = known.flatMap((lesson) => countingsOf(lesson, -1))
    count(undone, { all, own })
    for (const each of known) note(each, -1, { all, own })
    const lesson: LessonRow = {
      account: teacher,
      digest,
      spam: Number(spam),
      shared: Number(!isWellKnown(message, spam ? 'spam' : 'ham', all.counts)),
      own: Number(own !== undefined && !isWellKnown(message, spam ? 'spam' : 'ham', own.counts)),
      tokens,
      at,
      // The filter has said already what it thinks of the sender.
      subjects: packSubjects(account === undefined ? [] : this.acquaintance.subjectsOf(digest)),
    }
    const done = countingsOf(lesson, 1)
    count(done, { all, own })
    note(lesson, 1, { all, own })
    const change: LessonChange = {
      countings: [...undone, ...done],
      forget: known.map((one) => ({ account: one.account, digest })),
      add: lesson,
      regards: [...known.flatMap((one) => regardsOf(one, -1)), ...regardsOf(lesson, 1)],
      prints: account !== undefined && spam ? printsOf(message.prints, lesson) : [],
    }
    try {
      await this.#file.call('learn', change)
      // Read meanwhile by somebody else, after it had made room for other accounts: it may lack this lesson.
      if (account !== undefined && own !== (await this.#known.get(account))) this.#known.delete(account)
      return 'learned'
    } catch (cause) {
      // What is here is not what is there: it is read again.
      this.#known.clear()
      throw cause
    }
  }

  #lessons(digest: Uint8Array): LessonRow[] {
    return this.#db.prepare('SELECT * FROM lesson WHERE digest = ?').all(digest) as LessonRow[]
  }

  #of(scope: number): Promise<Knowledge> {
    const known = this.#known.get(scope)
    if (known && scope === shared) return known
    const knowledge = known ?? this.#load(scope)
    // What could not be read is read again when it is next asked for.
    if (!known) knowledge.catch(() => this.#forget(scope, knowledge))
    // The one used last stands last.
    this.#known.delete(scope)
    this.#known.set(scope, knowledge)
    const [, oldest] = this.#known.keys()
    if (this.#known.size > mostAccounts && oldest !== undefined) this.#known.delete(oldest)
    return knowledge
  }

  #forget(scope: number, knowledge: Promise<Knowledge>): void {
    if (this.#known.get(scope) === knowledge) this.#known.delete(scope)
  }

  #lessonsOf(scope: number): { ham: number; spam: number } {
    const where = scope === shared ? '' : 'WHERE account = ?'
    const rows = this.#db
      .prepare<number[], { spam: number; number: number }>(
        `SELECT spam, count(*) AS number FROM lesson ${where} GROUP BY spam`,
      )
      .all(...(scope === shared ? [] : [scope]))
    const of = (spam: number) => rows.find((row) => row.spam === spam)?.number ?? 0
    return { ham: of(0), spam: of(1) }
  }

  async #load(scope: number): Promise<Knowledge> {
    const counted = this.#db.prepare('SELECT ham, spam FROM counted WHERE scope = ?').get(scope)
    const counts = new TokenCounts((counted ?? { ham: 0, spam: 0 }) as { ham: number; spam: number })
    const page = this.#db
      .prepare<[number, number, number], [number, number, number]>(
        'SELECT token, ham, spam FROM token WHERE scope = ? AND token > ? ORDER BY token LIMIT ?',
      )
      .raw()
    for (let after = -(2 ** 31) - 1; ; ) {
      const rows = page.all(scope, after, rowsPerTurn)
      for (const [token, ham, spam] of rows) counts.set(token, ham, spam)
      const last = rows.at(-1)
      if (!last || rows.length < rowsPerTurn)
        return { counts, lessons: atLeast(this.#lessonsOf(scope), counts.messages) }
      after = last[0]
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

/** Lessons are forgotten in time; what was counted stays, and is experience still. */
const atLeast = (lessons: Knowledge['lessons'], counted: Knowledge['lessons']): Knowledge['lessons'] => ({
  ham: Math.max(lessons.ham, counted.ham),
  spam: Math.max(lessons.spam, counted.spam),
})

/** What one scope knows. */
interface Knowledge {
  readonly counts: TokenCounts
  /** Also those that were well known before, and were not counted. */
  readonly lessons: { ham: number; spam: number }
}

interface TeachableMessage extends Tokens {
  /** By which it is known again where it was changed a little. */
  readonly prints?: Prints
}

/** "hpsp" */
const applicationId = 0x68707370
const readerCacheKiB = 1024
const digestOctets = 16
const lessonsPerSweep = 1000

const hasExperience = ({ lessons: { ham, spam } }: Knowledge): boolean =>
  ham >= leastExperience && spam >= leastExperience

interface Scopes {
  readonly all: Knowledge
  readonly own: Knowledge | undefined
}

function count(countings: readonly Counting[], { all, own }: Scopes): void {
  for (const { scope, spam, by, tokens } of countings)
    (scope === shared ? all : own)?.counts.add(tokens, spam ? 'spam' : 'ham', by)
}

function note({ account, spam }: LessonRow, by: 1 | -1, { all, own }: Scopes): void {
  for (const knowledge of [all, ...(account !== shared && own ? [own] : [])])
    knowledge.lessons[spam === 1 ? 'spam' : 'ham'] += by
}

function countingsOf({ account, spam, shared: inShared, own, tokens }: LessonRow, by: 1 | -1): Counting[] {
  const counted = new Int32Array(new Uint8Array(tokens).buffer)
  const scopes = [...(inShared === 1 ? [shared] : []), ...(own === 1 ? [account] : [])]
  return scopes.map((scope) => ({ scope, spam: spam === 1, by, tokens: counted }))
}

/** What a lesson says of whoever sent the message, to everybody and to who said it. */
function regardsOf({ account, spam, subjects: kept, at }: LessonRow, sign: 1 | -1): Regard[] {
  const subjects = unpackSubjects(kept)
  const scopes = subjects.length > 0 ? [shared, account] : []
  return scopes.map((scope) => ({ scope, subjects, spam: spam === 1, by: sign * ofLesson, at }))
}

function printsOf(prints: Prints | undefined, { account, digest, at }: LessonRow): KeptPrint[] {
  return (prints ? packed(prints) : []).map((print) => ({
    account,
    digest,
    print,
    bands: bandsOf(print),
    at,
  }))
}

/** By what a message is known again, however it is stamped on its way. */
export const digestOf = (tokens: Tokens): Uint8Array => digestOfPacked(pack(tokens))

const digestOfPacked = (tokens: Uint8Array): Uint8Array =>
  createHash('sha256').update(tokens).digest().subarray(0, digestOctets)

/** In one order, so that the same message is known again. */
function pack({ single, pairs }: Tokens): Uint8Array {
  const tokens = new Int32Array(single.size + pairs.size)
  let at = 0
  for (const token of single) tokens[at++] = token
  for (const token of pairs) tokens[at++] = token
  return new Uint8Array(tokens.sort().buffer)
}
