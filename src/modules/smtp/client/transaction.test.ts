import { expect, onTestFinished, test } from 'vitest'
import { playing, scriptedServer } from '../../../../test/support/scripted-server.ts'
import { address, type Heard, letter, ready, recipient, text } from '../../../../test/support/smtp-client.ts'
import { SmtpStage } from '../../../../test/support/smtp-stage.ts'
import type { Letter } from './letter.ts'
import type { Sent } from './outcome.ts'
import type { Entrance } from './session.ts'
import { closeSession } from './session.ts'
import { standardTimes } from './settings.ts'
import { sendLetter } from './transaction.ts'

async function send(port: number, sent: Letter, given: Partial<Entrance> = {}): Promise<readonly Sent[]> {
  return (await sendLetter(await ready(port, given), sent, standardTimes)).outcomes
}

const short = ({ kind, ...rest }: Sent): string =>
  `${kind} ${rest.code ?? ''} ${rest.status}${'why' in rest ? ` ${rest.why} at ${rest.step}` : ''}`

test('our own server takes what it sends, over TLS, several messages on one connection', async () => {
  const stage = new SmtpStage()
  onTestFinished(() => stage.end())
  const session = await ready(await stage.port('smtp'), { tls: { kind: 'encrypt' } })
  expect(session.tls?.protocol).toBe('TLSv1.3')
  for (const subject of ['one', 'two']) {
    const message = `Subject: ${subject}\r\n\r\n..\r\n.\r\nend`
    const { outcomes, reusable } = await sendLetter(session, letter({}, message), standardTimes)
    expect([outcomes.map(({ kind }) => kind), reusable]).toEqual([['done'], true])
  }
  await closeSession(session, standardTimes)
  const texts = stage.intake.arrivals.map(({ message }) =>
    message.kind === 'inline' ? Buffer.from(message.bytes).toString('latin1') : '',
  )
  expect(texts).toEqual(['one', 'two'].map((subject) => `Subject: ${subject}\r\n\r\n..\r\n.\r\nend\r\n`))
})

test('recipients are settled one by one: taken, put off, refused', async () => {
  const stage = new SmtpStage()
  onTestFinished(() => stage.end())
  const recipients = ['bob', 'full', 'unknown'].map((local) => recipient(`${local}@home.test`))
  expect((await send(await stage.port('smtp'), letter({ recipients }))).map(short)).toEqual([
    'done 250 2.0.0',
    'later 452 4.2.2 temporary at RCPT TO',
    'never 550 5.1.1 permanent at RCPT TO',
  ])
})

test('LMTP answers for each recipient', async () => {
  const stage = new SmtpStage({ trustedNetworks: ['192.0.2.0/24'] })
  onTestFinished(() => stage.end())
  const recipients = ['bob', 'reject', 'defer'].map((local) => recipient(`${local}@home.test`))
  const outcomes = await send(await stage.port('lmtp'), letter({ recipients }), { protocol: 'lmtp' })
  expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'never', 'later'])
})

test.each([
  ['pipelined', ['PIPELINING']],
  ['one by one', []],
])('says the same %s', async (_, extensions) => {
  const heard: Heard = { lines: [], messages: [] }
  const port = await scriptedServer(playing(extensions, {}, heard))
  expect((await send(port, letter())).map(({ kind }) => kind)).toEqual(['done'])
  expect(heard).toEqual({
    lines: ['EHLO mail.home.test', 'MAIL FROM:<ann@home.test>', 'RCPT TO:<bob@far.example>', 'DATA'],
    messages: [text],
  })
})

test.each([
  ['pipelined', ['PIPELINING'], ['DATA', '.']],
  ['one by one', [], ['RSET']],
])('nobody left, %s: no message goes out and the session stays', async (_, extensions, end) => {
  const heard: Heard = { lines: [], messages: [] }
  const rules = { RCPT: '550 5.1.1 No such user', 'end of data': '554 5.5.1 No recipients' }
  const port = await scriptedServer(playing(extensions, rules, heard))
  const session = await ready(port)
  const { outcomes, reusable } = await sendLetter(session, letter(), standardTimes)
  expect([outcomes.map(short), reusable]).toEqual([['never 550 5.1.1 permanent at RCPT TO'], true])
  const said = [...heard.lines.slice(3), ...heard.messages.map(() => '.')]
  expect(said).toEqual(end)
})

test('what the server knows is used: SIZE, 8BITMIME, DSN, CHUNKING', async () => {
  const heard: Heard = { lines: [], messages: [] }
  const port = await scriptedServer(
    playing(['PIPELINING', 'SIZE 1000', '8BITMIME', 'DSN', 'CHUNKING'], {}, heard),
  )
  const message = 'Subject: x\r\n\r\nk\xf6rper\r\n.\r\n'
  const notified = recipient('bob@far.example', {
    notify: ['failure', 'delay'],
    originalRecipient: 'rfc822;b+b@far.example',
  })
  const sent = letter({ recipients: [notified], envelopeId: 'id=1', returnContent: 'headers' }, message)
  expect(await send(port, sent)).toMatchObject([{ kind: 'done', reportsDelivery: true }])
  expect(heard.lines.slice(1, 3)).toEqual([
    'MAIL FROM:<ann@home.test> SIZE=25 BODY=8BITMIME RET=HDRS ENVID=id+3D1',
    'RCPT TO:<bob@far.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b+2Bb@far.example',
  ])
  expect(heard.messages.join('')).toBe(message)
  // One chunk fewer, one answer fewer to wait for.
  expect(heard.lines.filter((line) => line.startsWith('BDAT')).at(-1)).toBe('BDAT 5 LAST')
})

