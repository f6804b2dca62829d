import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openReader } from '../../platform/sqlite/reader.ts'
import type { SqliteWriter, WriterFile } from '../../platform/sqlite/writer.ts'
import type { LessonBook } from '../../ports/lessons.ts'
import type { MailAccounts } from '../../ports/mail-accounts.ts'
import type { MailShares } from '../../ports/mail-shares.ts'
import type { MailStore } from '../../ports/mail-store.ts'
import type { MailTraces } from '../../ports/mail-traces.ts'
import type { MessageBytes } from '../../ports/message.ts'
import type { OutgoingNotes } from '../../ports/outgoing-notes.ts'
import type { OutgoingQueue } from '../../ports/outgoing-queue.ts'
import type { MailRetention } from '../../ports/retention.ts'
import type { Clock, Log, Meter, Service } from '../../ports/runtime.ts'
import type { SenderLists } from '../../ports/sender-lists.ts'
import type { ScriptStore } from '../../ports/sieve-scripts.ts'
import type { StoreCare } from '../../ports/store-care.ts'
import type { TextIndexCare, TextIndexStatus, TextSearch } from '../../ports/text-search.ts'
import { backupStore } from './backup.ts'
import { createBlobs } from './blobs.ts'
import { createExpiry } from './expiry.ts'
import { Images } from './images.ts'
import { createLessonBook } from './lesson-book.ts'
import { createMailReader } from './mail-reader.ts'
import { createMailShares } from './mail-shares.ts'
import { createMailTraces } from './mail-traces.ts'
import { acceptArgs, createMailWriter, keepTaken } from './mail-writer.ts'
import { createMessageBytes } from './message-bytes.ts'
import type { StoredChange } from './operations.ts'
import { createOutgoingNotes } from './outgoing-notes.ts'
import { createOutgoingQueue, QueueNews } from './outgoing-queue.ts'
import { prepareReadSql } from './read-sql.ts'
import { createRetention, type KeepDays, prepareRetentionSql } from './retention.ts'
import { createScriptStore } from './script-store.ts'
import { createSenderLists } from './sender-lists.ts'
import { createSweeper } from './sweeper.ts'
import { openTextIndex } from './text-index/text-index.ts'
import { Usages } from './usages.ts'
import { verifyStore } from './verify.ts'
import { Watchers } from './watchers.ts'
import { Writing } from './writing.ts'

interface StoreParts {
  readonly dataDir: string
  readonly writer: SqliteWriter
  /** zstd for what is saved from now on; undefined keeps bodies as they come. */
  readonly compression: { readonly level: number } | undefined
  /** How long Trash and Junk keep mail where nothing else is said. */
  readonly keepDays: KeepDays
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  /** What searches have an index of; without, they read messages. */
  readonly textIndex?: { readonly documents: boolean } | undefined
  /** Caps mail.db; a test's full disk. */
  readonly maxPages?: number
}

interface Store {
  readonly store: MailStore
  readonly shares: MailShares
  readonly bytes: MessageBytes
  readonly queue: OutgoingQueue
  readonly notes: OutgoingNotes
  readonly traces: MailTraces
  readonly senders: SenderLists
  readonly scripts: ScriptStore
  readonly lessons: LessonBook
  readonly accounts: MailAccounts
  readonly retention: MailRetention
  readonly care: StoreCare
  readonly search: TextSearch
  readonly searchCare: TextIndexCare
  readonly service: Service
}

const program = new URL('./program/program.ts', import.meta.url)
const migrations = fileURLToPath(new URL('../../../migrations/mail/', import.meta.url))
/** "hpml" */
const applicationId = 0x68706d6c
/** docs/adr/001-store.md */
const pageSize = 16 * 1024
const readerCacheKiB = 8 * 1024

