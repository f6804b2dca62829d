import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import type { TlsFacts } from '../../ports/connection.ts'
import type { Clock } from '../../ports/runtime.ts'
import { alarm } from './alarm.ts'

interface HandshakeOptions {
  readonly context: SecureContext
  /** For a client that names whom it wants; undefined where all get the same. RFC 6066 §3. */
  readonly contextFor: ((serverName: string) => SecureContext) | undefined
  /** RFC 7301; without it a client's own list is ignored. */
  readonly alpn: readonly string[] | undefined
  readonly clock: Clock
  readonly ms: number
}

/** Takes the server's side of a handshake. Rejects, with the socket destroyed, when it fails, ends or takes too long. */
export function handshake(
  socket: Socket,
  { context, contextFor, alpn, clock, ms }: HandshakeOptions,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const tls = new TLSSocket(socket, {
      isServer: true,
      secureContext: context,
      ...(contextFor && { SNICallback: (name, done) => done(null, contextFor(name)) }),
      ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
    })
    const fail = (cause: Error) => {
      silence()
      tls.destroy()
      socket.destroy()
      reject(cause)
    }
    const closed = () => fail(new Error('the client left during the TLS handshake'))
    const silence = alarm(clock, ms, () => fail(new Error('the TLS handshake took too long')))
    // `_tlsError` is how a server's socket tells a handshake that failed; `error` what happens after it
    tls.once('_tlsError', fail).once('close', closed).on('error', fail)
    tls.once('secure', () => {
      silence()
      tls.off('_tlsError', fail).off('close', closed).off('error', fail).on('error', ignore)
      // As Node's own TLS server says it: HTTP/2 waits for this.
      resolve(Object.assign(tls, { secureConnecting: false }))
    })
  })
}

export function factsOf(tls: TLSSocket): TlsFacts {
  const { servername } = tls as { servername?: unknown }
  return {
    protocol: tls.getProtocol() ?? 'unknown',
    cipher: tls.getCipher().standardName,
    serverName: typeof servername === 'string' && servername !== '' ? servername : undefined,
  }
}

/** A socket that breaks is seen as closed; without a listener its error would end the process. */
export function ignore(): void {
  // the close that follows is what everybody listens to
}
