import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../platform/clock.ts'
import { handshake } from '../handshake.ts'
import { makeSelfSigned } from '../self-signed.ts'
import { answerChallenge } from './answer-challenge.ts'

/** What a client is shown at a port where a proof for mail.test is awaited. */
async function shown(servername: string, ALPNProtocols: string[]) {
  const [usual, proof] = await Promise.all(
    ['usual.test', 'proof.test'].map(async (name) => {
      const { certificate, key } = await makeSelfSigned([name], Date.now())
      return createSecureContext({ cert: certificate, key })
    }),
  )
  const means = { clock: systemClock, ms: 10_000 }
  const challenges = { certificateFor: (name?: string) => (name === 'mail.test' ? proof : undefined) }
  const answer = async (socket: Socket) => {
    if (usual === undefined || (await answerChallenge(socket, { challenges, ...means }))) return
    await handshake(socket, { context: usual, contextFor: undefined, alpn: ['http/1.1'], ...means })
  }
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    answer(socket).catch(() => undefined) // the client has seen enough, and leaves
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  const tls = connectTls({ port, host: '127.0.0.1', servername, ALPNProtocols, rejectUnauthorized: false })
  onTestFinished(() => void tls.destroy())
  await once(tls, 'secureConnect')
  return { tls, subject: tls.getPeerX509Certificate()?.subject, protocol: tls.alpnProtocol }
}

test('an authority that asks is shown the proof, and the connection ends', async () => {
  const { tls, subject, protocol } = await shown('mail.test', ['acme-tls/1'])
  expect({ subject, protocol }).toEqual({ subject: 'CN=proof.test', protocol: 'acme-tls/1' })
  tls.resume()
  await once(tls, 'end')
})

test('everybody else is shown the usual certificate meanwhile', async () => {
  const { subject, protocol } = await shown('mail.test', ['h2', 'http/1.1'])
  expect({ subject, protocol }).toEqual({ subject: 'CN=usual.test', protocol: 'http/1.1' })
})
