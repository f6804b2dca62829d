import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { scramClient } from '../support/fakes/scram.ts'
import { ImapStage } from '../support/imap-stage.ts'
import { OctetPeer, secured } from '../support/loopback.ts'
import { ManageSieveStage } from '../support/managesieve-stage.ts'
import { Pop3Stage } from '../support/pop3-stage.ts'
import { SmtpStage } from '../support/smtp-stage.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

interface Dialog {
  readonly tls: TLSSocket
  /** The line that begins the exchange; '' where the initial response is to be asked for. */
  readonly begin: (mechanism: string, initial: string) => string
  /** What a challenge begins with. */
  readonly asks: string
  /** An answer as the protocol writes it. */
  readonly answer?: (text: string) => string
  readonly accepted: RegExp
  readonly refused: RegExp
  readonly peer: OctetPeer
}

async function secure(port: number): Promise<TLSSocket> {
  const tls = connectTls({ socket: connect(port, '127.0.0.1'), rejectUnauthorized: false })
  await once(tls, 'secureConnect')
  ends.push(() => tls.destroy())
  return tls
}

const protocols: readonly (readonly [string, () => Promise<Dialog>])[] = [
  [
    'IMAP',
    async () => {
      const stage = new ImapStage()
      await stage.given('listener imaps')
      ends.push(() => stage.end())
      const tls = await secure(await stage.port())
      const peer = new OctetPeer(tls)
      expect(await peer.next()).toContain('AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=PLAIN')
      const begin = (mechanism: string, initial: string) => `a AUTHENTICATE ${mechanism} ${initial}`
      return { tls, peer, begin, asks: '+ ', accepted: /^a OK /, refused: /^a (?:NO|BAD) / }
    },
  ],
  [
    'SMTP',
    async () => {
      const stage = new SmtpStage()
      ends.push(() => stage.end())
      const tls = await secure(await stage.port('submissions'))
      const peer = new OctetPeer(tls)
      await peer.next()
      peer.send('EHLO client.test')
      const lines: string[] = []
      do lines.push(await peer.next())
      while (lines.at(-1)?.startsWith('250-'))
      expect(lines.join('\n')).toContain('AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN')
      const begin = (mechanism: string, initial: string) => `AUTH ${mechanism} ${initial}`
      return { tls, peer, begin, asks: '334 ', accepted: /^235 /, refused: /^5\d\d / }
    },
  ],
]

const pop3: (typeof protocols)[number] = [
  'POP3',
  async () => {
    const stage = new Pop3Stage()
    await stage.given('listener pop3s')
    ends.push(() => stage.end())
    const tls = await secure(await stage.port())
    const peer = new OctetPeer(tls)
    await peer.next()
    peer.send('CAPA')
    const lines: string[] = []
    do lines.push(await peer.next())
    while (lines.at(-1) !== '.')
    expect(lines).toContain('SASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN OAUTHBEARER XOAUTH2')
    const begin = (mechanism: string, initial: string) => `AUTH ${mechanism} ${initial}`
    return { tls, peer, begin, asks: '+ ', accepted: /^\+OK /, refused: /^-ERR / }
  },
]

const manageSieve: (typeof protocols)[number] = [
  'ManageSieve',
  async () => {
    const stage = new ManageSieveStage()
    ends.push(() => stage.end())
    const socket = connect(await stage.port(), '127.0.0.1')
    const greeting = new OctetPeer(socket)
    while (!(await greeting.next()).startsWith('OK'));
    greeting.send('STARTTLS')
    await greeting.next()
    socket.removeAllListeners('data').removeAllListeners('close')
    const tls = await secured(socket)
    ends.push(() => tls.destroy())
    const peer = new OctetPeer(tls)
    const lines: string[] = []
    do lines.push(await peer.next())
    while (!lines.at(-1)?.startsWith('OK'))
    expect(lines).toContain('"SASL" "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN OAUTHBEARER XOAUTH2"')
    const begin = (mechanism: string, initial: string) => `AUTHENTICATE "${mechanism}" "${initial}"`
    // RFC 5804 §2.1: what the server says last comes with OK.
    const accepted = /^OK /
    return { tls, peer, begin, asks: '"', answer: (text) => `"${text}"`, accepted, refused: /^NO / }
  },
]

const encode = (text: string) => Buffer.from(text).toString('base64')
const decode = (text: string) => Buffer.from(text, 'base64').toString()

interface Attempt {
  readonly mechanism: string
  readonly gs2?: string
  readonly bound?: (tls: TLSSocket) => Uint8Array
  readonly password?: string
}

/** How it ended: the line that the server says last. */
async function signIn(
  dialog: Dialog,
  { mechanism, gs2, bound, password = 'secret' }: Attempt,
): Promise<string> {
  const { tls, peer, begin, asks, answer: written = (text) => text } = dialog
  const client = scramClient({
    login: 'ann@home.test',
    password,
    ...(gs2 === undefined ? {} : { gs2 }),
    ...(bound ? { bound: bound(tls) } : {}),
  })
  peer.send(begin(mechanism, encode(client.first)))
  const challenge = await peer.next()
  if (!challenge.startsWith(asks)) return challenge
  const { answer, expected } = client.final(decode(challenge.slice(asks.length)))
  peer.send(written(encode(answer)))
  const outcome = await peer.next()
  const [, last] = /^OK \(SASL "(.*?)"\)/.exec(outcome) ?? []
  // ManageSieve ends so.
  if (outcome.startsWith('OK '))
    expect(decode(last ?? ''), 'the server knows the password too').toBe(expected)
  if (!outcome.startsWith(asks)) return outcome
  expect(decode(outcome.slice(asks.length)), 'the server knows the password too').toBe(expected)
  peer.send('')
  return await peer.next()
}

