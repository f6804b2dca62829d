import { connect } from 'node:net'
import { createTransport } from 'nodemailer'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../support/server.ts'

/** Says these one after the other, each when the one before was answered; what the last was answered. */
async function say(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  let last = ''
  const left = [...lines]
  for await (const heard of socket) {
    last = String(heard)
    const next = left.shift()
    if (next === undefined) break
    socket.write(next)
  }
  socket.destroy()
  return last
}

const letter = (rest: string): string[] => [
  'EHLO far.test\r\n',
  'MAIL FROM:<joe@far.test>\r\n',
  'RCPT TO:<ann@example.test>\r\n',
  'DATA\r\n',
  `From: joe@far.test\r\nSubject: s\r\n${rest}\r\n.\r\n`,
]
/** Each look starts a program. */
const patiently = { timeout: 20_000 }
const hops = 'Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\n'.repeat(200)

test('what was refused after the recipient was taken leaves a trace, and not too many', async () => {
  const env = { TLS_FLAVOR: 'notls', MESSAGE_SIZE_LIMIT: '20000', GREYLISTING: 'false' }
  const server = await startServer({ env })
  onTestFinished(async () => void (await server.stop()))
  await server.addUsers('ann')
  const { smtp } = server.ports
  expect(await say(smtp, letter('\r\nbare\nline'))).toMatch(/^5\d\d /)
  expect(await say(smtp, letter(`\r\n${'large '.repeat(10_000)}`))).toMatch(/^552 /)
  expect(await say(smtp, letter(`${hops}\r\nround`))).toMatch(/^5\d\d /)
  const trace = async () => (await server.homepost(['trace', 'ann@example.test', '--last', '100'])).stdout
  await expect.poll(async () => (await trace()).match(/ refused: 5\d\d /g)?.length, patiently).toBe(3)
  expect(await trace()).toContain('from joe@far.test to ann@example.test')
  for (let n = 0; n < 30; n++) await say(smtp, letter('\r\nbare\nline'))
  await expect.poll(async () => (await trace()).match(/ refused: 5\d\d /g)?.length, patiently).toBe(20)

  const arriving = createTransport({ host: '127.0.0.1', port: smtp, ignoreTLS: true })
  const [messageId, subject] = ['<known@far.test>', 'A letter \u001b[31m']
  await arriving.sendMail({
    from: 'joe@far.test',
    to: 'ann@example.test',
    messageId,
    subject,
    text: 'Hello.',
  })
  await expect.poll(trace, patiently).toContain('delivered here')
  const { stdout } = await server.homepost(['trace', messageId])
  expect(stdout).toMatch(/judged: .*points[\s\S]*delivered here/)
  expect(stdout).not.toContain('\u001b')
}, 90_000)

test('what waits is found by its number in the queue, with why', async () => {
  const server = await startServer({ env: { TLS_FLAVOR: 'notls' } })
  onTestFinished(async () => void (await server.stop()))
  await server.addUsers('ann')
  const auth = { user: 'ann@example.test', pass: 'pw' }
  const submission = createTransport({
    host: '127.0.0.1',
    port: server.ports.submission,
    ignoreTLS: true,
    auth,
  })
  await submission.sendMail({ from: auth.user, to: 'rita@far.test', subject: 'Far', text: 'Hi.' })
  await expect
    .poll(async () => (await server.homepost(['trace', '1'])).stdout, patiently)
    .toMatch(/to rita@far\.test[\s\S]*waits in the queue[\s\S]*in the queue as 1, /)
  const nothing = await server.homepost(['trace', '<nothing@far.test>'])
  expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('Nothing is known')])
}, 60_000)
