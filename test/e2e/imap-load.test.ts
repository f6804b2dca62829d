import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cpuMsOf } from '../support/cpu-time.ts'
import { collectGarbage } from '../support/garbage.ts'
import { ask, ImapStage } from '../support/imap-stage.ts'
import { OctetPeer } from '../support/loopback.ts'
import { account, mail, sealed } from '../support/store.ts'

let stage: ImapStage

beforeEach(() => {
  stage = new ImapStage({ maxConnectionsPerUserAndIp: 1000, appendLimit: 10_000_000 })
})
afterEach(() => stage.end())

/** Outside the heap, without what only waits to be collected. */
function octetsHeld(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

async function signedIn(): Promise<OctetPeer> {
  const peer = await OctetPeer.connect(await stage.port(), false)
  await peer.next()
  await ask(peer, 'LOGIN ann@home.test secret')
  return peer
}

async function fill(count: number, text: string): Promise<void> {
  const { store, bytes } = await stage.store()
  const inbox = await store.mailbox(account(1), 'INBOX')
  for (let number = 0; number < count; number++) {
    const message = await sealed(bytes, text)
    await store.append(account(1), inbox?.id ?? 0, [{ message, flags: [], receivedAt: 0 }])
  }
}

test('three hundred idle clients hear of a new message', async () => {
  const listeners = await Promise.all(Array.from({ length: 300 }, signedIn))
  await Promise.all(
    listeners.map(async (peer) => {
      await ask(peer, 'SELECT INBOX')
      peer.send('i IDLE')
      expect(await peer.next()).toBe('+ idling')
    }),
  )
  await fill(1, mail())
  expect(new Set(await Promise.all(listeners.map((peer) => peer.next())))).toEqual(new Set(['* 1 EXISTS']))
  for (const peer of listeners) peer.destroy()
})

test('a client that does not read costs its buffer, and others are served meanwhile', async () => {
  await fill(60, mail({ body: `${'x'.repeat(70)}\r\n`.repeat(10_000) }))
  const before = octetsHeld()
  const slow = await rawClient(
    's LOGIN ann@home.test secret\r\ns SELECT INBOX\r\ns FETCH 1:* (BODY.PEEK[])\r\nend NOOP\r\n',
  )
  const other = await signedIn()
  await ask(other, 'SELECT INBOX')
  for (let round = 0; round < 50; round++) await ask(other, 'FETCH 1:* (FLAGS)')
  expect(octetsHeld() - before).toBeLessThan(20_000_000)
  slow.resume()
  let octets = 0
  let tail = ''
  for await (const chunk of slow) {
    octets += (chunk as Buffer).length
    tail = (tail + (chunk as Buffer).toString('latin1')).slice(-100)
    if (tail.includes('end OK')) break
  }
  expect(octets).toBeGreaterThan(60 * 720_000)
  other.destroy()
})

test('the same large part asked for a thousand times in one FETCH costs a buffer, not a thousand copies', async () => {
  const text = 'From: a@x.test\r\nContent-Transfer-Encoding: base64\r\n\r\n'
  await fill(1, `${text}${'YWFh'.repeat(200_000)}\r\n`)
  for (const item of ['BODY.PEEK[TEXT]', 'BINARY.PEEK[1]']) {
    const before = octetsHeld()
    const slow = await rawClient(
      `s LOGIN ann@home.test secret\r\ns SELECT INBOX\r\ns FETCH 1 (${Array.from({ length: 1000 }, () => item).join(' ')})\r\n`,
    )
    const other = await signedIn()
    for (let round = 0; round < 1500; round++) await ask(other, 'NOOP')
    expect(octetsHeld() - before).toBeLessThan(20_000_000)
    slow.destroy()
    other.destroy()
  }
})

test('others are served while somebody lists thousands of names in ways made to hurt', async () => {
  const { store } = await stage.store()
  await Promise.all(
    Array.from({ length: 2000 }, async (_, number) => {
      await store.createMailbox(account(1), `Projects/of a rather long name/${number}`)
      await store.subscribe(account(1), `Gone/of a rather long name/${number}`)
    }),
  )
  const busy = await signedIn()
  const took = await cpuMsOf(async () => {
    await ask(busy, 'LSUB "" *')
    await ask(busy, 'LIST (SUBSCRIBED RECURSIVEMATCH) "" *')
  })
  expect(took).toBeLessThan(1000)
  const other = await signedIn()
  const patterns = Array.from({ length: 400 }, (_, at) => `"*o*e*${at}*x"`)
  let listed = false
  const listing = ask(busy, `LIST "" (${patterns.join(' ')})`).then(() => (listed = true))
  let rounds = 0
  for (; !listed && rounds < 20; rounds++) await ask(other, 'NOOP')
  expect(rounds).toBe(20)
  busy.destroy()
  await expect(listing).rejects.toThrow()
  busy.destroy()
  other.destroy()
})

test('a SEARCH for thousands of texts is refused, for a hundred it is not', async () => {
  await fill(1, mail())
  const peer = await signedIn()
  await ask(peer, 'SELECT INBOX')
  const keys = (count: number) => Array.from({ length: count }, (_, at) => `NOT BODY x${at}`).join(' ')
  expect(await ask(peer, `SEARCH ${keys(100)}`)).toEqual(['* SEARCH 1'])
  await expect(ask(peer, `SEARCH ${keys(101)}`)).rejects.toThrow('NO [LIMIT]')
  peer.destroy()
})

/** Says all of it and reads nothing. */
async function rawClient(text: string): Promise<Socket> {
  const socket = connect(await stage.port(), '127.0.0.1')
  socket.pause()
  await new Promise((resolve) => socket.write(text, resolve))
  return socket
}
