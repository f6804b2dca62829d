import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/server.ts'

const passwords: Readonly<Record<string, string>> = {
  umlauts: 'pässwörd',
  far: '日本語 пароль 🐎',
  quotes: '"quo\\te"',
  blanks: ' in front and behind ',
  percent: '%20+&#{8}',
  long: 'x'.repeat(300),
}

let server: TestServer

beforeAll(async () => {
  server = await startServer()
  for (const [name, password] of Object.entries(passwords)) {
    const user = `${name}@example.test`
    const added = await server.homepost(['user', 'add', user, '--password-stdin'], `${password}\n`)
    expect(added.stderr).toBe('')
  }
}, 60_000)
afterAll(() => server.stop())

const base64 = (bytes: Buffer) => bytes.toString('base64')
const plain = (login: string, password: Buffer) =>
  base64(Buffer.concat([Buffer.from(`\0${login}\0`), password]))
const quoted = (bytes: Buffer) => `"${bytes.toString('latin1').replace(/["\\]/g, '\\$&')}"`

/** What a client says in each way to sign in; each line is sent after the answer to the one before. */
const ways: Readonly<Record<string, (login: string, password: Buffer) => readonly (string | Buffer)[]>> = {
  'IMAP LOGIN, literal': (login, password) => [
    Buffer.concat([Buffer.from(`a LOGIN ${login} {${password.length}+}\r\n`), password]),
  ],
  'IMAP LOGIN, quoted': (login, password) => [Buffer.from(`a LOGIN ${login} ${quoted(password)}`, 'latin1')],
  'IMAP AUTHENTICATE PLAIN': (login, password) => ['a AUTHENTICATE PLAIN', plain(login, password)],
  'IMAP AUTHENTICATE LOGIN': (login, password) => [
    'a AUTHENTICATE LOGIN',
    base64(Buffer.from(login)),
    base64(password),
  ],
  'SMTP AUTH PLAIN': (login, password) => ['EHLO client.example', `AUTH PLAIN ${plain(login, password)}`],
  'SMTP AUTH LOGIN': (login, password) => [
    'EHLO client.example',
    'AUTH LOGIN',
    base64(Buffer.from(login)),
    base64(password),
  ],
  'POP3 USER and PASS': (login, password) => [
    `USER ${login}`,
    Buffer.concat([Buffer.from('PASS '), password]),
  ],
  'POP3 AUTH PLAIN': (login, password) => [`AUTH PLAIN ${plain(login, password)}`],
  'POP3 AUTH LOGIN': (login, password) => ['AUTH LOGIN', base64(Buffer.from(login)), base64(password)],
}

const portOf = (way: string) => {
  const { imaps, pop3s, submissions } = server.ports
  if (way.startsWith('IMAP')) return imaps
  return way.startsWith('POP3') ? pop3s : submissions
}

/** The last line of the answer to the last thing said. */
async function say(way: string, lines: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: portOf(way), rejectUnauthorized: false })
  try {
    let answer = await answered(socket)
    for (const line of lines) {
      socket.write(Buffer.concat([Buffer.from(line), Buffer.from('\r\n')]))
      answer = await answered(socket)
    }
    return answer
  } finally {
    socket.destroy()
  }
}

/** Up to a line that ends an answer: tagged, a continuation, a last one of SMTP, or one of POP3. */
async function answered(socket: TLSSocket): Promise<string> {
  let text = ''
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    text += chunk.toString('latin1')
    const last = text.endsWith('\r\n') ? (text.trimEnd().split('\r\n').at(-1) ?? '') : ''
    if (/^(?:a |\+|-ERR|\* OK|\d{3} )/.test(last)) return last
  }
}

const rows = Object.keys(ways).flatMap((way) => Object.keys(passwords).map((name) => [way, name] as const))

test.each(rows)('%s takes the password of %s, and no other', async (way, name) => {
  const [login, password] = [`${name}@example.test`, Buffer.from(passwords[name] ?? '')]
  // RFC 9051 §4.3: eight bits in a quoted text need a client that has enabled UTF-8; this server reads them anyway.
  expect(await say(way, ways[way]?.(login, password) ?? [])).toMatch(/^(a OK|235|\+OK)/)
  const wrong = Buffer.concat([password.subarray(0, -1), Buffer.from('y')])
  expect(await say(way, ways[way]?.(login, wrong) ?? [])).toMatch(
    /^(a NO \[AUTHENTICATIONFAILED\]|535|-ERR \[AUTH\])/,
  )
})

test.each(Object.keys(ways))('%s takes a password as an old client sends it', async (way) => {
  const lines = ways[way]?.('umlauts@example.test', Buffer.from('pässwörd', 'latin1')) ?? []
  expect(await say(way, lines)).toMatch(/^(a OK|235|\+OK)/)
})

const half = ['IMAP AUTHENTICATE PLAIN', 'POP3 AUTH PLAIN', 'SMTP AUTH PLAIN']
const setMustChange = (to: string) =>
  server.homepost(['user', 'set', 'percent@example.test', '--must-change-password', to])

test('a password that has to be changed opens no mail program, and each is told so', async () => {
  expect(await setMustChange('true')).toMatchObject({ code: 0 })
  const password = Buffer.from(passwords['percent'] ?? '')
  const sayAll = (bytes: Buffer) =>
    Promise.all(half.map((way) => say(way, ways[way]?.('percent@example.test', bytes) ?? [])))
  expect(await sayAll(password)).toEqual([
    'a NO [EXPIRED] Choose a new password in your browser first',
    '-ERR [AUTH] Choose a new password in your browser first',
    '535 5.7.8 Choose a new password in your browser first',
  ])
  // Whoever guesses learns nothing.
  for (const answer of await sayAll(Buffer.from('wrong'))) expect(answer).not.toContain('new password')
  expect(await setMustChange('false')).toMatchObject({ code: 0 })
  for (const answer of await sayAll(password)) expect(answer).toMatch(/^(a OK|235|\+OK)/)
})
