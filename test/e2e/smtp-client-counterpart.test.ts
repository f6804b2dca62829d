import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { SMTPServer } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { standardTimes } from '../../src/modules/smtp/client/settings.ts'
import { sendLetter } from '../../src/modules/smtp/client/transaction.ts'
import { letter, ready } from '../support/smtp-client.ts'

// Our client and a server that does not share a line of code with it.

async function theirs(): Promise<{ port: number; messages: string[] }> {
  const messages: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH'],
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
  server.on('error', () => undefined)
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { port: (listening.address() as AddressInfo).port, messages }
}

const message = fc
  .array(fc.constantFrom('.', '..', 'a', 'From x', '\r\n', '\r\n.', '\r\n..', '\r\n\r\n', '\xe4'), {
    maxLength: 30,
  })
  .map((parts) => `Subject: x\r\n\r\n${parts.join('')}\r\n`)

test('messages arrive at smtp-server octet by octet, over TLS and one connection', async () => {
  const { port, messages } = await theirs()
  const session = await ready(port, { tls: { kind: 'encrypt' } })
  const sent: string[] = []
  await fc.assert(
    fc.asyncProperty(message, async (text) => {
      sent.push(text)
      const { outcomes, reusable } = await sendLetter(session, letter({}, text), standardTimes)
      expect([outcomes.map(({ kind }) => kind), reusable]).toEqual([['done'], true])
    }),
    { numRuns: 100, endOnFailure: true },
  )
  expect(messages).toEqual(sent)
})
