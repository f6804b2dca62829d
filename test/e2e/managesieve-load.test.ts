import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cpuMsOf } from '../support/cpu-time.ts'
import { collectGarbage } from '../support/garbage.ts'
import { OctetPeer } from '../support/loopback.ts'
import { ManageSieveStage } from '../support/managesieve-stage.ts'

let stage: ManageSieveStage
beforeEach(() => {
  stage = new ManageSieveStage({ maxConnectionsPerUserAndIp: 100, scriptBytes: 1_000_000 })
})
afterEach(() => stage.end())

const login = (name: string) =>
  `AUTHENTICATE "PLAIN" "${Buffer.from(`\0${name}@home.test\0secret`).toString('base64')}"\r\n`

async function client(commands: string): Promise<Socket> {
  const socket = connect(await stage.port(), '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.on('error', () => undefined)
  socket.write(commands)
  return socket
}

/** Reads until the server has closed. */
async function everything(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('latin1')
}

async function signedIn(name: string): Promise<OctetPeer> {
  const peer = await OctetPeer.connect(await stage.port(), false)
  while (!(await peer.next()).startsWith('OK'));
  peer.send(login(name).trim())
  expect(await peer.next()).toBe('OK "Welcome"')
  return peer
}

const comment = (octets: number) => `#${'x'.repeat(octets - 3)}\r\n`

test('a client that does not read costs its buffer, and others are served meanwhile', async () => {
  const size = 7_900
  const put = `PUTSCRIPT "a" {${size}+}\r\n${comment(size)}\r\n`
  const slow = await client(`${login('ann')}${put}${'GETSCRIPT "a"\r\n'.repeat(10_000)}LOGOUT\r\n`)
  const other = await signedIn('bob')
  for (let round = 0; round < 50; round++) {
    other.send('PUTSCRIPT "b" "keep;"')
    expect(await other.next()).toBe('OK "Done"')
  }
  collectGarbage()
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(30_000_000)
  const heard = await everything(slow)
  expect(heard.length).toBeGreaterThan(10_000 * size)
  expect(heard.endsWith('\r\nOK "Done"\r\nOK "Until next time"\r\n')).toBe(true)
  other.destroy()
})

test('clients that vanish in the middle of a script leave nothing behind', async () => {
  for (let round = 0; round < 30; round++) {
    const socket = await client(`${login('ann')}PUTSCRIPT "a" {900000+}\r\n${comment(50_000)}`)
    socket.destroy()
  }
  const peer = await signedIn('ann')
  peer.send('LISTSCRIPTS')
  expect(await peer.next()).toBe('OK "Done"')
  peer.destroy()
})

test('programs that change the same scripts at once leave them whole, and at most one active', async () => {
  const words = [
    'PUTSCRIPT "a" "keep;"',
    'PUTSCRIPT "b" "discard;"',
    'SETACTIVE "a"',
    'SETACTIVE "b"',
    'RENAMESCRIPT "a" "c"',
    'RENAMESCRIPT "b" "a"',
    'DELETESCRIPT "c"',
    'SETACTIVE ""',
    'DELETESCRIPT "b"',
  ]
  const heard = await Promise.all(
    [1, 3, 5, 7].map(async (step) => {
      const said = Array.from({ length: 60 }, (_, at) => words[(at * step) % words.length] ?? '')
      return everything(await client(`${login('ann')}${said.join('\r\n')}\r\nLOGOUT\r\n`))
    }),
  )
  for (const text of heard) {
    const answers = text.split('\r\n').filter((line) => /^(?:OK|NO)/.test(line))
    // The greeting, the sign-in and the good-bye are answers, too.
    expect(answers).toHaveLength(63)
    expect(text).not.toContain('went wrong')
  }
  const { scripts, care } = await stage.store()
  const entries = await scripts.entries(1 as Parameters<typeof scripts.entries>[0])
  expect(entries.filter(({ active }) => active).length).toBeLessThanOrEqual(1)
  expect((await care.verify()).problems).toEqual([])
})

test('a large script keeps nobody waiting', async () => {
  const other = await signedIn('bob')
  const rules = 'if header :contains ["subject", "x"] "offer" { keep; stop; }\r\n'.repeat(2_000)
  const large = everything(
    await client(`${login('ann')}${`CHECKSCRIPT {${rules.length}+}\r\n${rules}\r\n`.repeat(10)}LOGOUT\r\n`),
  )
  let longest = 0
  let isDone = false
  void large.then(() => {
    isDone = true
  })
  while (!isDone) {
    const took = await cpuMsOf(async () => {
      other.send('NOOP')
      expect(await other.next()).toBe('OK "Done"')
    })
    longest = Math.max(longest, took)
  }
  expect((await large).match(/^OK "Done"/gm)).toHaveLength(10)
  expect(longest).toBeLessThan(500)
  other.destroy()
})
