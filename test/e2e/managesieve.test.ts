import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { OctetPeer } from '../support/loopback.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
  await server.addUsers('ann', 'bob')
}, 60_000)
afterAll(() => server.stop())

/** The last line of an answer. */
async function answer(peer: OctetPeer): Promise<string> {
  for (;;) {
    const line = await peer.next()
    if (/^(?:OK|NO|BYE|\(closed)/.test(line)) return line
  }
}

async function say(peer: OctetPeer, line: string): Promise<string> {
  peer.send(line)
  return await answer(peer)
}

async function encrypted(to: TestServer = server): Promise<OctetPeer> {
  const peer = await OctetPeer.connect(to.ports.sieve, false)
  expect(await answer(peer)).toBe('OK "Homepost ready"')
  expect(await say(peer, 'STARTTLS')).toMatch(/^OK/)
  await peer.startTls()
  expect(await answer(peer)).toBe('OK "TLS is on"')
  return peer
}

const plain = (login: string, password: string) =>
  `AUTHENTICATE "PLAIN" "${Buffer.from(`\0${login}\0${password}`).toString('base64')}"`

async function signedIn(to: TestServer = server): Promise<OctetPeer> {
  const peer = await encrypted(to)
  expect(await say(peer, plain('ann@example.test', 'pw'))).toBe('OK "Welcome"')
  return peer
}

test('without TLS nobody signs in; with it, in any case of letters', async () => {
  const open = await OctetPeer.connect(server.ports.sieve, false)
  await answer(open)
  expect(await say(open, plain('ann@example.test', 'pw'))).toMatch(/^NO \(ENCRYPT-NEEDED\)/)
  open.destroy()
  const peer = await encrypted()
  expect(await say(peer, plain('ANN@Example.Test', 'pw'))).toBe('OK "Welcome"')
  peer.destroy()
})

test.each([
  ['sieve', /^OK/],
  ['imap,sieve', /^OK/],
  ['imap,smtp', /^NO "Wrong address or password"/],
])('an app token for %s', async (services, expected) => {
  const add = ['token', 'add', 'ann@example.test', '--services', services, '--json']
  const { secret } = JSON.parse((await server.homepost(add)).stdout) as { secret: string }
  const peer = await encrypted()
  expect(await say(peer, plain('ann@example.test', secret))).toMatch(expected)
  peer.destroy()
})

test('who is disabled does not sign in', async () => {
  await server.homepost(['user', 'set', 'bob@example.test', '--enabled', 'false'])
  const peer = await encrypted()
  expect(await say(peer, plain('bob@example.test', 'pw'))).toBe('NO "Wrong address or password"')
  peer.destroy()
})

test('what was said to be kept is there after a kill', { timeout: 60_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-managesieve-'))
  let mine = await startServer({ dataDir })
  try {
    await mine.addUsers('ann')
    const peer = await signedIn(mine)
    expect(await say(peer, 'PUTSCRIPT "a" "keep;"')).toBe('OK "Done"')
    expect(await say(peer, 'SETACTIVE "a"')).toBe('OK "Done"')
    await mine.stop('SIGKILL')
    mine = await startServer({ dataDir })
    const again = await signedIn(mine)
    again.send('LISTSCRIPTS')
    expect([await again.next(), await again.next()]).toEqual(['"a" ACTIVE', 'OK "Done"'])
    again.destroy()
  } finally {
    await mine.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
})

test('a server that goes down says so to those who are here', { timeout: 60_000 }, async () => {
  const mine = await startServer()
  await mine.addUsers('ann')
  const peer = await signedIn(mine)
  const stopped = mine.stop()
  expect(await answer(peer)).toMatch(/^BYE \(TRYLATER\)/)
  expect(await peer.next()).toBe('(closed)')
  expect(await stopped).toBe(0)
})

test('a browser that was sent to this port learns nothing', async () => {
  const socket = connect(server.ports.sieve, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nUser-Agent: y\r\nConnection: close\r\n\r\n')
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).toString()).toMatch(/BYE "Too many commands that make no sense"\r\n$/)
})
