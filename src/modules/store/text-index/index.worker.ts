import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { openReader } from '../../../platform/sqlite/reader.ts'
import { createBlobs } from '../blobs.ts'
import { openIndexToWrite } from './index-file.ts'
import { IndexJob, OtherMail } from './index-job.ts'
import type { FromIndexer, IndexerSettings, ToIndexer } from './protocol.ts'

/** The thread that indexes: it is there while there is something to do. The only one that writes search.db. */
if (!parentPort) throw new Error('index.worker.ts runs as a worker')
const port = parentPort
const settings = workerData as IndexerSettings
const readerCacheKiB = 2 * 1024

stepBack()
const mail = openReader(settings.mailPath, { cacheKiB: readerCacheKiB })
const search = openIndexToWrite(settings.searchPath, settings.make)
const progress = new Float64Array(settings.progress)
const job = openJob()

function openJob(): IndexJob | undefined {
  try {
    return new IndexJob({
      mail,
      search,
      blobs: createBlobs(settings.blobsFolder),
      make: settings.make,
      onMessage: (email) => {
        progress[0] = email
        progress[1] = (progress[1] ?? 0) + 1
      },
      onWaiting: (messages) => tell({ kind: 'waiting', messages }),
      onIndexed: (messages) => tell({ kind: 'indexed', messages }),
      skip: new Set(settings.skip),
    })
  } catch (cause) {
    if (!(cause instanceof OtherMail)) throw cause
    tell({ kind: 'other-mail' })
    return undefined
  }
}

let running: Promise<void> = Promise.resolve()

port.on('message', (request: ToIndexer) => {
  switch (request.kind) {
    case 'run':
      running = running.then(() => run(request.now))
      return
    case 'documents':
      void documents(request)
      return
    case 'end':
      running = running.then(end)
      return
  }
})

async function run(now: number): Promise<void> {
  await job?.run(now)
  tell({ kind: 'done' })
}

async function documents({ id, account, email }: Extract<ToIndexer, { kind: 'documents' }>): Promise<void> {
  const before = progress[0] ?? 0
  progress[0] = email
  const texts = (await job?.documents(account, email)) ?? []
  progress[0] = before
  tell({ kind: 'documents', id, texts })
}

function end(): void {
  mail.close()
  search.close()
  port.close()
}

function tell(message: FromIndexer): void {
  port.postMessage(message)
}

/** Linux schedules each thread by its own niceness. */
function stepBack(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    setPriority(thread, 10)
  } catch {
    // Elsewhere it runs like everybody else.
  }
}
