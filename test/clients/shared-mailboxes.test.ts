import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run, startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { imapClient, transport } from './support/mailbox.ts'

// One shares a folder with a client that knows ACL, and other clients of somebody else find it, read it and write into it.
let server: TestServer
const shared = 'Other Users/bob@example.test/Projects'

beforeAll(async () => {
  await requireDebian('curl', 'python3')
  server = await startServer()
  await server.addUsers('ann', 'bob')
  await transport(server, 'plain').sendMail({
    from: 's@example.org',
    to: 'bob@example.test',
    subject: 'The plan',
    text: 'Let us.',
  })
})
afterAll(async () => {
  await server.stop()
})

async function python(script: string): Promise<unknown> {
  const { stdout, stderr } = await run('/usr/bin/python3', ['-c', `${prelude}${script}`], {
    env: { PATH: process.env['PATH'] ?? '', IMAPS: String(server.ports.imaps) },
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

const prelude = `
import imaplib, json, os, ssl
def client(who):
    box = imaplib.IMAP4_SSL('localhost', int(os.environ['IMAPS']), ssl_context=ssl._create_unverified_context())
    box.login(who + '@example.test', 'pw')
    return box
`

describe('a folder that is shared', () => {
  test('Python’s imaplib shares it, and sees with whom', async () => {
    const said = await python(`
bob = client('bob')
bob.select()
print(json.dumps([
    bob.create('Projects')[0],
    bob.copy('1', 'Projects')[0],
    bob.setacl('Projects', 'ann@example.test', 'lrsi')[0],
    bob.getacl('Projects')[1][0].decode(),
    bob.myrights('Projects')[1][0].decode(),
    bob.namespace()[1][0].decode(),
]))
bob.logout()
`)
    expect(said).toEqual([
      'OK',
      'OK',
      'OK',
      '"Projects" bob@example.test lrswipkxteacd ann@example.test lrsi',
      '"Projects" lrswipkxteacd',
      '(("" "/")) (("Other Users/" "/")) NIL',
    ])
  })

  test('imapflow lists it, reads it, marks it, and does not delete', async () => {
    const ann = await imapClient(server, 'ann')
    const found = (await ann.list()).find(({ path }) => path === shared)
    expect(found).toMatchObject({ name: 'Projects', parentPath: 'Other Users/bob@example.test' })
    const opened = await ann.mailboxOpen(shared)
    expect(opened).toMatchObject({ exists: 1, readOnly: false })
    expect([...(opened.permanentFlags ?? [])]).toEqual(['\\Seen'])
    const message = await ann.fetchOne('1', { envelope: true })
    expect(message ? message.envelope?.subject : undefined).toBe('The plan')
    expect(await ann.messageFlagsAdd('1', ['\\Seen'])).toBe(true)
    expect(await ann.messageDelete('1')).toBe(false)
    expect(await ann.append(shared, 'Subject: From ann\r\n\r\nHi.\r\n', ['\\Flagged'])).toMatchObject({
      uid: 2,
    })
    expect(await ann.status(shared, { messages: true })).toMatchObject({ messages: 2 })
    await ann.logout()
  })

  test('two imapflows hear of each other while they wait', async () => {
    const [ann, bob] = await Promise.all([imapClient(server, 'ann'), imapClient(server, 'bob')])
    await ann.mailboxOpen(shared)
    await bob.mailboxOpen('Projects')
    const heard = new Promise((resolve) => ann.once('flags', resolve))
    const waiting = ann.idle()
    await bob.messageFlagsAdd('1', ['\\Answered'])
    expect(await heard).toMatchObject({ path: shared, seq: 1 })
    await bob.logout()
    await ann.logout()
    await waiting
  })

  test('curl reads a message out of it, and finds nothing that is not shared', async () => {
    const curl = (path: string) =>
      run('curl', [
        '--silent',
        '--insecure',
        '--user',
        'ann@example.test:pw',
        `imaps://localhost:${server.ports.imaps}/${path}`,
      ])
    const { stdout } = await curl(`${encodeURIComponent(shared)};UID=1`)
    expect(stdout).toContain('Subject: The plan')
    expect((await curl(`${encodeURIComponent('Other Users/bob@example.test/Sent')};UID=1`)).code).not.toBe(0)
  })

  test('when it is shared no more, it is gone', async () => {
    const ended = await server.homepost([
      'share',
      'delete',
      'bob@example.test',
      'Projects',
      'ann@example.test',
    ])
    expect(ended.code).toBe(0)
    const ann = await imapClient(server, 'ann')
    expect((await ann.list()).map(({ path }) => path).filter((path) => path.startsWith('Other'))).toEqual([])
    await ann.logout()
  })
})
