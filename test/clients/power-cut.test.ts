import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { inData, RawClient } from './support/raw.ts'
import { type Event, readTrace, straceCommand } from './support/strace.ts'

// `kill -9` leaves the page cache alive; a power cut does not. So the system calls themselves are looked at: one client at a
// time, and at each promise (250, OK) nothing that was written for it may still wait for its sync.

const folder = mkdtempSync(join(tmpdir(), 'homepost-trace-'))
const traceFile = join(folder, 'strace.out')
let events: Event[] = []

const text = (size: number) =>
  `Subject: s${size}\r\n\r\n${'z'
    .repeat(76)
    .concat('\r\n')
    .repeat(Math.ceil(size / 78))}`

beforeAll(async () => {
  await requireDebian('strace')
  const server = await startServer({ wrap: straceCommand(traceFile), env: { TLS_FLAVOR: 'notls' } })
  await server.addUsers('ann')
  for (const size of [2_000, 20_000, 400_000, 2_000, 3_000_000]) {
    const client = await inData(server.ports.smtp, 'ann@example.test')
    await client.write(`${text(size)}.\r\n`)
    await client.until(/250 2\..*\r\n/)
    await client.say('QUIT', /221 .*\r\n/)
  }
  await overImap(server.ports.imap)
  await server.stop()
  events = readTrace(traceFile)
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function overImap(port: number): Promise<void> {
  const client = await RawClient.open(port)
  await client.until(/^\* OK .*\r\n/)
  await client.say('a LOGIN ann@example.test pw', /a OK .*\r\n/)
  for (const size of [1_000, 500_000]) {
    const message = text(size)
    await client.say(`b APPEND INBOX {${message.length}}`, /\+ .*\r\n/)
    await client.write(`${message}\r\n`)
    await client.until(/b OK .*\r\n/)
  }
  await client.say('c CREATE Work', /c OK .*\r\n/)
  await client.say('d SELECT INBOX', /d OK .*\r\n/)
  await client.say('e COPY 1:3 Work', /e OK .*\r\n/)
  await client.say('f MOVE 4 Work', /f OK .*\r\n/)
  await client.say('g STORE 1 +FLAGS.SILENT (\\Deleted)', /g OK .*\r\n/)
  await client.say('h EXPUNGE', /h OK .*\r\n/)
  client.end()
}

/** Of each promise matching `pattern`: the files that were written and not synced when it went out. */
function promises(pattern: RegExp): { said: string; unsynced: string[] }[] {
  const dirty = new Set<string>()
  const found: { said: string; unsynced: string[] }[] = []
  for (const event of events) {
    if (event.kind === 'write' && /mail\.db-wal$|\/blobs\//.test(event.path)) dirty.add(event.path)
    else if (event.kind === 'renamed' && event.to.includes('/blobs/')) dirty.add(dirname(event.to))
    else if (event.kind === 'synced') dirty.delete(event.path)
    else if (event.kind === 'said' && pattern.test(event.text))
      found.push({ said: event.text, unsynced: [...dirty] })
  }
  return found
}

test('the trace saw the server write and sync its log and its blobs', () => {
  expect(events.some((event) => event.kind === 'synced' && event.path.endsWith('mail.db-wal'))).toBe(true)
  expect(events.some((event) => event.kind === 'synced' && event.path.includes('/blobs/'))).toBe(true)
  expect(events.some((event) => event.kind === 'renamed' && event.to.includes('/blobs/'))).toBe(true)
})

test('each 250 goes out after the log, the blob and its folder are synced', () => {
  const accepted = promises(/^250 2\.\d\.\d .*(accepted|queued|kept|delivered)/i)
  expect(accepted.length).toBe(5)
  expect(accepted.filter(({ unsynced }) => unsynced.length > 0)).toEqual([])
})

test.each(['APPEND', 'CREATE', 'COPY', 'MOVE', 'EXPUNGE'])(
  'the OK of %s goes out after the sync',
  (command) => {
    const letters = { APPEND: 'b', CREATE: 'c', COPY: 'e', MOVE: 'f', EXPUNGE: 'h' } as Record<string, string>
    const answered = promises(new RegExp(`(^|\\\\n)${letters[command]} OK `))
    expect(answered.length).toBe(command === 'APPEND' ? 2 : 1)
    expect(answered.filter(({ unsynced }) => unsynced.length > 0)).toEqual([])
  },
)
