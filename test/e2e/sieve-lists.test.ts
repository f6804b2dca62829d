import { createTransport } from 'nodemailer'
import { expect, onTestFinished, test } from 'vitest'
import { imapClient, raw, subjectsIn } from '../support/imap-flow.ts'
import { startServer } from '../support/server.ts'

const soon = { timeout: 20_000, interval: 100 }

test('rules know whom their owner has written to, and the lists that he keeps', async () => {
  const server = await startServer()
  onTestFinished(async () => void (await server.stop()))
  await server.addUsers('ann', 'bob', 'cem', 'dan')
  const put = await server.homepost(
    ['sieve', 'put', 'ann@example.test', 'main', '-'],
    `require ["extlists", "fileinto", "mailbox", "copy", "envelope"];
     if not valid_ext_list "urn:ietf:params:sieve:addrbook:TEAM" { keep; stop; }
     if envelope :list "from" ":addrbook:default" { fileinto :create "Known"; }
     elsif header :is "subject" "To all" { redirect :list ":addrbook:team"; }`,
  )
  expect(put.code).toBe(0)
  expect((await server.homepost(['sieve', 'activate', 'ann@example.test', 'main'])).code).toBe(0)
  const ann = await imapClient(server, 'ann')
  const team = ['sieve', 'people', 'set', 'ann@example.test', 'Team', '-']
  expect((await server.homepost(team, 'bob@example.test\nno address\n')).code).toBe(1)
  expect((await server.homepost(team, 'bob@example.test\ncem@example.test\n')).code).toBe(0)
  const { stdout: lists } = await server.homepost(['sieve', 'people', 'list', 'ann@example.test', '--json'])
  expect(JSON.parse(lists)).toEqual([{ name: 'team', people: ['bob@example.test', 'cem@example.test'] }])
  await raw(ann, 'SETMETADATA', '', {
    '/private/addrbook/default': 'dan@example.test',
  })
  const send = (from: string, to: string, subject: string) =>
    createTransport({
      host: '127.0.0.1',
      port: server.ports.submissions,
      secure: true,
      tls: { rejectUnauthorized: false },
      auth: { user: `${from}@example.test`, pass: 'pw' },
    }).sendMail({ from: `${from}@example.test`, to: `${to}@example.test`, subject, text: 'Hello' })

  await send('bob', 'ann', 'A stranger')
  await send('ann', 'bob', 'Hello Bob')
  await send('bob', 'ann', 'An answer')
  await send('dan', 'ann', 'A friend')
  await send('cem', 'ann', 'To all')
  await expect.poll(() => subjectsIn(ann, 'Known'), soon).toEqual(['An answer', 'A friend'])
  expect(await subjectsIn(ann, 'INBOX')).toEqual(['A stranger'])
  for (const name of ['bob', 'cem']) {
    const client = await imapClient(server, name)
    await expect.poll(() => subjectsIn(client, 'INBOX'), soon).toContain('To all')
  }
}, 60_000)
