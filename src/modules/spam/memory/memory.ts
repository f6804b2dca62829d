import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database } from '../../../platform/sqlite/database.ts'
import { openReader } from '../../../platform/sqlite/reader.ts'
import type { SqliteWriter, WriterFile } from '../../../platform/sqlite/writer.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Log } from '../../../ports/runtime.ts'
import { accountOfFlag, type FuzzyFlag } from '../known/likeness.ts'
import type { Prints } from '../known/prints.ts'
import { isWellKnown, spamScore } from '../learn/classifier.ts'
import { TokenCounts } from '../learn/token-counts.ts'
import type { Tokens } from '../learn/tokens.ts'
import { Acquaintance } from './acquaintance.ts'
import { type KeptPrint, packSubjects } from './acquaintance-program.ts'
import { Greylist } from './greylist.ts'
import { History } from './history.ts'
import {
  count,
  countingsOf,
  digestOfPacked,
  type Knowledge,
  note,
  pack,
  printsOf,
  regardsOf,
  type Scopes,
  shared,
  uncount,
} from './lessons.ts'
import { itself, keepsBalance, type Lessons, mostOwn, OwnLessons } from './own-lessons.ts'
import type { LessonChange, LessonRow } from './program.ts'
import { RetrainingList } from './retraining-list.ts'
import { type Counts, countsAsText, countsOf, writeCounts } from './transfer.ts'

