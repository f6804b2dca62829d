import type { Socket } from 'node:net'
import type { Clock } from '../../../ports/runtime.ts'
import { alarm } from '../alarm.ts'
import { handshake } from '../handshake.ts'
import type { Challenges } from './challenges.ts'
import { mostHelloOctets, readClientHello } from './client-hello.ts'

interface AnswerMeans {
  readonly challenges: Pick<Challenges, 'certificateFor'>
  readonly clock: Clock
  readonly ms: number
}

/** RFC 8737 §4 */
const protocol = 'acme-tls/1'

/**
 * Reads a greeting before TLS does: only it tells that an authority asks, while everybody else keeps the usual certificate.
 * True where it was one, and has its answer; otherwise the socket is as it came.
 */
export async function answerChallenge(
  socket: Socket,
  { challenges, clock, ms }: AnswerMeans,
): Promise<boolean> {
  const greeting = await readGreeting(socket, clock, ms)
  const hello = readClientHello(greeting)
  if (greeting.length > 0) socket.unshift(greeting)
  if (typeof hello === 'string' || !hello.protocols.includes(protocol)) return false
  const context = challenges.certificateFor(hello.serverName)
  if (context === undefined) return false
  const tls = await handshake(socket, { context, contextFor: undefined, alpn: [protocol], clock, ms })
  tls.end() // nothing is said over it
  const silence = alarm(clock, ms, () => socket.destroy())
  socket.once('close', silence)
  tls.resume()
  return true
}

/** Whatever came until it is whole, or cannot be. */
function readGreeting(socket: Socket, clock: Clock, ms: number): Promise<Buffer> {
  return new Promise((resolve) => {
    let held: Buffer = Buffer.alloc(0)
    const settle = () => {
      silence()
      socket.off('readable', readSome).off('end', settle).off('close', settle)
      resolve(held)
    }
    const silence = alarm(clock, ms, settle)
    const readSome = () => {
      const chunk: Buffer | null = socket.read()
      if (chunk === null) return
      held = Buffer.concat([held, chunk])
      if (held.length > mostHelloOctets || readClientHello(held) !== 'more') settle()
    }
    socket.on('readable', readSome).once('end', settle).once('close', settle)
    readSome() // what a PROXY header left behind
  })
}
