import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, startServer, type TestServer } from '../support/server.ts'
import { imapClient, messagesOf, transport } from './support/mailbox.ts'

const disk = mkdtempSync(join(tmpdir(), 'homepost-small-'))
let server: TestServer

beforeAll(async () => {
  const { code, stderr } = await run('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', disk])
  if (code !== 0) throw new Error(`this suite mounts a small tmpfs and must run as root: ${stderr}`)
  server = await startServer({ dataDir: join(disk, 'data') })
  await server.addUsers('ann')
})
afterAll(async () => {
  await server.stop()
  await run('umount', ['-l', disk])
  rmSync(disk, { recursive: true, force: true })
})

const send = (subject: string, bytes = 1_000_000) =>
  transport(server, 'plain').sendMail({
    from: 's@example.org',
    to: 'ann@example.test',
    subject,
    text: 'x'
      .repeat(76)
      .concat('\n')
      .repeat(bytes / 77),
  })

test('a full disk refuses new mail with 4xx, keeps reading mail, and goes on when there is room', async () => {
  const ballast = join(disk, 'ballast')
  const reserve = join(disk, 'reserve')
  writeFileSync(reserve, Buffer.alloc(8_000_000))
  let accepted = 0
  const untilRefused = async (bytes: number) => {
    for (let count = 0; count < 100; count++) {
      const refusal = await send(`message ${count}`, bytes).then(
        () => accepted++,
        (error: Error) => error,
      )
      if (refusal instanceof Error) return refusal.message
    }
    return 'none was refused'
  }
  expect(await untilRefused(1_000_000)).toMatch(/4[35][12] 4\.3\.1/)
  expect(accepted).toBeGreaterThan(3)
  // Fill what is left. What the write-ahead log has already is room for some more, small ones.
  await run('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M', 'count=64'])
  expect(await untilRefused(100_000)).toMatch(/4[35][12] 4\.3\.1/)

  expect((await messagesOf(server, 'ann')).length).toBe(accepted)
  const imap = await imapClient(server, 'ann')
  await expect(imap.append('INBOX', Buffer.from('Subject: no room\r\n\r\nx\r\n'))).rejects.toThrow()
  await imap.logout()
  expect(server.output()).toMatch(/disk/i)

  rmSync(ballast)
  rmSync(reserve)
  const client = await imapClient(server, 'ann')
  const lock = await client.getMailboxLock('INBOX')
  await client.messageDelete('1:*')
  lock.release()
  await client.logout()
  await send('after', 3_000)
  expect((await messagesOf(server, 'ann')).length).toBe(1)
  expect((await server.homepost(['store', 'verify'])).code).toBe(0)
})
