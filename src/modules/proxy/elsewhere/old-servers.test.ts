import { duplexPair } from 'node:stream'
import { expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../../../../test/support/fakes/clock.ts'
import { createFakeLog, silentMeter } from '../../../../test/support/fakes/runtime.ts'
import { keyPair } from '../../../../test/support/loopback.ts'
import { type ScriptedPeer, scriptedServer } from '../../../../test/support/scripted-server.ts'
import { type OldService, parseOldServer } from '../../../lib/old-server.ts'
import type { Entered } from '../../../ports/old-servers.ts'
import { openOldServers } from './old-servers.ts'

const ann = { login: 'ann@old.example', password: 'pw' }

/** Signs in to a server on loopback that does what the play says. */
async function entering(
  play: (peer: ScriptedPeer) => Promise<void>,
  {
    service = 'imap',
    tls = 'tls=none',
    signIn = ann,
    clock = createFakeClock(),
  }: { service?: OldService; tls?: string; signIn?: typeof ann; clock?: FakeClock } = {},
): Promise<Entered> {
  const port = await scriptedServer(play)
  const server = parseOldServer(`127.0.0.1 ${service}=${tls === 'tls=none' ? '' : 'starttls:'}${port} ${tls}`)
  if (!server) throw new Error('no old server')
  const old = openOldServers({ hostname: 'mail.home.test', clock, log: createFakeLog(), meter: silentMeter })
  return await old.enter({ server, ...signIn }, { service, connection: 'c1' })
}

/** Answers each line with the next of these. */
const saying =
  (greeting: string, ...answers: readonly string[]) =>
  async (peer: ScriptedPeer) => {
    peer.say(greeting)
    for (const answer of answers) if ((await peer.line()) !== undefined) peer.say(...answer.split('\n'))
    await peer.line()
  }

const greeting = '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] old'

test.each<[string, OldService, (peer: ScriptedPeer) => Promise<void>]>([
  ['it greets with BYE', 'imap', saying('* BYE full')],
  ['it greets with nonsense', 'imap', saying('HTTP/1.1 400 Bad Request')],
  ['its line never ends', 'imap', async (peer) => peer.say('x'.repeat(100_000))],
  ['it hangs up at once', 'imap', async (peer) => peer.hangUp()],
  [
    'it hangs up in the middle',
    'imap',
    async (peer) => {
      peer.say(greeting)
      await peer.line()
      peer.hangUp()
    },
  ],
  ['it goes on asking', 'imap', saying(greeting, '+ ', '+ again')],
  [
    'it says untagged things for ever',
    'imap',
    async (peer) => {
      peer.say(greeting)
      await peer.line()
      peer.say(...Array.from({ length: 1_000 }, () => '* OK still thinking'))
    },
  ],
  ['it has trouble of its own', 'imap', saying(greeting, '+ ', 'h3 NO [UNAVAILABLE] later')],
  ['it greets with -ERR', 'pop3', saying('-ERR full')],
  ['its mailbox is in use', 'pop3', saying('+OK', '+OK', '-ERR [IN-USE] locked')],
  ['it greets with 554', 'submission', saying('554 no')],
  ['it offers no AUTH', 'submission', saying('220 old', '250 old')],
  [
    'its EHLO never ends',
    'submission',
    async (peer) => {
      peer.say('220 old')
      await peer.line()
      peer.say(...Array.from({ length: 1_000 }, () => '250-MORE'))
    },
  ],
  ['it cannot check passwords now', 'submission', saying('220 old', '250 AUTH PLAIN', '454 4.7.0 later')],
])('later, where %s (%s)', async (_claim, service, play) => {
  expect(await entering(play, { service })).toMatchObject({ kind: 'later', reason: 'unreachable' })
})

test('later, where it never greets', async () => {
  const clock = createFakeClock()
  let greeted: () => void = () => undefined
  const connected = new Promise<void>((resolve) => (greeted = resolve))
  const entered = entering(
    async (peer) => {
      greeted()
      await peer.line()
    },
    { clock },
  )
  await connected
  await clock.advance(21_000)
  expect(await entered).toMatchObject({ kind: 'later' })
})

test.each<[OldService, (peer: ScriptedPeer) => Promise<void>]>([
  ['imap', saying(greeting, '+ ', 'h3 NO [AUTHENTICATIONFAILED] no')],
  ['pop3', saying('+OK', '+OK', '-ERR [AUTH] no')],
  ['submission', saying('220 old', '250 AUTH PLAIN', '535 5.7.8 no')],
])('a password that %s does not take bars the way', async (service, play) => {
  expect(await entering(play, { service })).toMatchObject({ kind: 'barred' })
})

test('a password with a line end is never said', async () => {
  const heard: string[] = []
  const entered = await entering(
    async (peer) => {
      peer.say('+OK')
      for (let line = await peer.line(); line !== undefined; line = await peer.line()) heard.push(line)
    },
    { service: 'pop3', signIn: { login: 'ann', password: 'pw\r\nDELE 1' } },
  )
  expect(entered.kind).toBe('barred')
  expect(heard).toEqual([])
})

test('a certificate of nobody is shown no password', async () => {
  const pair = await keyPair()
  const heard: string[] = []
  const entered = await entering(
    async (peer) => {
      peer.say('+OK')
      heard.push((await peer.line()) ?? '')
      peer.say('+OK')
      await peer.startTls(pair)
      heard.push((await peer.line()) ?? 'nothing')
    },
    { service: 'pop3', tls: 'tls=verified' },
  )
  expect(entered.kind).toBe('later')
  expect(heard[0]).toBe('STLS')
  expect(heard).not.toContain('USER ann@old.example')
})

test('what it said in clear text behind STARTTLS counts for nothing', async () => {
  const pair = await keyPair()
  const entered = await entering(
    async (peer) => {
      peer.say('+OK')
      await peer.line()
      peer.say('+OK', '+OK injected', '+OK injected')
      await peer.startTls(pair)
      await peer.line()
      peer.say('-ERR no')
    },
    { service: 'pop3', tls: 'tls=unverified' },
  )
  expect(entered.kind).not.toBe('entered')
})

test('LOGIN is said where there is no PLAIN, with quotes that hold', async () => {
  const heard: string[] = []
  const entered = await entering(
    async (peer) => {
      peer.say('* OK old')
      await peer.line()
      peer.say('* CAPABILITY IMAP4rev1 STARTTLS', 'h2 OK')
      heard.push((await peer.line()) ?? '')
      peer.say('h3 OK in')
      await peer.line()
      peer.say('* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN UNAUTHENTICATE', 'h4 OK')
    },
    { signIn: { login: 'ann', password: 'p"w\\' } },
  )
  expect(heard).toEqual(['h3 LOGIN "ann" "p\\"w\\\\"'])
  // What only counts before the sign-in is left out.
  expect(entered).toMatchObject({ kind: 'entered', said: 'IMAP4rev1 IDLE' })
})

/** A passage to a server that goes on with the play, and the client's end of it. */
async function carried(play: (peer: ScriptedPeer) => Promise<void>, early = '', clock = createFakeClock()) {
  const entered = await entering(
    async (peer) => {
      await saying('+OK', '+OK')(peer)
      peer.say('+OK in')
      await play(peer)
    },
    { service: 'pop3', clock },
  )
  if (entered.kind !== 'entered') throw new Error(entered.kind)
  const [client, ours] = duplexPair()
  client.on('error', () => undefined)
  ours.on('error', () => undefined)
  const over = entered.passage.carry(ours, Buffer.from(early))
  return { client, over, passage: entered.passage }
}

test('octets go both ways, those first that the client has said already', async () => {
  const heard: string[] = []
  const { client, over } = await carried(async (peer) => {
    heard.push((await peer.line()) ?? '', (await peer.line()) ?? '')
    peer.say('\xff\x00 both')
    peer.hangUp()
  }, 'STAT\r\n')
  const got: Buffer[] = []
  client.on('data', (chunk: Buffer) => got.push(chunk))
  client.write('NOOP\r\n')
  await over
  expect(heard).toEqual(['STAT', 'NOOP'])
  expect(Buffer.concat(got).toString('latin1')).toBe('\xff\x00 both\r\n')
})

test('a client that does not read holds the old server back', async () => {
  let sent = 0
  const clock = createFakeClock()
  const most = 200 * 65_536
  const { client, over, passage } = await carried(
    async (peer) => {
      for (; sent < most; sent += 65_536) peer.say('x'.repeat(65_534))
    },
    '',
    clock,
  )
  await expect.poll(() => sent).toBe(most)
  await expect.poll(() => client.readableLength).toBeGreaterThan(0)
  expect(client.readableLength).toBeLessThan(1024 * 1024)
  passage.end()
  await clock.advance(30_000)
  await over
})

test('it ends at a lull when it is to end', async () => {
  const clock = createFakeClock()
  const { over, passage } = await carried(async (peer) => void (await peer.line()), '', clock)
  passage.end()
  await clock.advance(4_000)
  await over
})

test('it ends after three quarters of an hour without a word', async () => {
  const clock = createFakeClock()
  const { over } = await carried(async (peer) => void (await peer.line()), '', clock)
  await clock.advance(46 * 60_000)
  await over
})
