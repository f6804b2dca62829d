import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Ran, run, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { messagesOf, transport } from './support/mailbox.ts'

let server: TestServer
const folder = mkdtempSync(join(tmpdir(), 'homepost-pop3-'))
const certificate = () => join(server.dataDir, 'certs', 'self-signed.cert.pem')
let user = ''
let count = 0

beforeAll(async () => {
  await requireDebian('getmail6', 'fetchmail', 'curl', 'python3')
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  user = `user${++count}`
  await server.addUsers(user)
})

/** Dots at the start of lines, letters beyond ASCII, and an attachment that is sent in pieces. */
const awkward = `.\r\n..\r\n.x\r\nFrom here äöü 日本\r\n${'.'.repeat(900)}\r\n`

const send = (subject: string, attachmentOctets = 10) =>
  transport(server, 'plain').sendMail({
    from: 's@example.org',
    to: `${user}@example.test`,
    subject,
    text: awkward,
    attachments: [{ filename: 'a.dat', content: Buffer.alloc(attachmentOctets, 'attached') }],
  })

const sendThree = async () => {
  await send('one')
  await send('two', 3_000_000)
  await send('three')
}

const subjectsOf = (messages: readonly (Buffer | string)[]) =>
  messages.map((message) => /^Subject: (.*?)\r?$/m.exec(message.toString())?.[1] ?? '?')
const inbox = async () => subjectsOf(await messagesOf(server, user))
/** Clients keep mail with the line ends of their system. */
const body = (message: Buffer | string) =>
  message
    .toString('latin1')
    .replaceAll('\r\n', '\n')
    .replace(/^[\s\S]*?\n\n/, '')

describe('getmail', () => {
  function configure(options: string): string {
    const home = join(folder, `${user}.getmail`)
    mkdirSync(join(home, 'mail'), { recursive: true })
    writeFileSync(
      join(home, 'getmailrc'),
      `[retriever]
type = SimplePOP3SSLRetriever
server = localhost
port = ${server.ports.pop3s}
username = ${user}@example.test
password = pw
ca_certs = ${certificate()}

[destination]
# as root it delivers in no other way
type = MDA_external
path = /bin/sh
arguments = ("-c", "cat > $(mktemp ${home}/mail/XXXXXX)")
allow_root_commands = true
unixfrom = false

[options]
verbose = 2
${options}
`,
    )
    return home
  }

  const fetch = (home: string) =>
    run('getmail', ['--getmaildir', home, '--rcfile', 'getmailrc'], { timeoutMs: 20_000 })
  const fetched = (home: string) => {
    const mail = join(home, 'mail')
    return readdirSync(mail).map((name) => readFileSync(join(mail, name)))
  }

  test('takes what is new, and knows it again by its unique ids', async () => {
    await sendThree()
    const home = configure('read_all = false\ndelete = false\nreceived = false\ndelivered_to = false')
    expect(await fetch(home)).toMatchObject({ code: 0, stderr: '' })
    expect(subjectsOf(fetched(home)).sort()).toEqual(['one', 'three', 'two'])
    const here = await messagesOf(server, user)
    expect(fetched(home).map(body).sort()).toEqual(here.map(body).sort())
    await send('four')
    const again = await fetch(home)
    expect(again.stdout).toContain('1 messages')
    expect(subjectsOf(fetched(home)).sort()).toEqual(['four', 'one', 'three', 'two'])
    expect(await inbox()).toEqual(['one', 'two', 'three', 'four'])
  })

  test('removes what it has taken', async () => {
    await sendThree()
    expect(await fetch(configure('delete = true'))).toMatchObject({ code: 0, stderr: '' })
    expect(await inbox()).toEqual([])
  })
})

describe('fetchmail', () => {
  function configure(how: string, what: string): readonly string[] {
    const [rc, mail, ids] = ['rc', 'mbox', 'ids'].map((part) => join(folder, `${user}.fetchmail.${part}`))
    writeFileSync(
      rc ?? '',
      `set no bouncemail
poll localhost protocol pop3 ${how} uidl
  user "${user}@example.test" password "pw" sslcertck sslcertfile "${certificate()}"
  ${what}
  mda "cat >> ${mail}; echo ==END== >> ${mail}"
`,
      { mode: 0o600 },
    )
    return [rc ?? '', mail ?? '', ids ?? '']
  }

  const fetch = ([rc = '', , ids = '']: readonly string[]): Promise<Ran> =>
    run('fetchmail', ['-f', rc, '-i', ids, '--nodetach', '--nosyslog', '-v'])
  const fetched = ([, mail = '']: readonly string[]) =>
    readFileSync(mail).toString('latin1').split('==END==\n').slice(0, -1)

  test('takes what is new over TLS and leaves it, the next time nothing', async () => {
    await sendThree()
    const files = configure(`service ${server.ports.pop3s}`, 'ssl keep')
    const first = await fetch(files)
    expect([first.code, first.stderr.replace(/^fetchmail: WARNING: Running as root.*\n/, '')]).toEqual([
      0,
      '',
    ])
    expect(subjectsOf(fetched(files))).toEqual(['one', 'two', 'three'])
    const here = await messagesOf(server, user)
    expect(fetched(files).map(body)).toEqual(here.map(body))
    // 1: there was no mail
    expect((await fetch(files)).code).toBe(1)
    await send('four')
    expect((await fetch(files)).code).toBe(0)
    expect(subjectsOf(fetched(files))).toEqual(['one', 'two', 'three', 'four'])
  })

  test('starts TLS by STLS, takes all and removes it', async () => {
    await sendThree()
    const files = configure(`service ${server.ports.pop3}`, 'sslproto "auto" nokeep fetchall')
    const { code, stdout, stderr } = await fetch(files)
    expect(`${stdout}${stderr}`).toContain('STLS')
    expect(code).toBe(0)
    expect(subjectsOf(fetched(files))).toEqual(['one', 'two', 'three'])
    expect(await inbox()).toEqual([])
  })
})

