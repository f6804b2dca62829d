import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore } from '../../src/modules/store/index.ts'
import { createSqliteWriter } from '../../src/platform/sqlite/writer.ts'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { Delivery, MailStore } from '../../src/ports/mail-store.ts'
import type { MessageBytes, MessageRef } from '../../src/ports/message.ts'
import { createFakeClock, type FakeClock } from './fakes/clock.ts'
import { createFakeLog, type LoggedEvent, silentMeter } from './fakes/runtime.ts'

type Store = ReturnType<typeof createStore>

/** A real mail store in a folder of its own, on a clock that stands still. */
export interface TestStore extends Store {
  readonly clock: FakeClock
  readonly dataDir: string
  readonly events: readonly LoggedEvent[]
  /** Ends it and starts it again on the same folder. */
  restart(): Promise<TestStore>
  /** Ends it and leaves the folder. */
  stop(): Promise<void>
  /** Ends it and removes the folder. */
  end(): Promise<void>
}

interface Start {
  readonly dataDir?: string
  readonly clock?: FakeClock
  readonly compression?: { readonly level: number }
  readonly keepDays?: { readonly trash: number; readonly junk: number }
  readonly textIndex?: { readonly documents: boolean }
  readonly maxPages?: number
}

export async function startStore(start: Start = {}): Promise<TestStore> {
  const { clock = createFakeClock(), dataDir = mkdtempSync(join(tmpdir(), 'homepost-store-')) } = start
  const log = createFakeLog()
  const writer = createSqliteWriter({ log })
  const store = createStore({
    dataDir,
    writer,
    compression: start.compression,
    keepDays: start.keepDays ?? { trash: 0, junk: 0 },
    textIndex: start.textIndex,
    clock,
    log,
    meter: silentMeter,
    ...(start.maxPages === undefined ? {} : { maxPages: start.maxPages }),
  })
  const stop = async () => {
    await store.service.drain()
    await store.service.stop()
    await writer.stop()
  }
  try {
    await store.service.start()
  } catch (error) {
    await writer.stop()
    throw error
  }
  return {
    ...store,
    clock,
    dataDir,
    events: log.events,
    stop,
    async restart() {
      await stop()
      return startStore({ ...start, clock, dataDir })
    },
    async end() {
      await stop()
      rmSync(dataDir, { recursive: true })
    },
  }
}

export const account = (id: number): AccountId => id as AccountId

export async function sealed(bytes: MessageBytes, text: string | Uint8Array): Promise<MessageRef> {
  const draft = await bytes.begin()
  const whole = typeof text === 'string' ? new TextEncoder().encode(text) : text
  for (let at = 0; at < whole.length; at += 50_000) await bytes.write(draft, whole.slice(at, at + 50_000))
  const answer = await bytes.seal(draft)
  if (answer.kind !== 'sealed') throw new Error(answer.text)
  return answer.ref
}

export interface TestMail {
  readonly subject?: string
  readonly headers?: readonly string[]
  readonly body?: string
}

export function mail({ subject = 'Hello', headers = [], body = 'Hi there.\r\n' }: TestMail = {}): string {
  const lines = ['From: Ann <ann@example.com>', 'To: bob@example.com', `Subject: ${subject}`, ...headers]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

/** Appends messages to a mailbox by name; their uids. */
export async function appendTo(
  { store, bytes }: { store: MailStore; bytes: MessageBytes },
  owner: AccountId,
  name: string,
  ...texts: readonly string[]
): Promise<readonly number[]> {
  const mailbox = await store.mailbox(owner, name)
  if (!mailbox) throw new Error(`no mailbox ${name}`)
  const messages = []
  for (const text of texts)
    messages.push({ message: await sealed(bytes, text), flags: [], receivedAt: 1_000 })
  const answer = await store.append(owner, mailbox.id, messages)
  if (answer.kind !== 'appended') throw new Error(`append: ${answer.kind}`)
  return answer.uids
}

export function delivery(
  message: MessageRef,
  ...copies: readonly Partial<Delivery['copies'][number]>[]
): Delivery {
  return {
    id: 'd1',
    message,
    copies: copies.map((copy) => {
      return { account: account(1), mailbox: 'INBOX', flags: [], prefix: '', receivedAt: 1_000, ...copy }
    }),
    trace: {
      connection: 'c1',
      ip: '192.0.2.1',
      helo: 'mail.example',
      sender: 'ann@example.com',
      at: 1_000,
      recipients: [],
    },
  }
}
