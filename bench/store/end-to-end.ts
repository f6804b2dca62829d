import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createStore } from '../../src/modules/store/index.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createSqliteWriter } from '../../src/platform/sqlite/writer.ts'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { MailStore } from '../../src/ports/mail-store.ts'
import type { MessageBytes, MessageRef } from '../../src/ports/message.ts'
import type { Log, Meter } from '../../src/ports/runtime.ts'
import { type Kind, mailboxMessage, messageId, templates } from '../load/corpus.ts'
import { percentile } from '../measure/statistics.ts'

const log: Log = { debug() {}, info() {}, warn: console.warn, error: console.error, with: () => log }
const meter: Meter = { count() {}, gauge() {}, observeSeconds() {} }
const owners = 50
const owner = (index: number) => (1 + (index % owners)) as AccountId
const reader = 1_000 as AccountId
const socketChunk = 64 * 1024

interface Stage {
  readonly store: MailStore
  readonly bytes: MessageBytes
  readonly only: string
}

export async function benchStore(only: string): Promise<void> {
  const dataDir = mkdtempSync('/var/tmp/homepost-bench-store-')
  const writer = createSqliteWriter({ log })
  const store = createStore({
    dataDir,
    writer,
    compression: undefined,
    keepDays: { trash: 0, junk: 0 },
    clock: systemClock,
    log,
    meter,
  })
  console.log(`PSS before the store starts: ${pssMiB()} MiB`)
  await store.service.start()
  console.log(`PSS after: ${pssMiB()} MiB`)
  try {
    for (let index = 0; index < owners; index++)
      await store.accounts.putAccount(owner(index), { quotaBytes: 0 })
    await store.accounts.putAccount(reader, { quotaBytes: 0 })
    const stage = { store: store.store, bytes: store.bytes, only }
    await arrivals(stage)
    await reading(stage)
    console.log(`PSS at the end: ${pssMiB()} MiB`)
  } finally {
    await store.service.stop()
    await writer.stop()
    rmSync(join(dataDir), { recursive: true })
  }
}

async function arrivals(stage: Stage): Promise<void> {
  const loads: readonly (readonly [Kind, number, number])[] = [
    ['4k', 1, 1_000],
    ['4k', 10, 5_000],
    ['4k', 50, 10_000],
    ['50k', 10, 3_000],
    ['1m', 1, 60],
    ['1m', 10, 300],
  ]
  for (const [kind, clients, messages] of loads) {
    const name = `arrivals ${kind}, ${clients} at once`
    if (name.includes(stage.only)) await arrive(stage, name, kind, clients, messages)
  }
}

async function arrive(
  stage: Stage,
  name: string,
  kind: Kind,
  clients: number,
  messages: number,
): Promise<void> {
  const bodies = templates(kind)
    .slice(0, 50)
    .map(({ afterMessageId }) => afterMessageId)
  const waits: number[] = []
  let sent = 0
  const client = async () => {
    while (sent < messages) {
      const index = sent++
      const started = performance.now()
      const message = await seal(stage.bytes, [
        Buffer.from(messageId(`${name}-${index}`)),
        bodies[index % 50] ?? Buffer.alloc(0),
      ])
      const answer = await stage.store.accept({
        id: `bench-${index}`,
        message,
        copies: [
          {
            account: owner(index),
            mailbox: 'INBOX',
            flags: [],
            prefix: 'Return-Path: <a@b.test>\r\n',
            receivedAt: Date.now(),
          },
        ],
        trace: { connection: 'c', ip: '127.0.0.1', helo: 'bench', sender: 'a@b.test', at: 0, recipients: [] },
      })
      if (answer.kind !== 'accepted') throw new Error(answer.kind)
      waits.push(performance.now() - started)
    }
  }
  const cpu = process.cpuUsage()
  const loop = performance.eventLoopUtilization()
  const started = performance.now()
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const busy = performance.eventLoopUtilization(loop).utilization
  console.log(
    `${name}: ${Math.round(messages / seconds)}/s, p50 ${percentile(waits, 50).toFixed(2)} ms, p99 ${percentile(waits, 99).toFixed(1)} ms, ` +
      `cpu ${((user + system) / 1000 / messages).toFixed(3)} ms each, main thread ${((busy * seconds * 1000) / messages).toFixed(3)} ms each`,
  )
}

async function seal(bytes: MessageBytes, chunks: readonly Buffer[]): Promise<MessageRef> {
  const draft = await bytes.begin()
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += socketChunk)
      await bytes.write(draft, chunk.subarray(at, at + socketChunk))
  }
  const answer = await bytes.seal(draft)
  if (answer.kind !== 'sealed') throw new Error(answer.kind)
  return answer.ref
}