/** The mail of all accounts in `mail.db` and `blobs/`. Usable once its service has started. */
export function createStore(parts: StoreParts): Store {
  const { dataDir, compression, clock } = parts
  const path = join(dataDir, 'mail.db')
  const blobs = createBlobs(join(dataDir, 'blobs'))
  let opened: Awaited<ReturnType<typeof openStore>> | undefined
  const onDiskFull = () => opened?.sweeper.makeRoom()
  const { bytes, spools } = createMessageBytes({ blobs, compression, onDiskFull })
  const running = () => {
    if (!opened) throw new Error('the store has not started')
    return opened
  }
  return {
    store: late(() => running().store),
    shares: late(() => running().shares),
    bytes,
    queue: late(() => running().queue),
    notes: late(() => running().notes),
    traces: late(() => running().traces),
    senders: late(() => running().senders),
    scripts: late(() => running().scripts),
    lessons: late(() => running().lessons),
    accounts: {
      async putAccount(account, { quotaBytes }) {
        await running().writing.run('putAccount', { account, quotaBytes, now: clock.now() })
        running().usages.forget(account)
      },
      async removeAccount(account) {
        await running().writing.run('removeAccount', { account })
        running().usages.forget(account)
        running().index?.forgetAccounts()
        void running().sweeper.once()
      },
    },
    retention: late(() => running().retention),
    search: {
      find: async (...asked) => (await running().index?.find(...asked)) ?? { kind: 'unknown' },
      documents: async (...asked) => (await running().index?.documents(...asked)) ?? [],
    },
    searchCare: {
      status: async () => (await running().index?.status()) ?? noIndex,
      catchUp: async () => running().index?.catchUp(),
      rebuild: async () => running().index?.rebuild(),
    },
    care: {
      verify: () => verifyStore({ path, blobs }),
      backup: (folder) => backupStore({ path, blobs, folder }),
    },
    service: {
      name: 'store',
      async start() {
        mkdirSync(dataDir, { recursive: true, mode: 0o700 })
        await blobs.prepare()
        opened = await openStore(parts, { path, blobs, spools, onDiskFull })
        await opened.sweeper.start()
        opened.expiry.start()
      },
      drain: async () => undefined,
      async stop() {
        await opened?.close()
        await blobs.close()
      },
    },
  }
}

interface Ground {
  readonly path: string
  readonly blobs: ReturnType<typeof createBlobs>
  readonly spools: ReturnType<typeof createMessageBytes>['spools']
  readonly onDiskFull: () => void
}

const noIndex: TextIndexStatus = { state: 'off', messages: 0, waiting: 0, unread: 0, bytes: 0 }

async function openStore(
  { dataDir, writer, compression, keepDays, textIndex, clock, log, meter, maxPages }: StoreParts,
  { path, blobs, spools, onDiskFull }: Ground,
) {
  const file = await openMailFile(writer, path, maxPages)
  const db = openReader(path, { cacheKiB: readerCacheKiB })
  const sql = prepareReadSql(db)
  const watchers = new Watchers(log)
  const images = new Images(db, sql)
  const usages = new Usages(sql)
  const index = openTextIndex({ dataDir, mailPath: path, mail: db, make: textIndex, clock, log, meter })
  const tell = (change: StoredChange) => {
    images.note(change)
    usages.note(change)
    index?.note(change)
    watchers.tell(change)
  }
  const writing = new Writing(file, tell, onDiskFull)
  const reader = createMailReader({ db, sql, blobs, images, usages, watchers })
  const news = new QueueNews()
  const taking = { blobs, spools, compression, clock }
  const mailWriter = createMailWriter({ writing, reader, ...taking, onOutgoing: (ways) => news.tell(ways) })
  const queue = createOutgoingQueue({
    writing,
    db,
    blobs,
    clock,
    news,
    reports: {
      prepare: (report) => acceptArgs(taking, report),
      keep: (reports) =>
        keepTaken(
          taking,
          reports.map(({ message }) => message),
        ),
    },
  })
  const sweeper = createSweeper({ writing, blobs, db, clock, log })
  const retentionSql = prepareRetentionSql(db, keepDays)
  const retention = createRetention({ writing, sql: retentionSql, clock })
  const expiry = createExpiry({ writer: mailWriter, sql: retentionSql, clock, log, meter })
  meter.gauge('store_wal_bytes', () => file.walBytes())
  return {
    store: { ...reader, ...mailWriter },
    shares: createMailShares({ sql, writing }),
    queue,
    notes: createOutgoingNotes({ writing, db, clock }),
    traces: createMailTraces({ writing, db, clock }),
    senders: createSenderLists({ writing, db, clock }),
    scripts: createScriptStore({ writing, db, clock }),
    lessons: createLessonBook({ writing, db, blobs }),
    writing,
    usages,
    sweeper,
    retention,
    expiry,
    index,
    async close() {
      await index?.stop()
      await expiry.stop()
      await sweeper.stop()
      // The writer closes last: then the log is folded into the file.
      db.close()
      await file.close()
    },
  }
}

function openMailFile(writer: SqliteWriter, path: string, maxPages: number | undefined): Promise<WriterFile> {
  return writer.open({
    name: 'mail.db',
    path,
    synchronous: 'full',
    pageSize,
    ...(maxPages === undefined ? {} : { maxPages }),
    migrations: { folder: migrations, applicationId },
    program,
  })
}

/** Looks the object up at each use: the graph is made before anything is opened. */
function late<T extends object>(current: () => T): T {
  return new Proxy<T>({} as T, { get: (_, name) => Reflect.get(current(), name) })
}