const exporter = (tls: TLSSocket) => tls.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
const endPoint = (tls: TLSSocket) => {
  const { raw } = tls.getPeerCertificate()
  expect(new X509Certificate(raw).signatureAlgorithm).toMatch(/sha256/i)
  return createHash('sha256').update(raw).digest()
}
const plus = 'SCRAM-SHA-256-PLUS'

describe.each([...protocols, pop3, manageSieve])('%s', (_, open) => {
  test.each<[string, Attempt]>([
    ['without a binding', { mechanism: 'SCRAM-SHA-256' }],
    ['bound by tls-exporter', { mechanism: plus, gs2: 'p=tls-exporter,,', bound: exporter }],
    ['bound by tls-server-end-point', { mechanism: plus, gs2: 'p=tls-server-end-point,,', bound: endPoint }],
    ['naming themselves twice', { mechanism: 'SCRAM-SHA-256', gs2: 'n,a=ann@home.test,' }],
  ])('a client signs in %s', async (_name, attempt) => {
    const dialog = await open()
    expect(await signIn(dialog, attempt)).toMatch(dialog.accepted)
  })

  test.each<[string, Attempt]>([
    ['a wrong password', { mechanism: 'SCRAM-SHA-256', password: 'wrong' }],
    ['a wrong password, bound', { mechanism: plus, gs2: 'p=tls-exporter,,', bound: exporter, password: 'x' }],
    ['another connection', { mechanism: plus, gs2: 'p=tls-exporter,,', bound: () => Buffer.alloc(32) }],
    ['a binding of an unknown type', { mechanism: plus, gs2: 'p=tls-unique,,' }],
    ['PLUS without a binding', { mechanism: plus, gs2: 'n,,' }],
    ['a binding without PLUS', { mechanism: 'SCRAM-SHA-256', gs2: 'p=tls-exporter,,', bound: exporter }],
    ['a client that was told nothing of PLUS', { mechanism: 'SCRAM-SHA-256', gs2: 'y,,' }],
    ['acting for somebody else', { mechanism: 'SCRAM-SHA-256', gs2: 'n,a=bob@home.test,' }],
  ])('%s is refused', async (_name, attempt) => {
    const dialog = await open()
    expect(await signIn(dialog, attempt)).toMatch(dialog.refused)
  })

  test.each([
    ['XOAUTH2', 'user=ann@home.test\x01auth=Bearer app.token\x01\x01'],
    ['OAUTHBEARER', 'n,a=ann@home.test,\x01host=x\x01port=1\x01auth=Bearer app.token\x01\x01'],
  ])('%s: an app token signs in', async (mechanism, frame) => {
    const { peer, begin, accepted } = await open()
    peer.send(begin(mechanism, encode(frame)))
    expect(await peer.next()).toMatch(accepted)
  })

  test.each([
    ['XOAUTH2', 'user=ann@home.test\x01auth=Bearer secret\x01\x01'],
    ['XOAUTH2', 'user=ann@home.test\x01auth=Bearer ya29.abc\x01\x01'],
    ['OAUTHBEARER', 'n,a=ann@home.test,\x01auth=Bearer ya29.abc\x01\x01'],
  ])('%s is told why, and refused', async (mechanism, frame) => {
    const { peer, begin, asks, refused, answer: written = (text: string) => text } = await open()
    peer.send(begin(mechanism, encode(frame)))
    const challenge = await peer.next()
    expect(JSON.parse(decode(challenge.slice(asks.length)))).toMatchObject({ status: 'invalid_token' })
    peer.send(written('AQ=='))
    expect(await peer.next()).toMatch(refused)
    peer.send(begin(mechanism, encode('nonsense')))
    expect(await peer.next()).toMatch(refused)
  })
})

test('a plain connection has nothing to be bound to', async () => {
  const stage = new ImapStage()
  ends.push(() => stage.end())
  const peer = await OctetPeer.connect(await stage.port(), false)
  expect(await peer.next()).not.toContain('PLUS')
  peer.send(`a AUTHENTICATE ${plus} ${encode('p=tls-exporter,,n=ann@home.test,r=abc')}`)
  expect(await peer.next()).toMatch(/^a NO \[CANNOT\]/)
  // Here nothing was offered, so believing so is no sign of a lie.
  const client = scramClient({ login: 'ann@home.test', password: 'secret', gs2: 'y,,' })
  peer.send(`b AUTHENTICATE SCRAM-SHA-256 ${encode(client.first)}`)
  peer.send(encode(client.final(decode((await peer.next()).slice(2))).answer))
  await peer.next()
  peer.send('')
  expect(await peer.next()).toMatch(/^b OK/)
  peer.destroy()
})

test('where only app tokens sign in, SCRAM is not offered', async () => {
  const stage = new ImapStage({ offerScram: false })
  ends.push(() => stage.end())
  const peer = await OctetPeer.connect(await stage.port(), false)
  expect(await peer.next()).not.toContain('SCRAM')
  peer.send(`a AUTHENTICATE SCRAM-SHA-256 ${encode('n,,n=ann@home.test,r=abc')}`)
  expect(await peer.next()).toMatch(/^a NO \[CANNOT\]/)
  peer.destroy()
})
