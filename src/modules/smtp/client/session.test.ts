import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { createFakeClock } from '../../../../test/support/fakes/clock.ts'
import { keyPair } from '../../../../test/support/loopback.ts'
import { playing, type ScriptedPeer, scriptedServer } from '../../../../test/support/scripted-server.ts'
import { entrance, type Heard, open, ready, settings } from '../../../../test/support/smtp-client.ts'
import { systemClock } from '../../../platform/clock.ts'
import { openSession } from './session.ts'

test.each<[string, Record<string, string>, string]>([
  ['no service', { greeting: '554 5.7.1 Go away, policy' }, 'policy connect'],
  ['busy', { greeting: '421 4.3.2 Busy' }, 'temporary connect'],
  ['no SMTP at all', { greeting: 'SSH-2.0-x' }, 'protocol connect'],
  ['neither EHLO nor HELO', { EHLO: '502 no', HELO: '502 no' }, 'permanent HELO'],
])('a server that greets with %s is left', async (_, rules, expected) => {
  const opened = await open(await scriptedServer(playing([], rules)))
  expect(opened.kind === 'failed' && `${opened.failure.why} ${opened.failure.step}`).toBe(expected)
})

test('HELO serves where EHLO is not known', async () => {
  const session = await ready(await scriptedServer(playing(['PIPELINING'], { EHLO: '500 what' })))
  expect(session.can.pipelining).toBe(false)
})

test('nobody answers: each address is named', async () => {
  const port = await scriptedServer(async (peer) => peer.hangUp())
  const opened = await open(1, { addresses: ['127.0.0.1', '::1'] })
  expect(opened).toMatchObject({ kind: 'failed', failure: { why: 'network', step: 'connect' } })
  // The first address is closed; the second serves.
  const found = await openSession(
    entrance(port, { addresses: ['::1', '127.0.0.1'] }),
    settings(),
    systemClock,
  )
  expect(found).toMatchObject({ kind: 'failed', failure: { text: 'The server closed the connection' } })
})

test('a server that says nothing costs five minutes, not for ever', async () => {
  const clock = createFakeClock()
  const asked = Promise.withResolvers<void>()
  const port = await scriptedServer(async (peer) => {
    peer.say('220 mx.example')
    await peer.line()
    asked.resolve()
  })
  const opened = open(port, {}, {}, clock)
  await asked.promise
  while (true) {
    await clock.advance(60_000)
    const now = await Promise.race([opened, turn()])
    if (now === undefined) continue
    expect(now).toMatchObject({ kind: 'failed', failure: { why: 'timeout', status: '4.4.2' } })
    break
  }
})

test('endless replies end the conversation', async () => {
  const port = await scriptedServer(async (peer) => {
    peer.say(...Array.from({ length: 5_000 }, () => '220-and more'))
    await peer.line()
  })
  expect(await open(port)).toMatchObject({ kind: 'failed', failure: { why: 'protocol' } })
})

/** Offers STARTTLS on the first connection; on later ones too. */
async function tlsServer(startTls: (peer: ScriptedPeer) => Promise<void>): Promise<number> {
  return scriptedServer(async (peer) => {
    peer.say('220 mx.example')
    for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
      if (line.startsWith('EHLO')) peer.say('250-mx.example', '250 STARTTLS')
      else if (line === 'STARTTLS') await startTls(peer)
      else peer.say('250 OK')
    }
  })
}

const shakesHands = async (peer: ScriptedPeer) => {
  peer.say('220 Go')
  await peer.startTls(await keyPair())
}

test.each<[string, (peer: ScriptedPeer) => Promise<void>]>([
  ['refuses it', async (peer) => peer.say('454 4.7.0 Not now')],
  ['cannot do the handshake', async (peer) => peer.say('220 Go', 'no TLS here')],
  [
    'hangs up',
    async (peer) => {
      peer.say('220 Go')
      await peer.octets(1)
      peer.hangUp()
    },
  ],
])(
  'a server that offers STARTTLS and %s: plain text where TLS is a wish, a failure where it is a must',
  async (_, startTls) => {
    const port = await tlsServer(startTls)
    expect((await ready(port)).tls).toBeUndefined()
    const must = await open(port, { tls: { kind: 'encrypt' } })
    expect(must).toMatchObject({ kind: 'failed', failure: { why: 'tls', status: '4.7.5' } })
  },
)

test('no STARTTLS where it is a must: nothing is sent', async () => {
  const opened = await open(await scriptedServer(playing([])), { tls: { kind: 'encrypt' } })
  expect(opened).toMatchObject({ kind: 'failed', tlsFailure: { type: 'starttls-not-supported' } })
})

test.each<[string, readonly string[], boolean, string]>([
  ['the right name and a known CA', ['mail.home.test'], true, 'name'],
  ['another name', ['mx.example'], true, 'certificate-host-mismatch'],
  ['an unknown CA', ['mail.home.test'], false, 'certificate-not-trusted'],
])('a certificate with %s', async (_, names, isTrusted, expected) => {
  const port = await tlsServer(shakesHands)
  const { certificate } = await keyPair()
  const trust = isTrusted ? [certificate] : undefined
  const opened = await open(port, { tls: { kind: 'verify', names } }, { trust })
  expect(opened.kind === 'ready' ? opened.session.tls?.proof : opened.tlsFailure?.type).toBe(expected)
})

test.each<
  [string, (own: X509Certificate) => { usage: number; matching: number; association: Uint8Array }[], string]
>([
  ['that holds its certificate', (own) => [{ usage: 3, matching: 0, association: own.raw }], 'dane'],
  [
    'that holds another digest',
    () => [{ usage: 3, matching: 1, association: Buffer.alloc(32) }],
    'validation-failure',
  ],
  [
    'that mail cannot use: encrypted, not proven',
    (own) => [{ usage: 1, matching: 0, association: own.raw }],
    'none',
  ],
])('a TLSA record %s', async (_, recordsOf, expected) => {
  const port = await tlsServer(shakesHands)
  const records = recordsOf(new X509Certificate((await keyPair()).certificate)).map((record) => ({
    ...record,
    selector: 0,
  }))
  const opened = await open(port, { tls: { kind: 'dane', records, names: ['other.example'] } })
  expect(opened.kind === 'ready' ? opened.session.tls?.proof : opened.tlsFailure?.type).toBe(expected)
})

test('a relay hears name and password, but never in clear text', async () => {
  const heard: Heard = { lines: [], messages: [] }
  const port = await scriptedServer(playing(['AUTH PLAIN LOGIN'], { AUTH: '235 In' }, heard))
  const login = { user: 'ann', password: 'geheim', evenUnencrypted: false }
  expect(await open(port, { login })).toMatchObject({ kind: 'failed', failure: { why: 'login' } })
  expect(heard.lines).toEqual(['EHLO mail.home.test'])
  await ready(port, { login: { ...login, evenUnencrypted: true } })
  expect(heard.lines.at(-1)).toBe(`AUTH PLAIN ${Buffer.from('\0ann\0geheim').toString('base64')}`)
})

function turn(): Promise<undefined> {
  return new Promise((resolve) => {
    setImmediate(() => resolve(undefined))
  })
}
