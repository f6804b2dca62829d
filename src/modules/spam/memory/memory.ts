import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database } from '../../../platform/sqlite/database.ts'
import { openReader } from '../../../platform/sqlite/reader.ts'
import type { SqliteWriter, WriterFile } from '../../../platform/sqlite/writer.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import { isWellKnown, spamScore } from '../learn/classifier.ts'
import { TokenCounts } from '../learn/token-counts.ts'
import type { Tokens } from '../learn/tokens.ts'
import type { Counting, LessonChange, LessonRow } from './program.ts'

const shared = 0
/** Accounts whose own counts stay in memory. */
const mostAccounts = 32
/** Rows between two looks at everything else. */
const rowsPerTurn = 5_000
/** Fewer counted messages of either kind are no experience. */
const leastExperience = 10
/** With so many own lessons, what the account says weighs as much as what everybody says. */
const halfOwn = 30

/** All counts of the filter: read from `spam.db` when they are first asked for, changed there before here. */
export class SpamMemory {
  readonly #db: Database
  readonly #file: WriterFile
  readonly #counts = new Map<number, Promise<TokenCounts>>()
  #teaching: Promise<unknown> = Promise.resolve()

  private constructor(db: Database, file: WriterFile) {
    this.#db = db
    this.#file = file
  }

  static async open(dataDir: string, writer: SqliteWriter): Promise<SpamMemory> {
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
    return new SpamMemory(openReader(path, { cacheKiB: readerCacheKiB }), file)
  }

  /**
   * As `spamScore`, mixed from what everybody and what this account has taught: the more it has taught itself, the more it has to
   * say. Undefined where nobody knows enough.
   */
  async score(tokens: Tokens, account: AccountId | undefined): Promise<number | undefined> {
    const all = await this.#of(shared)
    const common = hasExperience(all) ? spamScore(tokens, all) : undefined
    if (account === undefined) return common
    const own = await this.#of(account)
    if (!hasExperience(own)) return common
    const taught = Math.min(own.messages.ham, own.messages.spam)
    const weight = common === undefined ? 1 : taught / (taught + halfOwn)
    return weight * spamScore(tokens, own) + (1 - weight) * (common ?? 0)
  }

  /**
   * Learns what a message is: for everybody, and for the account where there is one (the filter itself has none). The same again
   * changes nothing; the opposite takes back what was learned before.
   */
  async teach(tokens: Tokens, spam: boolean, account: AccountId | undefined, at: number): Promise<void> {
    const teaching = this.#teaching.then(() => this.#teach(tokens, spam, account, at))
    this.#teaching = teaching.catch(() => undefined)
    await teaching
  }

  async forgetAccount(account: AccountId): Promise<void> {
    await this.#file.call('forgetAccount', { account })
    this.#counts.delete(account)
  }

  /** Old lessons cannot be taken back any more. */
  async sweep(before: number): Promise<void> {
    await this.#file.call('sweep', { before, atMost: lessonsPerSweep })
  }

  async close(): Promise<void> {
    await this.#teaching
    await this.#file.close()
    this.#db.close()
  }

  async #teach(tokens: Tokens, spam: boolean, account: AccountId | undefined, at: number): Promise<void> {
    const packed = pack(tokens)
    const digest = createHash('sha256').update(packed).digest().subarray(0, digestOctets)
    const known = this.#lessons(digest).filter(
      (one) => one.account === (account ?? shared) || one.account === shared,
    )
    // A person knows better than the filter, which says no more about a message that somebody spoke of.
    if (known.some((one) => one.account === (account ?? shared) && one.spam === Number(spam))) return
    if (account === undefined && known.length > 0) return

    const all = await this.#of(shared)
    const own = account === undefined ? undefined : await this.#of(account)
    const undone = known.flatMap((lesson) => countingsOf(lesson, -1))
    this.#count(undone, { all, own })
    const lesson: LessonRow = {
      account: account ?? shared,
      digest,
      spam: Number(spam),
      shared: Number(!isWellKnown(tokens, spam ? 'spam' : 'ham', all)),
      own: Number(own !== undefined && !isWellKnown(tokens, spam ? 'spam' : 'ham', own)),
      tokens: packed,
      at,
    }
    const done = countingsOf(lesson, 1)
    this.#count(done, { all, own })
    const change: LessonChange = {
      countings: [...undone, ...done],
      forget: known.map((one) => ({ account: one.account, digest })),
      add: lesson,
    }
    try {
      await this.#file.call('learn', change)
    } catch (cause) {
      // What is here is not what is there: it is read again.
      this.#counts.clear()
      throw cause
    }
  }

  #count(
    countings: readonly Counting[],
    { all, own }: { all: TokenCounts; own: TokenCounts | undefined },
  ): void {
    for (const { scope, spam, by, tokens } of countings)
      (scope === shared ? all : own)?.add(tokens, spam ? 'spam' : 'ham', by)
  }

  #lessons(digest: Uint8Array): LessonRow[] {
    return this.#db.prepare('SELECT * FROM lesson WHERE digest = ?').all(digest) as LessonRow[]
  }

  #of(scope: number): Promise<TokenCounts> {
    const known = this.#counts.get(scope)
    if (known && scope === shared) return known
    const counts = known ?? this.#load(scope)
    // The one used last stands last.
    this.#counts.delete(scope)
    this.#counts.set(scope, counts)
    const [, oldest] = this.#counts.keys()
    if (this.#counts.size > mostAccounts && oldest !== undefined) this.#counts.delete(oldest)
    return counts
  }

  async #load(scope: number): Promise<TokenCounts> {
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
      if (!last || rows.length < rowsPerTurn) return counts
      after = last[0]
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

/** "hpsp" */
const applicationId = 0x68707370
const readerCacheKiB = 1024
const digestOctets = 16
const lessonsPerSweep = 1000

const hasExperience = ({ messages: { ham, spam } }: TokenCounts): boolean =>
  ham >= leastExperience && spam >= leastExperience

function countingsOf({ account, spam, shared: inShared, own, tokens }: LessonRow, by: 1 | -1): Counting[] {
  const counted = new Int32Array(new Uint8Array(tokens).buffer)
  const scopes = [...(inShared === 1 ? [shared] : []), ...(own === 1 ? [account] : [])]
  return scopes.map((scope) => ({ scope, spam: spam === 1, by, tokens: counted }))
}

/** In one order, so that the same message is known again. */
function pack({ single, pairs }: Tokens): Uint8Array {
  return new Uint8Array(Int32Array.from([...single, ...pairs]).sort().buffer)
}