/** Accounts whose own counts stay in memory. */
const mostAccounts = 32
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
  readonly #own: OwnLessons

  private constructor(db: Database, file: WriterFile, log: Log) {
    this.#db = db
    this.#file = file
    this.acquaintance = new Acquaintance(db, file)
    this.greylist = new Greylist(file)
    this.retraining = new RetrainingList(db, file)
    this.#own = new OwnLessons(db)
    this.history = new History(db, file, (cause) => log.error('spam.history-failed', cause))
  }

  static async open(dataDir: string, writer: SqliteWriter, log: Log): Promise<SpamMemory> {
    const path = join(dataDir, 'spam.db')
    const file = await writer.open({
      name: 'spam.db',
      path,
      synchronous: 'normal',
      cacheKiB: writerCacheKiB,
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
    return this.#inTurn(() => this.#teach(message, spam, account, at))
  }

  /**
   * What the filter is sure of by itself, of a message of which nobody has said anything; whoever says something later takes it
   * back. The oldest of its own lessons go when there are many.
   */
  teachItself(message: Tokens, spam: boolean, at: number): Promise<'learned' | 'known' | 'unbalanced'> {
    return this.#inTurn(() => this.#teachItself(message, spam, at))
  }

  /** Keeps what a message is known again by under a flag of rspamd's, or forgets it; tells how much that is. */
  async mark(message: TeachableMessage, flag: FuzzyFlag, keeps: boolean, at: number): Promise<number> {
    const place = { account: accountOfFlag(flag), digest: digestOfPacked(pack(message)), at }
    const prints = keeps ? printsOf(message.prints, place) : []
    const gone = (await this.#file.call('replacePrints', { ...place, prints })) as number
    return keeps ? prints.length : gone
  }

  /** Takes back what the filter taught itself; tells how many lessons that were. */
  async unteachItself(): Promise<number> {
    for (let taken = 0; ; taken++) {
      const isTaken = await this.#inTurn(() => this.#takeBackOldest())
      if (!isTaken) return taken
    }
  }

  /** What everybody's lessons come to. */
  async learned(): Promise<Lessons & { readonly tokens: number; readonly itself: Lessons }> {
    const { lessons, counts } = await this.#of(shared)
    return { ham: lessons.ham, spam: lessons.spam, tokens: counts.size, itself: this.#own.count() }
  }

  /** What everybody's or an account's lessons come to, as text. */
  counts(account: AccountId | undefined): Promise<string> {
    return countsAsText(this.#db, account ?? shared)
  }

  /** Puts other counts in the place of these. What was taught before cannot be taken back from them. Where it ends early, it is done again. */
  putCounts(account: AccountId | undefined, counts: Counts): Promise<void> {
    const scope = account ?? shared
    return this.#inTurn(async () => {
      try {
        await writeCounts(this.#file, scope, counts)
      } finally {
        this.#known.delete(scope)
      }
    })
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
    // Who has moved a message knows better than a script, and everybody better than the filter itself.
    if (teacher === shared && lessons.some((one) => one.account > shared)) return 'known'
    const known = lessons.filter((one) => [teacher, shared, itself].includes(one.account))
    if (known.some((one) => one.account === teacher && one.spam === Number(spam))) return 'known'

    const scopes = await this.#scopes(account)
    const { all, own } = scopes
    uncount(known, scopes)
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
    const prints = account !== undefined && spam ? printsOf(message.prints, lesson) : []
    await this.#write({ gone: known, lesson, prints }, scopes)
    // Read meanwhile by somebody else, after it had made room for other accounts: it may lack this lesson.
    if (account !== undefined && own !== (await this.#known.get(account))) this.#known.delete(account)
    return 'learned'
  }

  async #teachItself(
    message: Tokens,
    spam: boolean,
    at: number,
  ): Promise<'learned' | 'known' | 'unbalanced'> {
    const tokens = pack(message)
    const digest = digestOfPacked(tokens)
    const as = spam ? 'spam' : 'ham'
    const scopes = await this.#scopes(undefined)
    if (this.#lessons(digest).length > 0 || isWellKnown(message, as, scopes.all.counts)) return 'known'
    const own = this.#own.count()
    if (!keepsBalance(as, scopes.all.lessons, own)) return 'unbalanced'
    const oldest = own[as] >= mostOwn ? this.#own.oldest(spam) : undefined
    const lesson: LessonRow = {
      ...{ account: itself, digest, spam: Number(spam), shared: 1, own: 0, tokens, at },
      subjects: packSubjects([]),
    }
    const gone = oldest ? [oldest] : []
    uncount(gone, scopes)
    await this.#write({ gone, lesson, prints: [] }, scopes)
    return 'learned'
  }

  async #takeBackOldest(): Promise<boolean> {
    const oldest = this.#own.oldest(true) ?? this.#own.oldest(false)
    if (!oldest) return false
    const scopes = await this.#scopes(undefined)
    uncount([oldest], scopes)
    await this.#write({ gone: [oldest], lesson: undefined, prints: [] }, scopes)
    return true
  }

  /** One lesson after the other: each looks at what is counted, and changes it. */
  #inTurn<T>(teach: () => Promise<T>): Promise<T> {
    const teaching = this.#teaching.then(teach)
    this.#teaching = teaching.catch(() => undefined)
    return teaching
  }

  async #scopes(account: AccountId | undefined): Promise<Scopes> {
    const all = await this.#of(shared)
    return { all, own: account === undefined ? undefined : await this.#of(account) }
  }

  /** What is gone has been taken back here already. */
  async #write({ gone, lesson, prints }: Change, scopes: Scopes): Promise<void> {
    const done = lesson ? countingsOf(lesson, 1) : []
    count(done, scopes)
    if (lesson) note(lesson, 1, scopes)
    const change: LessonChange = {
      countings: [...gone.flatMap((one) => countingsOf(one, -1)), ...done],
      forget: gone.map(({ account, digest }) => ({ account, digest })),
      add: lesson,
      regards: [...gone.flatMap((one) => regardsOf(one, -1)), ...(lesson ? regardsOf(lesson, 1) : [])],
      prints,
    }
    try {
      await this.#file.call('learn', change)
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
    for await (const rows of countsOf(this.#db, scope))
      for (const [token, ham, spam] of rows) counts.set(token, ham, spam)
    return { counts, lessons: atLeast(this.#lessonsOf(scope), counts.messages) }
  }
}

/** Lessons are forgotten in time; what was counted stays, and is experience still. */
const atLeast = (lessons: Knowledge['lessons'], counted: Knowledge['lessons']): Knowledge['lessons'] => ({
  ham: Math.max(lessons.ham, counted.ham),
  spam: Math.max(lessons.spam, counted.spam),
})

interface TeachableMessage extends Tokens {
  /** By which it is known again where it was changed a little. */
  readonly prints?: Prints
}

/** "hpsp" */
const applicationId = 0x68707370
const readerCacheKiB = 1024
/** History only grows at its end, and tokens lie anywhere: more would be kept and hardly found again. */
const writerCacheKiB = 2 * 1024
const lessonsPerSweep = 1000

const hasExperience = ({ lessons: { ham, spam } }: Knowledge): boolean =>
  ham >= leastExperience && spam >= leastExperience

interface Change {
  readonly gone: readonly LessonRow[]
  readonly lesson: LessonRow | undefined
  readonly prints: readonly KeptPrint[]
}