test('without 8BITMIME the message becomes base64', async () => {
  const heard: Heard = { lines: [], messages: [] }
  const port = await scriptedServer(playing([], {}, heard))
  await send(port, letter({}, 'Subject: x\r\nContent-Transfer-Encoding: 8bit\r\n\r\nk\xf6rper\r\n'))
  expect(heard.messages).toEqual([
    `Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from('k\xf6rper\r\n', 'latin1').toString('base64')}\r\n`,
  ])
})

test.each<[string, readonly string[], Partial<Letter>, readonly string[]]>([
  ['a message over SIZE', ['SIZE 10'], {}, ['never  5.3.4 capability at MAIL FROM']],
  [
    'a recipient in other letters',
    [],
    { recipients: [recipient('jörg@far.example'), recipient('bob@far.example')] },
    ['never  5.6.7 capability at RCPT TO', 'done 250 2.0.0'],
  ],
  [
    'a sender in other letters',
    [],
    { sender: address('jörg@home.test') },
    ['never  5.6.7 capability at MAIL FROM'],
  ],
  [
    'a header in other letters',
    [],
    { smtpUtf8: true, eightBit: { header: true, body: false } },
    ['never  5.6.9 capability at MAIL FROM'],
  ],
  ['REQUIRETLS without TLS', ['REQUIRETLS'], { requireTls: true }, ['never  5.7.30 capability at MAIL FROM']],
  [
    'more recipients than it takes',
    ['LIMITS RCPTMAX=1'],
    { recipients: [recipient('a@far.example'), recipient('b@far.example')] },
    ['done 250 2.0.0', 'later  4.5.3 too-many-recipients at RCPT TO'],
  ],
])('%s', async (_, extensions, given, expected) => {
  expect((await send(await scriptedServer(playing(extensions)), letter(given))).map(short)).toEqual(expected)
})

test.each<[string, Record<string, string | undefined>, string, boolean]>([
  [
    'MAIL is refused',
    { MAIL: '550 5.7.1 Blocked, see Spamhaus' },
    'never 550 5.7.1 policy at MAIL FROM',
    true,
  ],
  [
    'policy without a status',
    { MAIL: '554 your IP is on our blocklist' },
    'never 554 5.0.0 policy at MAIL FROM',
    true,
  ],
  ['a status of the wrong class', { RCPT: '550 4.1.1 no' }, 'never 550 5.0.0 permanent at RCPT TO', true],
  ['DATA is put off', { DATA: '451 4.3.0 Busy' }, 'later 451 4.3.0 temporary at DATA', true],
  [
    'the message is refused',
    { 'end of data': '554-5.6.0 Bad\n554 5.6.0 message' },
    'never 554 5.6.0 permanent at end of data',
    true,
  ],
  ['421 in the middle', { RCPT: '421 4.3.2 Going down' }, 'later 421 4.3.2 temporary at RCPT TO', false],
  ['it hangs up at RCPT', { RCPT: undefined }, 'later  4.4.2 network at RCPT TO', false],
  [
    'it hangs up after the message',
    { 'end of data': undefined },
    'later  4.4.2 unconfirmed at end of data',
    false,
  ],
  ['it talks nonsense', { RCPT: 'what?' }, 'later  4.5.0 protocol at RCPT TO', false],
  ['codes differ in one reply', { RCPT: '250-a\n550 b' }, 'later  4.5.0 protocol at RCPT TO', false],
])('%s', async (_, rules, expected, stays) => {
  for (const extensions of [['PIPELINING'], []]) {
    const session = await ready(await scriptedServer(playing(extensions, rules)))
    const { outcomes, reusable } = await sendLetter(session, letter(), standardTimes)
    expect([outcomes.map(short), reusable]).toEqual([[expected], stays])
  }
})

test('552 for a further recipient means too many', async () => {
  const recipients = [recipient('a@far.example'), recipient('b@far.example')]
  const port = await scriptedServer(playing(['PIPELINING'], { 'RCPT TO:<b@': '552 Too many recipients' }))
  expect((await send(port, letter({ recipients }))).map(short)).toEqual([
    'done 250 2.0.0',
    'later 552 5.0.0 too-many-recipients at RCPT TO',
  ])
})

test('a message that cannot be read to its end is never taken for a whole one', async () => {
  const heard: Heard = { lines: [], messages: [] }
  const ended = Promise.withResolvers<void>()
  const port = await scriptedServer(async (peer) => {
    await playing(['PIPELINING'], { 'end of data': undefined }, heard)(peer)
    ended.resolve()
  })
  const session = await ready(port)
  const broken = letter({
    read: async function* () {
      yield Buffer.from('Subject: x\r\n')
      throw new Error('disk gone')
    },
  })
  await expect(sendLetter(session, broken, standardTimes)).rejects.toThrow('disk gone')
  await ended.promise
  expect(session.talk.lost).toBe(true)
})
