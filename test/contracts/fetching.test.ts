import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDelivery } from '../../src/modules/delivery/index.ts'
import { createFetching } from '../../src/modules/fetch/index.ts'
import type { AccountId } from '../../src/ports/accounts.ts'
import type { Fetching } from '../../src/ports/fetching.ts'
import type { SpamJudge } from '../../src/ports/spam-judge.ts'
import { address, addUsers, domainRow, newUser, startAuth, type TestAuth } from '../support/auth.ts'
import { createFakeDnsResolver } from '../support/fakes/dns-resolver.ts'
import { createFakeLog, silentMeter } from '../support/fakes/runtime.ts'
import { intakeParts, textsIn } from '../support/intake.ts'
import { type ScriptedPeer, scriptedServer } from '../support/scripted-server.ts'
import { startStore, type TestStore } from '../support/store.ts'

/** Servers that lie, break off and never end; the directory, the store and the intake are the real ones. */
let auth: TestAuth
let store: TestStore
let fetching: Fetching
let end: () => Promise<void>
let ann: AccountId

const limit = 100_000
/** Refuses all mail that it is asked about. */
const severe: Pick<SpamJudge, 'judge'> = {
  judge: async () => ({ action: 'reject', score: 15, reasons: [], headers: 'X-Spam: Yes\r\n' }),
}

beforeEach(async () => {
  store = await startStore()
  auth = await startAuth({ mailAccounts: store.accounts, clock: store.clock })
  await auth.admin.add('domain', domainRow('example.com'), 'test')
  const [account] = await addUsers(auth.admin, [newUser('ann@example.com', { quotaBytes: 1_000_000 })])
  ann = account ?? (0 as AccountId)
  const made = createFetching({
    list: auth.fetches,
    notes: store.notes,
    bytes: store.bytes,
    intake: createDelivery({ ...intakeParts(store, auth), judge: severe }),
    dns: createFakeDnsResolver({}),
    clock: store.clock,
    log: createFakeLog(),
    meter: silentMeter,
    hostname: 'mail.example.com',
    hostnames: ['mail.example.com'],
    messageSizeLimit: limit,
    networks: ['127.0.0.0/8'],
    everySeconds: 600,
  })
  fetching = made.fetching
  end = () => made.service.stop()
})
afterEach(async () => {
  await end()
  await auth.end()
  await store.end()
})

async function fetchFrom(
  protocol: 'imap' | 'pop3',
  play: (peer: ScriptedPeer) => Promise<void>,
  keep = true,
): Promise<number> {
  const port = await scriptedServer(play)
  const row = {
    user: address('ann@example.com'),
    protocol,
    host: '127.0.0.1',
    port,
    username: 'a',
    password: 'b',
    keep,
  }
  const added = await auth.admin.add('fetch', row, 'test')
  return added.kind === 'added' ? (added.id ?? 0) : 0
}

const mailOf = (subject: string, body = 'Hello\r\n') => `Subject: ${subject}\r\n\r\n${body}`
const subjects = async () =>
  (await textsIn(store, ann)).map((text) => /^Subject: (.*)\r$/m.exec(text)?.[1] ?? '')

interface Pop3Mail {
  readonly name: string
  readonly text: string
  readonly size?: number
}

/** A POP3 server with these messages; `answers` take the place of what it would say. */
function pop3(
  mails: readonly Pop3Mail[],
  answers: Readonly<Record<string, (peer: ScriptedPeer) => void>> = {},
) {
  const listed = (value: (mail: Pop3Mail) => string | number) => [
    '+OK',
    ...mails.map((mail, at) => `${at + 1} ${value(mail)}`),
    '.',
  ]
  const usual: Readonly<Record<string, (number: number) => readonly string[]>> = {
    STLS: () => ['-ERR no'],
    LIST: () => listed(({ size, text }) => size ?? text.length),
    UIDL: () => listed(({ name }) => name),
    RETR: (number) => ['+OK', `${mails[number - 1]?.text ?? ''}.`],
  }
  return async (peer: ScriptedPeer) => {
    peer.say('+OK ready')
    for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
      const [verb = '', number = ''] = line.split(' ')
      const answer = answers[line] ?? answers[verb]
      if (answer) answer(peer)
      else peer.say(...(usual[verb]?.(Number(number)) ?? ['+OK']))
    }
  }
}

