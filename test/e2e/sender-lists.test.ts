import { afterAll, beforeAll, expect, test } from 'vitest'
import { imapClient, transport } from '../clients/support/mailbox.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
  await server.addUsers('ann', 'bob')
})
afterAll(() => server.stop())

const sent = (from: string, to: readonly string[]) =>
  transport(server, 'plain').sendMail({
    from,
    to: [...to],
    subject: `From ${from}`,
    text: 'Shall we have lunch?',
  })

async function subjectsIn(user: string, folder: string): Promise<string[]> {
  const client = await imapClient(server, user)
  const lock = await client.getMailboxLock(folder)
  const subjects: string[] = []
  for await (const { envelope } of client.fetch('1:*', { envelope: true }))
    subjects.push(envelope?.subject ?? '')
  lock.release()
  await client.logout()
  return subjects
}

test('whom somebody does not want goes into Junk for him, and into INBOX for others', async () => {
  const added = await server.homepost([
    'sender',
    'set',
    'shop.example',
    'unwanted',
    '--user',
    'ann@example.test',
  ])
  expect(added).toMatchObject({ code: 0, stdout: 'shop.example is never wanted.\n' })
  await sent('news@mail.shop.example', ['ann@example.test', 'bob@example.test'])
  expect(await subjectsIn('ann', 'Junk')).toEqual(['From news@mail.shop.example'])
  expect(await subjectsIn('bob', 'INBOX')).toEqual(['From news@mail.shop.example'])
  expect((await server.homepost(['sender', 'list', '--user', 'ann@example.test'])).stdout).toBe(
    'unwanted shop.example\n',
  )
})

test('whom the administrator does not want is refused, until he is taken off the list', async () => {
  await server.homepost(['sender', 'set', 'eve@far.example', 'unwanted'])
  await expect(sent('Eve@far.example', ['bob@example.test'])).rejects.toMatchObject({
    responseCode: 550,
    message: expect.stringContaining('Mail from this sender is not accepted here') as string,
  })
  expect((await server.homepost(['sender', 'delete', 'eve@far.example'])).code).toBe(0)
  expect((await server.homepost(['sender', 'delete', 'eve@far.example'])).code).toBe(1)
  await sent('eve@far.example', ['bob@example.test'])
  expect(await subjectsIn('bob', 'INBOX')).toContain('From eve@far.example')
})