describe('curl', () => {
  const curl = (path: string, ...more: string[]) =>
    run('curl', [
      '--silent',
      '--show-error',
      '--cacert',
      certificate(),
      '--user',
      `${user}@example.test:pw`,
      ...more,
      `pop3s://localhost:${server.ports.pop3s}/${path}`,
    ])

  test('lists, reads and removes', async () => {
    await sendThree()
    const here = await messagesOf(server, user)
    expect((await curl('')).stdout).toBe(here.map(({ length }, at) => `${at + 1} ${length}\r\n`).join(''))
    const [, second] = here
    const read = await curl('2')
    expect(read).toMatchObject({ code: 0, stderr: '' })
    expect(body(Buffer.from(read.stdout))).toBe(body(second ?? ''))
    expect((await curl('', '--request', 'UIDL')).stdout).toMatch(/^(?:\d [\da-f]{16}\r\n){3}$/)
    expect((await curl('1%200', '--request', 'TOP')).stdout).toMatch(/Subject: one\r\n/)
    expect(await curl('2', '--request', 'DELE', '--list-only')).toMatchObject({ code: 0 })
    expect(await inbox()).toEqual(['one', 'three'])
  })

  test.each(['PLAIN', 'LOGIN', '*'])('signs in by AUTH=%s, over TLS begun by STLS', async (mechanism) => {
    const url = `pop3://localhost:${server.ports.pop3}/`
    const options = [
      '--ssl-reqd',
      '--login-options',
      `AUTH=${mechanism}`,
      '--user',
      `${user}@example.test:pw`,
    ]
    const ran = await run('curl', ['--silent', '--show-error', '--cacert', certificate(), ...options, url])
    expect(ran).toMatchObject({ code: 0, stderr: '' })
  })
})

describe("Python's poplib", () => {
  const python = (script: string) =>
    run('/usr/bin/python3', ['-c', script], {
      env: {
        PATH: process.env['PATH'] ?? '',
        POP3: String(server.ports.pop3),
        POP3S: String(server.ports.pop3s),
        LOGIN: `${user}@example.test`,
        CERTIFICATE: certificate(),
      },
    })

  test('does all it can', async () => {
    await sendThree()
    const ran = await python(script)
    expect(ran.stderr).toBe('')
    expect(JSON.parse(ran.stdout)).toEqual({
      capabilities: expect.arrayContaining(['SASL', 'UIDL', 'UTF8', 'PIPELINING']),
      messages: 3,
      agree: true,
      subject: 'Subject: two',
      top: true,
      left: 2,
      inUse: true,
    })
    expect(await inbox()).toEqual(['one', 'three'])
  })

  const script = `
import json, os, poplib, ssl
poplib._MAXLINE = 20480
context = ssl.create_default_context(cafile=os.environ['CERTIFICATE'])
def connect():
    box = poplib.POP3_SSL('localhost', int(os.environ['POP3S']), context=context)
    box.user(os.environ['LOGIN'])
    return box
box = poplib.POP3('localhost', int(os.environ['POP3']))
box.stls(context)
capabilities = sorted(box.capa())
box.utf8()
box.user(os.environ['LOGIN'])
box.pass_('pw')
messages, octets = box.stat()
listed = [int(line.split()[1]) for line in box.list()[1]]
second = box.retr(2)
header = box.top(2, 0)
unique = [line.split()[1] for line in box.uidl()[1]]
box.dele(1)
box.rset()
box.noop()
in_use = False
other = connect()
try:
    other.pass_('pw')
except poplib.error_proto as error:
    in_use = b'[IN-USE]' in error.args[0]
box.dele(2)
box.quit()
again = connect()
again.pass_('pw')
left = again.stat()[0]
agree = sum(listed) == octets and second[2] == listed[1] and len(set(unique)) == 3
agree = agree and [line.split()[1] for line in again.uidl()[1]] == [unique[0], unique[2]]
again.quit()
print(json.dumps({
    'capabilities': capabilities, 'messages': messages, 'agree': agree,
    'subject': [line for line in second[1] if line.startswith(b'Subject')][0].decode(),
    'top': second[1][:len(header[1])] == header[1], 'left': left, 'inUse': in_use,
}))
`
})