async function reading(stage: Stage): Promise<void> {
  const { store } = stage
  const inbox = await fill(stage, 10_000)
  const uids = Array.from({ length: 10_000 }, (_, index) => index + 1)
  const pages = Array.from({ length: 10 }, (_, page) => uids.slice(page * 1_000, page * 1_000 + 1_000))
  const timed = async (name: string, rounds: number, task: () => Promise<number>) => {
    const times: number[] = []
    let result = 0
    for (let round = 0; round < rounds; round++) {
      const started = performance.now()
      result = await task()
      times.push(performance.now() - started)
    }
    const median = percentile(times, 50)
    console.log(
      `${name}: ${median.toFixed(2)} ms (${times.map((time) => time.toFixed(1)).join(' ')}), ${result} octets or rows`,
    )
    return median
  }
  const rows =
    (...fields: Parameters<MailStore['rows']>[3]) =>
    async () => {
      let count = 0
      for (const page of pages) count += (await store.rows(reader, inbox, page, fields)).length
      return count
    }
  await timed(
    'image of 10,000, cold then shared',
    3,
    async () => (await store.image(reader, inbox))?.uids.length ?? 0,
  )
  await timed('rows ENVELOPE of 10,000', 7, rows('envelope'))
  await timed(
    'rows ENVELOPE BODYSTRUCTURE size date of 10,000',
    7,
    rows('envelope', 'structure', 'size', 'receivedAt'),
  )
  await timed('rows size of 10,000', 7, rows('size'))
  await timed('rows search texts of 10,000', 7, rows('search'))
  await timed('rows parts of 10,000', 7, rows('parts'))
  await timed('headers of 10,000, one by one', 3, async () => {
    let total = 0
    for (const uid of uids)
      total += (await store.bytes(reader, inbox, uid, { from: 0, to: 900 }))?.length ?? 0
    return total
  })
  let octets = 0
  const wholeMs = await timed('bodies of 10,000 in pieces of 1 MiB', 5, async () => {
    octets = 0
    for (let at = 0; at < uids.length; ) {
      const found = await store.bodies(reader, inbox, uids.slice(at, at + 500), 1024 * 1024)
      for (const { bytes } of found) octets += bytes.length
      at += found.length
    }
    return octets
  })
  console.log(`  = ${Math.round(octets / 1e6 / (wholeMs / 1000))} MB/s`)
  await writing(stage, inbox, uids, timed)
}

type Timed = (name: string, rounds: number, task: () => Promise<number>) => Promise<number>

async function writing(
  { store }: Stage,
  inbox: number,
  uids: readonly number[],
  timed: Timed,
): Promise<void> {
  let on = false
  await timed('STORE on 10,000 at once', 4, async () => {
    on = !on
    const change = { mode: on ? 'add' : 'remove', flags: ['\\Seen'] } as const
    const answer = await store.changeFlags(reader, inbox, uids, change)
    return answer.kind === 'changed' ? answer.done.length : 0
  })
  const singles = 2_000
  const ms = await timed(`STORE on one, ${singles} times`, 3, async () => {
    on = !on
    const change = { mode: on ? 'add' : 'remove', flags: ['\\Flagged'] } as const
    for (let uid = 1; uid <= singles; uid++) await store.changeFlags(reader, inbox, [uid], change)
    return singles
  })
  console.log(`  = ${Math.round(singles / (ms / 1000))}/s`)
  const archive = (await store.mailbox(reader, 'Archive'))?.id ?? 0
  const trash = (await store.mailbox(reader, 'Trash'))?.id ?? 0
  await timed('COPY of 10,000', 1, async () => {
    const answer = await store.copy(reader, inbox, uids, archive)
    return answer.kind === 'copied' ? answer.to.length : 0
  })
  await timed('MOVE of 10,000', 1, async () => {
    const answer = await store.move(reader, archive, uids, trash)
    return answer.kind === 'copied' ? answer.to.length : 0
  })
  const copied = []
  for (let round = 0; round < 9; round++) copied.push(await store.copy(reader, inbox, uids, archive))
  await timed(
    'image of 90,000, cold then shared',
    3,
    async () => (await store.image(reader, archive))?.uids.length ?? 0,
  )
  await store.changeFlags(reader, trash, uids, { mode: 'add', flags: ['\\Deleted'] })
  await timed('EXPUNGE of 10,000', 1, async () => {
    const answer = await store.expunge(reader, trash)
    return answer.kind === 'expunged' ? answer.uids.length : 0
  })
}

async function fill({ store, bytes }: Stage, count: number): Promise<number> {
  const inbox = (await store.mailbox(reader, 'INBOX'))?.id ?? 0
  for (let at = 0; at < count; at += 100) {
    const messages = []
    for (let index = at; index < at + 100; index++) {
      messages.push({ message: await seal(bytes, [mailboxMessage(index)]), flags: [], receivedAt: index })
    }
    await store.append(reader, inbox, messages)
  }
  return inbox
}

function pssMiB(): number {
  const rollup = readFileSync('/proc/self/smaps_rollup', 'utf8')
  return Math.round(Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024)
}
