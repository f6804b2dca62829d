import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

export type SmtpSink = {
  readonly port: number
  /** How many messages it has taken. */
  readonly taken: () => number
  /** How many of them bore a signature (DKIM). */
  readonly signed: () => number
  readonly close: () => Promise<void>
}

/** A server that takes everything and keeps nothing, at little cost; PIPELINING, one reply per command. */
export async function startSink(): Promise<SmtpSink> {
  let taken = 0
  let signed = 0
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.write('220 sink.test ESMTP\r\n')
    serve(socket, (isSigned) => {
      taken += 1
      if (isSigned) signed += 1
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    taken: () => taken,
    signed: () => signed,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const end = '\r\n.\r\n'
const signature = 'DKIM-Signature:'

function serve(socket: Socket, take: (isSigned: boolean) => void): void {
  let text = ''
  let inData = false
  let isSigned = false
  /** One command or message, if it is there. */
  const step = (): boolean => {
    const ending = inData ? end : '\r\n'
    const at = text.indexOf(ending)
    if (at < 0) return false
    const word = text.slice(0, 4).toUpperCase()
    if (inData) take(isSigned || text.lastIndexOf(signature, at) >= 0)
    isSigned = false
    text = text.slice(at + ending.length)
    socket.write(inData ? '250 2.0.0 Ok\r\n' : replyTo(word))
    inData = !inData && word === 'DATA'
    return true
  }
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    while (step());
    if (!inData) return
    // nobody asks for what else was in the message
    isSigned ||= text.includes(signature)
    text = text.slice(-signature.length)
  })
}

function replyTo(word: string): string {
  if (word === 'EHLO') return '250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 0\r\n'
  if (word === 'DATA') return '354 Go\r\n'
  return word === 'QUIT' ? '221 Bye\r\n' : '250 2.1.0 Ok\r\n'
}