test('POP3: a connection that breaks in the middle of a message brings the others once', async () => {
  let breaks = true
  const mails = [
    { name: 'a', text: mailOf('one') },
    { name: 'b', text: mailOf('two') },
  ]
  const id = await fetchFrom(
    'pop3',
    pop3(mails, {
      'RETR 2': (peer) => {
        peer.say('+OK', 'Subject: tw')
        if (breaks) peer.hangUp()
        else peer.say('o', '', '.')
      },
    }),
  )
  expect(await fetching.run(id)).toMatchObject({ kind: 'failed', taken: 1 })
  breaks = false
  expect(await fetching.run(id)).toMatchObject({ kind: 'collected', taken: 1 })
  expect(await subjects()).toEqual(['one', 'tw'])
})

test('POP3: a message that is longer than said is not taken, and keeps no other from coming', async () => {
  const mails = [
    { name: 'a', text: mailOf('lie', 'x'.repeat(limit * 2)), size: 10 },
    { name: 'b', text: mailOf('two') },
  ]
  const id = await fetchFrom('pop3', pop3(mails))
  expect(await fetching.run(id)).toMatchObject({ kind: 'failed', left: 1 })
  expect(await fetching.run(id)).toMatchObject({ kind: 'collected', taken: 1 })
  expect(await subjects()).toEqual(['two'])
})

test.each<[string, (peer: ScriptedPeer) => void]>([
  ['an endless line', (peer) => peer.say(`+OK ${'x'.repeat(1_000_000)}`)],
  ['something else', (peer) => peer.say('HTTP/1.1 400 Bad Request')],
  ['nothing, and goes', (peer) => peer.hangUp()],
  [
    'a list without an end',
    (peer) => peer.say('+OK', ...Array.from({ length: 1_000 }, () => 'x'.repeat(5_000))),
  ],
])('POP3: a server that says %s is left', async (_, answer) => {
  const id = await fetchFrom('pop3', pop3([], { LIST: answer, UIDL: answer }))
  expect(await fetching.run(id)).toMatchObject({ kind: 'failed', taken: 0 })
  const [row] = await auth.admin.fetches()
  expect(row?.error).toContain('127.0.0.1')
  expect(row?.said).toMatchObject({
    key: expect.stringMatching(/^fetch\.(odd|cut|busy)$/),
    values: { host: '127.0.0.1' },
  })
})

test('POP3: a server without UIDL: what is kept there cannot be told apart, what goes comes once', async () => {
  const mails = [{ name: 'a', text: mailOf('one') }]
  const without = { UIDL: (peer: ScriptedPeer) => peer.say('-ERR what?') }
  const kept = await fetchFrom('pop3', pop3(mails, without))
  expect(await fetching.run(kept)).toMatchObject({
    kind: 'failed',
    text: expect.stringContaining('does not number'),
  })
  const deleted: string[] = []
  const going = await fetchFrom(
    'pop3',
    pop3(mails, {
      ...without,
      DELE: (peer) => {
        deleted.push('1')
        peer.say('+OK')
      },
    }),
    false,
  )
  expect(await fetching.run(going)).toMatchObject({ kind: 'collected', taken: 1 })
  // It comes again as if the server had forgotten the deletion: the store knows it by its octets.
  expect(await fetching.run(going)).toMatchObject({ kind: 'collected' })
  expect(await subjects()).toEqual(['one'])
  expect(deleted).toHaveLength(2)
})

test('POP3: a name that was free again is another message', async () => {
  const mails = [{ name: '1', text: mailOf('one') }]
  const id = await fetchFrom('pop3', pop3(mails), false)
  expect(await fetching.run(id)).toMatchObject({ kind: 'collected', taken: 1 })
  mails[0] = { name: '1', text: mailOf('two') }
  expect(await fetching.run(id)).toMatchObject({ kind: 'collected', taken: 1 })
  expect(await subjects()).toEqual(['one', 'two'])
})

test('POP3: what a server adds to a message that was read does not make it another', async () => {
  const mails = [{ name: 'a', text: mailOf('one') }]
  const answers: Record<string, (peer: ScriptedPeer) => void> = { QUIT: (peer) => peer.hangUp() }
  const id = await fetchFrom('pop3', pop3(mails, answers), false)
  const other = await fetchFrom('pop3', pop3(mails), false)
  expect(await fetching.run(id)).toMatchObject({ kind: 'failed', taken: 1 })
  await store.notes.drop(
    'fetched',
    (await store.notes.list('fetched', '', 10)).map(({ name }) => name),
  )
  mails[0] = { name: 'a', text: `Status: RO\r\n${mailOf('one')}` }
  expect(await fetching.run(other)).toMatchObject({ kind: 'collected' })
  expect(await subjects()).toEqual(['one'])
})

