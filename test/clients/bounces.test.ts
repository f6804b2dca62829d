import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { playing, scriptedServer } from '../support/scripted-server.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { requireDebian } from './support/debian.ts'
import { messagesOf, transport } from './support/mailbox.ts'
import { playNeomutt } from './support/neomutt.ts'

// What we write when something could not be delivered, mail programs take apart.

const folder = mkdtempSync(join(tmpdir(), 'homepost-bounces-'))
let server: TestServer

beforeAll(async () => {
  await requireDebian('neomutt', 'expect')
  server = await startServer()
  await server.addUsers('ann')
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function bounced(returned: 'full' | 'headers'): Promise<void> {
  const had = (await messagesOf(server, 'ann')).length
  const port = await scriptedServer(playing(['8BITMIME'], { RCPT: '550 5.1.1 Nobody of this name' }))
  await server.homepost(['relay', 'add', `${returned}.test`, '--target', `127.0.0.1:${port}`])
  await transport(server, 'submissions').sendMail({
    envelope: { from: 'ann@example.test', to: `x@${returned}.test` },
    raw: 'From: ann@example.test\r\nSubject: Gift\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n',
    dsn: { id: 'e1', return: returned, notify: 'failure', recipient: `x@${returned}.test` },
  })
  await expect.poll(async () => (await messagesOf(server, 'ann')).length, { timeout: 15_000 }).toBe(had + 1)
}

test.each([
  ['full', 'Grüße'],
  ['headers', 'Subject: Gift'],
] as const)('neomutt shows what a report says, with %s returned', async (returned, text) => {
  await bounced(returned)
  const [all, part] = [join(folder, `${returned}.all`), join(folder, `${returned}.part`)]
  const keys =
    `<last-entry><pipe-message>cat > ${all}<enter>` +
    `<view-attachments><next-entry><next-entry><pipe-entry>cat > ${part}<enter><exit><quit>`
  const { code, stdout } = await playNeomutt(server, { user: 'ann', folder, keys })
  expect(code, stdout).toBe(0)
  const shown = readFileSync(all, 'utf8')
  for (const line of [
    `Final-Recipient: rfc822; x@${returned}.test`,
    'Action: failed',
    'Status: 5.1.1',
    'Original-Envelope-Id: e1',
    'Nobody of this name',
  ])
    expect(shown).toContain(line)
  expect(readFileSync(part, 'utf8')).toContain(text)
})
