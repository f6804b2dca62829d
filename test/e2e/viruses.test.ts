import { afterAll, beforeAll, expect, test } from 'vitest'
import { messagesOf, transport } from '../clients/support/mailbox.ts'
import { type ClamdSpeaker, eicar, startClamdSpeaker } from '../support/clamd.ts'
import { docxOf } from '../support/documents.ts'
import { alertingSylk, stompedDoc } from '../support/macro-documents.ts'
import { startServer, type TestServer } from '../support/server.ts'

let clamd: ClamdSpeaker
let server: TestServer

beforeAll(async () => {
  clamd = await startClamdSpeaker()
  server = await startServer({
    env: { ANTIVIRUS: 'clamav', ANTIVIRUS_ADDRESS: `127.0.0.1:${clamd.port}` },
  })
  await server.addUsers('ann')
})
afterAll(async () => {
  await server.stop()
  await clamd.stop()
})

const sendFile = (how: 'plain' | 'submission', filename: string, content: string | Buffer) =>
  transport(server, how).sendMail({
    from: how === 'plain' ? 'shop@example.org' : 'ann@example.test',
    to: 'ann@example.test',
    subject: filename,
    text: 'See the file.',
    attachments: [{ filename, content }],
  })

const send = (how: 'plain' | 'submission', content: string, on = server) =>
  transport(on, how).sendMail({
    from: how === 'plain' ? 'shop@example.org' : 'ann@example.test',
    to: 'ann@example.test',
    subject: how,
    text: 'See the file.',
    headers: { 'X-Virus': 'none, believe me' },
    attachments: [{ filename: 'eicar.com.txt', content }],
  })

test.each(['plain', 'submission'] as const)('a virus is refused with its name: %s', async (how) => {
  await expect(send(how, eicar)).rejects.toThrow(
    '550 5.7.1 Message refused: the attachment "eicar.com.txt" contains a virus (Eicar-Test-Signature)',
  )
})

test.each(['plain', 'submission'] as const)('dangerous macros are refused: %s', async (how) => {
  await expect(sendFile(how, 'stomped.doc', stompedDoc())).rejects.toThrow(
    /550 5\.7\.1 Message refused: the attachment "stomped\.doc" contains a dangerous macro \(its source hides/,
  )
  await expect(sendFile(how, 'alert.slk', alertingSylk())).rejects.toThrow(/\(starts by itself: Auto_open\)/)
  await sendFile(how, 'letter.docx', docxOf('Shell, AutoOpen, and other words'))
})

test('what is clean arrives, without a mark that a stranger has put on it', async () => {
  await send('plain', 'a clean file')
  const last = (await messagesOf(server, 'ann')).at(-1)?.toString() ?? ''
  expect(last).toContain('Subject: plain')
  expect(last).not.toMatch(/^X-Virus/m)
})

test('while clamd is away senders are asked to come back, and then it goes in', async () => {
  await clamd.stop()
  for (const how of ['plain', 'submission'] as const)
    await expect(send(how, `away ${how}`)).rejects.toThrow('451 4.7.1')
  clamd = await startClamdSpeaker({ port: clamd.port })
  for (const how of ['plain', 'submission'] as const) await send(how, `away ${how}`)
})

test('where it is so configured, mail passes with a mark', { timeout: 60_000 }, async () => {
  const lenient = await startServer({
    env: {
      ANTIVIRUS: 'clamav',
      ANTIVIRUS_ADDRESS: `127.0.0.1:${clamd.port}`,
      ANTIVIRUS_ACTION: 'mark',
      ANTIVIRUS_FAILED: 'mark',
      ANTISPAM: 'none',
    },
  })
  try {
    await lenient.addUsers('ann')
    await send('plain', eicar, lenient)
    await clamd.stop()
    await send('plain', 'nobody has looked', lenient)
    const [virus = '', unseen = ''] = (await messagesOf(lenient, 'ann')).map(String)
    expect(virus.match(/^X-Virus.*$/gm)).toEqual(['X-Virus: Eicar-Test-Signature'])
    expect(unseen.match(/^X-Virus.*$/gm)).toEqual(['X-Virus-Status: not scanned'])
  } finally {
    await lenient.stop()
    clamd = await startClamdSpeaker({ port: clamd.port })
  }
})