test('a full mailbox: everything waits there, and it is said', async () => {
  const big = 'x'.repeat(76).concat('\r\n').repeat(1_200)
  const mails = Array.from({ length: 14 }, (_, at) => ({ name: `n${at}`, text: mailOf(`${at}`, big) }))
  const id = await fetchFrom('pop3', pop3(mails))
  expect(await fetching.run(id)).toMatchObject({
    kind: 'failed',
    text: expect.stringContaining('ann@example.com is full'),
  })
  const taken = (await subjects()).length
  expect(taken).toBeGreaterThan(5)
  expect(taken).toBeLessThan(14)
  await auth.admin.set('user', address('ann@example.com'), { quotaBytes: 0 }, 'test')
  expect(await fetching.run(id)).toMatchObject({ kind: 'collected', taken: 14 - taken })
})

test('of somebody who is switched off nothing is fetched', async () => {
  const id = await fetchFrom('pop3', pop3([{ name: 'a', text: mailOf('one') }]))
  await auth.admin.set('user', address('ann@example.com'), { enabled: false }, 'test')
  expect(await fetching.run(id)).toEqual({ kind: 'missing' })
})

test.each([
  [true, 'Junk'],
  [false, 'INBOX'],
])('scan %s: what the filter would refuse is in %s, since nobody would hear of it', async (scan, mailbox) => {
  const id = await fetchFrom('pop3', pop3([{ name: 'a', text: mailOf('buy') }]))
  await auth.admin.set('fetch', id, { scan }, 'test')
  expect(await fetching.run(id)).toMatchObject({ kind: 'collected', taken: 1 })
  const [text = ''] = await textsIn(store, ann, mailbox)
  expect(text).toContain('Subject: buy')
  expect(text.includes('X-Spam: Yes')).toBe(scan)
})

test('a message that goes round in circles is left there', async () => {
  const header = 'Delivered-To: ann@example.com\r\n'.repeat(4)
  const id = await fetchFrom('pop3', pop3([{ name: 'a', text: header + mailOf('round') }]))
  expect(await fetching.run(id)).toMatchObject({ kind: 'collected', taken: 0, left: 1 })
  expect((await fetching.tallies([id])).get(id)).toMatchObject({ why: 'A message goes round in circles.' })
})

interface Imap {
  validity: number
  mails: { uid: number; text: string }[]
}

/** As little of an IMAP server as a client needs. */
function imap(box: Imap, answers: Readonly<Record<string, (peer: ScriptedPeer, tag: string) => void>> = {}) {
  return async (peer: ScriptedPeer) => {
    peer.say('* OK [CAPABILITY IMAP4rev1] ready')
    for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
      const [tag = '', first = '', second = ''] = line.split(' ')
      const verb = first === 'UID' ? `UID ${second}` : first
      const answer = answers[verb]
      if (answer) answer(peer, tag)
      else peer.say(...untagged(verb, line, box), `${tag} OK done`)
    }
  }
}

function untagged(verb: string, line: string, { validity, mails }: Imap): readonly string[] {
  switch (verb) {
    case 'CAPABILITY':
      return ['* CAPABILITY IMAP4rev1']
    case 'LIST':
    case 'LSUB':
      return [`* ${verb} () "/" INBOX`]
    case 'SELECT':
    case 'EXAMINE':
      return [
        `* ${mails.length} EXISTS`,
        `* OK [UIDVALIDITY ${validity}] x`,
        `* OK [UIDNEXT ${(mails.at(-1)?.uid ?? 0) + 1}] x`,
      ]
    case 'UID SEARCH':
      return [`* SEARCH ${mails.map(({ uid }) => uid).join(' ')}`]
    case 'UID FETCH': {
      const wanted = new Set((/UID FETCH (\S+)/.exec(line)?.[1] ?? '').split(',').map(Number))
      return mails.flatMap(({ uid, text }) => (wanted.has(uid) ? fetched(uid, text) : []))
    }
    default:
      return []
  }
}

