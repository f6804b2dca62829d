import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import { SMTPServer } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { SmtpStage } from '../support/smtp-stage.ts'

// Two servers that do not share a line of code must see the same messages in the same octets.

interface Receiver {
  readonly port: number
  readonly received: () => readonly string[]
}

async function ours(): Promise<Receiver> {
  const stage = new SmtpStage({ limits: { chores: 1e9, messages: 1e9 } })
  onTestFinished(() => stage.end())
  const texts = () =>
    stage.intake.arrivals.map(({ message }) =>
      message.kind === 'inline' ? Buffer.from(message.bytes).toString('latin1') : '',
    )
  return { port: await stage.port('smtp'), received: texts }
}

async function theirs(): Promise<Receiver> {
  const messages: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        messages.push(Buffer.concat(chunks).toString('latin1'))
        done()
      })
    },
  })
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { port: (listening.address() as AddressInfo).port, received: () => messages }
}

/** Says `lines`, packet by packet, each after the answer to the one before. */
async function speakTo(port: number): Promise<(packet: string, answer: RegExp) => Promise<void>> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  onTestFinished(() => void socket.destroy())
  let heard = ''
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1')
  })
  const hear = async (answer: RegExp) => {
    while (!answer.test(heard)) await once(socket, 'data')
    heard = ''
  }
  await hear(/^220 .*\r\n$/)
  return async (packet, answer) => {
    socket.write(Buffer.from(packet, 'latin1'))
    await hear(answer)
  }
}

const body = fc
  .array(fc.constantFrom('.', '..', 'a', 'From x', '\r\n', '\r\n.', '\r\n..', '\r\n\r\n', '\xe4'), {
    maxLength: 30,
  })
  .map((parts) => `Subject: x\r\n\r\n${parts.join('')}\r\n`)

test('messages arrive as at smtp-server, octet by octet', async () => {
  const receivers = [await ours(), await theirs()]
  const speakers = await Promise.all(receivers.map(({ port }) => speakTo(port)))
  const sent: string[] = []
  await Promise.all(speakers.map((say) => say('EHLO client.example\r\n', /^250 /m)))
  await fc.assert(
    fc.asyncProperty(body, async (message) => {
      sent.push(message)
      const stuffed = `${message.replaceAll('\r\n.', '\r\n..')}.\r\n`
      for (const say of speakers) {
        await say('MAIL FROM:<a@example.org>\r\n', /^250 .*\r\n$/)
        await say('RCPT TO:<ann@home.test>\r\n', /^250 .*\r\n$/)
        await say('DATA\r\n', /^354 .*\r\n$/)
        await say(stuffed, /^250 .*\r\n$/)
      }
    }),
    { numRuns: 100, endOnFailure: true },
  )
  for (const { received } of receivers) expect(received()).toEqual(sent)
})
