import { statSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import type { Database } from '../../../platform/sqlite/database.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { MailboxId, Uid } from '../../../ports/mail-store.ts'
import type { Clock, Log, Meter } from '../../../ports/runtime.ts'
import type {
  TextFindings,
  TextIndexCare,
  TextIndexStatus,
  TextSearch,
  WantedText,
} from '../../../ports/text-search.ts'
import type { StoredChange } from '../operations.ts'
import { findText } from './find.ts'
import { type IndexMake, isSweepDue, openIndexToRead, removeIndex } from './index-file.ts'
import { Indexer } from './indexer.ts'
import { Lookup } from './lookup.ts'
import { Placements } from './placements.ts'
import { type IndexSql, type PlaceSql, prepareIndexSql, preparePlaceSql } from './read-sql.ts'

/** Mail that comes together is indexed together; until then it is read. */
const gatherMs = 3_000
/** What is gone is taken out by and by, without new mail, too. */
const lookAgainMs = 6 * 60 * 60 * 1000
/** A start is busy enough. */
const afterStartMs = 5_000
/** After trouble with the file. */
const pauseMs = 60_000
const largestTexts = 64 * 1024 * 1024

interface TextIndexParts {
  readonly dataDir: string
  readonly mailPath: string
  readonly mail: Database
  readonly make: IndexMake
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

interface Opened {
  readonly db: Database
  readonly index: IndexSql
  readonly lookup: Lookup
}

/** Undefined where searches shall have none: then none is left either. */
export function openTextIndex({
  make,
  ...parts
}: Omit<TextIndexParts, 'make'> & { make: IndexMake | undefined }): TextIndex | undefined {
  if (!make) {
    removeIndex(join(parts.dataDir, 'search.db'))
    return undefined
  }
  const index = new TextIndex({ ...parts, make })
  index.start()
  return index
}

/**
 * What is known of the words of messages, beside the mail. The file is written by a thread of its own, which is there while something
 * waits; here it is only read. Without it, or behind its end, searches read messages.
 */
class TextIndex implements TextSearch, TextIndexCare {
  readonly #parts: TextIndexParts
  readonly #path: string
  readonly #mail: PlaceSql
  readonly #placements: Placements
  readonly #indexer: Indexer
  readonly #ended = new AbortController()
  #opened: Opened | undefined
  /** Accounts that something came to. */
  readonly #touched = new Set<number>()
  #scheduled = false
  #waiting = 0
  #oldest: number | undefined
  #looping: Promise<void> = Promise.resolve()

  constructor(parts: TextIndexParts) {
    this.#parts = parts
    const { dataDir, mailPath, mail, make, log, meter, clock } = parts
    this.#path = join(dataDir, 'search.db')
    this.#mail = preparePlaceSql(mail)
    this.#placements = new Placements(this.#mail)
    this.#indexer = new Indexer({
      settings: { mailPath, blobsFolder: join(dataDir, 'blobs'), searchPath: this.#path, make },
      log,
      now: () => clock.now(),
      onWaiting: (messages) => {
        this.#waiting = messages
      },
      onIndexed: (messages) => {
        this.#waiting = Math.max(0, this.#waiting - messages)
        meter.count('search_indexed_messages_total', {}, messages)
      },
      onDone: () => {
        this.#waiting = 0
        if (!this.#scheduled) this.#oldest = undefined
      },
      onUseless: (why) => void this.#begin(why),
    })
    meter.gauge('search_waiting_messages', () => this.#waiting)
    meter.gauge('search_lag_seconds', () =>
      this.#oldest === undefined ? 0 : (clock.now() - this.#oldest) / 1000,
    )
    meter.gauge('search_index_bytes', () => fileBytes(this.#path))
  }

  start(): void {
    if (!this.#open()) removeIndex(this.#path)
    this.#looping = this.#loop()
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#indexer.stop()
    await this.#looping
    this.#close()
  }

  /** Mail has come, or was copied. */
  note(change: StoredChange): void {
    if (change.kind !== 'messages' || change.arrived.uids.length === 0) return
    this.#touched.add(change.account)
    this.#oldest ??= this.#parts.clock.now()
    if (this.#scheduled) return
    this.#scheduled = true
    void this.#after(gatherMs, () => this.#runForTouched())
  }

  /** An account is gone: so are its words, at once. */
  forgetAccounts(): void {
    if (this.#open()) this.#index()
  }

  async find(account: AccountId, mailbox: MailboxId, wanted: WantedText): Promise<TextFindings> {
    const opened = this.#open()
    if (!opened) return { kind: 'unknown' }
    try {
      return await findText(
        { ...opened, mail: this.#mail, placements: this.#placements },
        account,
        mailbox,
        wanted,
      )
    } catch (cause) {
      // Closed meanwhile.
      if (this.#opened !== opened) return { kind: 'unknown' }
      this.#parts.log.error('search.index-failed', cause)
      void this.#begin(cause)
      return { kind: 'unknown' }
    }
  }

  async documents(account: AccountId, mailbox: MailboxId, uid: Uid): Promise<readonly string[]> {
    if (!this.#parts.make.documents) return []
    const email = this.#mail.email.get(mailbox, uid)
    if (email === undefined) return []
    const index = this.#open()?.index
    const known = index?.document.get(email)
    if (known) {
      const json = zstdDecompressSync(known, { maxOutputLength: largestTexts }).toString()
      return JSON.parse(json) as string[]
    }
    const isIndexed = email <= (index?.progress.get(account) ?? 0)
    return isIndexed ? [] : await this.#indexer.documents(account, email)
  }

  async status(): Promise<TextIndexStatus> {
    const index = this.#open()?.index
    const waiting = this.#mail.accounts
      .all()
      .map((account) => this.#mail.countAfter.get(account, index?.progress.get(account) ?? 0) ?? 0)
      .reduce((sum, count) => sum + count, 0)
    const idle = waiting === 0 ? 'up to date' : 'waiting'
    return {
      state: this.#indexer.isWorking ? 'working' : idle,
      messages: index?.docs.get() ?? 0,
      waiting,
      unread: index?.unreadCount.get() ?? 0,
      bytes: fileBytes(this.#path),
    }
  }

  async catchUp(): Promise<void> {
    await this.#indexer.run()
  }

  async rebuild(): Promise<void> {
    await this.#remove()
    this.#index()
  }

  /** Looks for what came while nobody listened, and for what is gone. */
  async #loop(): Promise<void> {
    const { clock } = this.#parts
    const { signal } = this.#ended
    await clock.sleep(afterStartMs, signal)
    while (!signal.aborted) {
      if (this.#isSweepDue() || this.#isWaiting(this.#mail.accounts.all())) this.#index()
      await clock.sleep(lookAgainMs, signal)
    }
  }

  /** In the background. */
  #index(): void {
    void this.#indexer.run()
  }

  #runForTouched(): void {
    this.#scheduled = false
    const accounts = [...this.#touched]
    this.#touched.clear()
    // A copy brings nothing that is not known.
    if (this.#isWaiting(accounts)) this.#index()
    else this.#oldest = undefined
  }

  #isSweepDue(): boolean {
    const opened = this.#open()
    return opened !== undefined && isSweepDue(opened.index.setup.get('swept-at'), this.#parts.clock.now())
  }

  #isWaiting(accounts: readonly number[]): boolean {
    const index = this.#open()?.index
    return accounts.some(
      (account) => (this.#mail.last.get(account) ?? 0) > (index?.progress.get(account) ?? 0),
    )
  }

  /** The file is of no use: it is made anew. */
  async #begin(why: unknown): Promise<void> {
    this.#parts.log.warn('search.index-made-anew', { why: String(why) })
    await this.#remove()
    await this.#after(pauseMs, () => this.#index())
  }

  async #remove(): Promise<void> {
    await this.#indexer.reset()
    this.#close()
    removeIndex(this.#path)
  }

  async #after(ms: number, act: () => void): Promise<void> {
    await this.#parts.clock.sleep(ms, this.#ended.signal)
    if (!this.#ended.signal.aborted) act()
  }

  #open(): Opened | undefined {
    if (this.#opened) return this.#opened
    const db = openIndexToRead(this.#path, this.#parts.make)
    if (!db) return undefined
    const index = prepareIndexSql(db)
    this.#opened = { db, index, lookup: new Lookup(index) }
    return this.#opened
  }

  #close(): void {
    this.#placements.forget()
    this.#opened?.lookup.forget()
    this.#opened?.db.close()
    this.#opened = undefined
  }
}

function fileBytes(path: string): number {
  return ['', '-wal'].reduce(
    (sum, end) => sum + (statSync(path + end, { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}