const fetched = (uid: number, text: string) => [
  `* 1 FETCH (UID ${uid} FLAGS (\\Seen) RFC822.SIZE ${text.length} BODY[]<0> {${text.length}}`,
  `${text})`,
]

test('IMAP: numbers that begin anew bring nothing twice', async () => {
  const box = { validity: 1, mails: [{ uid: 5, text: mailOf('one') }] }
  const id = await fetchFrom('imap', imap(box))
  expect(await fetching.run(id)).toMatchObject({ kind: 'collected', taken: 1 })
  box.validity = 2
  box.mails = [
    { uid: 1, text: mailOf('one') },
    { uid: 2, text: mailOf('two') },
  ]
  expect(await fetching.run(id)).toMatchObject({ kind: 'collected' })
  expect(await subjects()).toEqual(['one', 'two'])
})

test.each<[string, (peer: ScriptedPeer, tag: string) => void]>([
  ['a giant literal', (peer) => peer.say('* 1 FETCH (UID 5 BODY[]<0> {2000000000}', 'x'.repeat(100_000))],
  [
    'the middle of one, and goes',
    (peer) => {
      peer.say('* 1 FETCH (UID 5 BODY[]<0> {200}', 'Subject')
      peer.hangUp()
    },
  ],
  ['no', (peer, tag) => peer.say(`${tag} NO [SERVERBUG] not now`)],
  ['an endless line', (peer) => peer.say(`* ${'x'.repeat(9_000_000)}`)],
])('IMAP: a server that says %s is left, and what was there comes later', async (_, answer) => {
  const box = { validity: 1, mails: [{ uid: 5, text: mailOf('one') }] }
  const answers: Record<string, typeof answer> = { 'UID FETCH': answer }
  const id = await fetchFrom('imap', imap(box, answers))
  expect(await fetching.run(id)).toMatchObject({ kind: 'failed', taken: 0 })
  delete answers['UID FETCH']
  expect(await fetching.run(id)).toMatchObject({ kind: 'collected', taken: 1 })
  expect(await subjects()).toEqual(['one'])
})

test('IMAP: messages that nobody asked for are not taken', async () => {
  const box = { validity: 1, mails: [{ uid: 5, text: mailOf('one') }] }
  const text = mailOf('five')
  const id = await fetchFrom(
    'imap',
    imap(box, {
      'UID FETCH': (peer, tag) =>
        peer.say(...[4, 5, 5, 900].flatMap((uid) => fetched(uid, text)), `${tag} OK`),
    }),
  )
  expect(await fetching.run(id)).toMatchObject({ kind: 'collected', taken: 1 })
  expect(await subjects()).toEqual(['five'])
})

test('clear text and private networks are for named networks alone', async () => {
  for (const [host, why] of [
    ['192.168.1.1', 'private network'],
    ['169.254.169.254', 'private network'],
    ['100.64.0.1', 'private network'],
    ['0.0.0.0', 'private network'],
    // These are 0.0.0.0 as well, and lead to this machine.
    ['::0', 'private network'],
    ['0:0:0:0:0:0:0:0', 'private network'],
    ['::ffff:0:0', 'private network'],
    ['nowhere.example', 'no server named'],
    ['mail.example.com', 'no server named'],
  ] as const) {
    const row = { user: address('ann@example.com'), protocol: 'imap' as const, host, port: 143 }
    const added = await auth.admin.add('fetch', { ...row, username: 'a', password: 'b' }, 'test')
    const id = added.kind === 'added' ? (added.id ?? 0) : 0
    expect([host, await fetching.check(id)]).toMatchObject([
      host,
      { kind: 'failed', text: expect.stringContaining(why) },
    ])
  }
})

test.each(['imap', 'pop3'] as const)(
  '%s: a stop waits for no server that never signs in',
  async (protocol) => {
    const asked = Promise.withResolvers<void>()
    const id = await fetchFrom(protocol, async (peer) => {
      peer.say(protocol === 'imap' ? '* OK [CAPABILITY IMAP4rev1] ready' : '+OK ready')
      await peer.line()
      asked.resolve()
      while ((await peer.line()) !== undefined);
    })
    const both = Promise.all([fetching.run(id), fetching.check(id)])
    await asked.promise
    await end()
    expect(await both).toMatchObject([
      { kind: 'failed', text: expect.stringContaining('is being stopped') },
      { kind: 'failed', text: expect.stringContaining('took too long') },
    ])
  },
)
