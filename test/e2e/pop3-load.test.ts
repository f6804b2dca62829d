import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cpuMsOf } from '../support/cpu-time.ts'
import { collectGarbage } from '../support/garbage.ts'
import { OctetPeer } from '../support/loopback.ts'
import { Pop3Stage } from '../support/pop3-stage.ts'
import { account, appendTo, mail } from '../support/store.ts'

let stage: Pop3Stage

beforeEach(() => {
  stage = new Pop3Stage()
})
afterEach(() => stage.end())

async function fill(count: number, text: string): Promise<void> {
  const store = await stage.store()
  const step = 500
  for (let at = 0; at < count; at += step) {
    await appendTo(
      store,
      account(1),
      'INBOX',
      ...Array.from({ length: Math.min(step, count - at) }, () => text),
    )
  }
}

async function client(commands: string): Promise<Socket> {
  const port = await stage.port()
  const socket = connect(port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write(commands)
  return socket
}

const signIn = (name: string) => `USER ${name}@home.test\r\nPASS secret\r\n`

/** Reads until the server has closed. */
async function everything(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('latin1')
}

test('a maildrop of twenty thousand is listed and removed, and others are answered meanwhile', async () => {
  await fill(20_000, mail())
  const other = await OctetPeer.connect(await stage.port(), false)
  await other.next()
  const large = everything(await client(`${signIn('ann')}STAT\r\nLIST\r\nUIDL\r\nDELE 1\r\nQUIT\r\n`))
  let longest = 0
  let isDone = false
  void large.then(() => {
    isDone = true
  })
  while (!isDone) {
    const took = await cpuMsOf(async () => {
      other.send('CAPA')
      while ((await other.next()) !== '.');
    })
    longest = Math.max(longest, took)
  }
  const heard = await large
  expect(heard).toContain(`+OK 20000 ${20_000 * mail().length}\r\n`)
  expect(heard.match(/^\d+ \d+\r$/gm)?.length).toBe(20_000)
  expect(heard.match(/^\d+ [\da-f]{16}\r$/gm)?.length).toBe(20_000)
  expect(heard).toContain('+OK 1 messages removed')
  expect(longest).toBeLessThan(500)
})

test('a client that does not read costs its buffer, and others are served meanwhile', async () => {
  await fill(60, mail({ body: `${'x'.repeat(70)}\r\n`.repeat(10_000) }))
  const retrieve = Array.from({ length: 60 }, (_, at) => `RETR ${at + 1}\r\n`).join('')
  const slow = await client(`${signIn('ann')}${retrieve}QUIT\r\n`)
  const other = await OctetPeer.connect(await stage.port(), false)
  await other.next()
  for (const line of ['USER bob@home.test', 'PASS secret', ...Array.from({ length: 50 }, () => 'STAT')]) {
    other.send(line)
    expect(await other.next()).toMatch(/^\+OK/)
  }
  // What the filling left behind goes when its owners do, a moment later.
  await vi.waitFor(() => {
    collectGarbage()
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(40_000_000)
  }, 20_000)
  const heard = await everything(slow)
  expect(heard.length).toBeGreaterThan(60 * 720_000)
  expect(heard).toMatch(/\r\n\.\r\n\+OK Until next time\r\n$/)
  other.destroy()
})

test('small and large messages come whole and in order, also pipelined', async () => {
  const store = await stage.store()
  const bodies = [1, 300, 5_000, 20_000, 3, 2_000, 4, 5, 6].map((lines, at) =>
    `${at} ${'y'.repeat(70)}\r\n.dot\r\n`.repeat(lines),
  )
  await appendTo(store, account(1), 'INBOX', ...bodies.map((body) => mail({ body })))
  const retrieve = bodies.map((_, at) => `RETR ${at + 1}\r\n`).join('')
  const heard = await everything(await client(`${signIn('ann')}${retrieve}QUIT\r\n`))
  const messages = heard.split('\r\n.\r\n').slice(0, -1)
  const received = messages.map((text) => `${text.replace(/^[\s\S]*? octets\r\n(?=From)/, '')}\r\n`)
  expect(received.map((text) => text.replaceAll('\r\n..', '\r\n.'))).toEqual(
    bodies.map((body) => mail({ body })),
  )
})
