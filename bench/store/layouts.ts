import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { openReader } from '../../src/platform/sqlite/reader.ts'

export interface Layout {
  readonly bodies: 'sqlite' | 'log' | 'file'
  readonly pageSize: number
  /** How long the writer waits for company before it commits. */
  readonly windowMs: number
}

interface Load {
  readonly bytes: number
  readonly clients: number
  readonly messages: number
}

/** Where bodies go, the page size and the commit window: a closed loop of clients against a bare writer. */
export async function compareLayouts(): Promise<Record<string, string | number>[]> {
  const rows: Record<string, string | number>[] = []
  const loads: Load[] = [
    { bytes: 4_000, clients: 1, messages: 500 },
    { bytes: 4_000, clients: 10, messages: 3_000 },
    { bytes: 4_000, clients: 50, messages: 10_000 },
    { bytes: 50_000, clients: 10, messages: 2_000 },
    { bytes: 1_000_000, clients: 10, messages: 150 },
  ]
  const pages = [4_096, 8_192, 16_384, 32_768].map(
    (pageSize): Layout => ({ bodies: 'sqlite', pageSize, windowMs: 0 }),
  )
  const places = (['log', 'file'] as const).map(
    (bodies): Layout => ({ bodies, pageSize: 16_384, windowMs: 0 }),
  )
  const windows = [1, 2].map((windowMs): Layout => ({ bodies: 'sqlite', pageSize: 16_384, windowMs }))
  for (const load of loads) {
    for (const layout of [...pages, ...places, ...windows]) rows.push(await measure(layout, load))
  }
  return rows
}

async function measure(layout: Layout, load: Load): Promise<Record<string, string | number>> {
  const folder = mkdtempSync(join(tmpdir(), 'homepost-layout-'))
  const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), {
    workerData: { ...layout, folder },
  })
  const written = await write(worker, load)
  await worker.terminate()
  const read = readBack(folder)
  const megabytes = statSync(join(folder, 'layout.db')).size / 1e6
  rmSync(folder, { recursive: true })
  return {
    bodies: layout.bodies,
    page: layout.pageSize,
    'window ms': layout.windowMs,
    size: load.bytes,
    clients: load.clients,
    ...written,
    ...read,
    'file MB': Math.round(megabytes),
  }
}

async function write(worker: Worker, { bytes, clients, messages }: Load): Promise<Record<string, number>> {
  const waits: number[] = []
  const started: number[] = []
  let sent = 0
  const send = () => {
    if (sent++ >= messages) return
    const body = new Uint8Array(bytes).fill(65 + (sent % 26))
    started.push(performance.now())
    worker.postMessage(body, [body.buffer])
  }
  const before = process.cpuUsage()
  const begun = performance.now()
  await new Promise<void>((resolve) => {
    worker.on('message', (committed: number) => {
      const now = performance.now()
      for (let index = 0; index < committed; index++) {
        waits.push(now - (started[waits.length] ?? now))
        send()
      }
      if (waits.length === messages) resolve()
    })
    for (let client = 0; client < clients; client++) send()
  })
  const seconds = (performance.now() - begun) / 1000
  const cpu = process.cpuUsage(before)
  waits.sort((a, b) => a - b)
  const at = (share: number) => Number((waits[Math.floor(waits.length * share)] ?? 0).toFixed(2))
  return {
    'messages/s': Math.round(messages / seconds),
    'p50 ms': at(0.5),
    'p99 ms': at(0.99),
    'cpu ms/message': Number(((cpu.user + cpu.system) / 1000 / messages).toFixed(2)),
  }
}

/** Warm reads on the thread that will serve IMAP. */
function readBack(folder: string): Record<string, number> {
  const db = openReader(join(folder, 'layout.db'), { cacheKiB: 2_048 })
  let started = performance.now()
  const rows = db.prepare<[], [string, string]>('SELECT envelope, structure FROM email').raw().all().length
  const envelopeMs = performance.now() - started
  started = performance.now()
  let total = 0
  for (const bytes of db.prepare<[], Buffer | null>('SELECT bytes FROM body LIMIT 2000').pluck().all())
    total += bytes?.length ?? 0
  const bodySeconds = (performance.now() - started) / 1000
  db.close()
  return {
    'envelopes/ms': Math.round(rows / envelopeMs),
    'bodies MB/s': total === 0 ? 0 : Math.round(total / 1e6 / bodySeconds),
  }
}
