import { connect, isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { OldDoor, OldServer } from '../../../lib/old-server.ts'
import { Unusable } from './unusable.ts'

export interface TlsTerms extends Pick<OldServer, 'host' | 'certificate'> {
  /** Authorities to believe instead of the system's, PEM. */
  readonly authorities: readonly string[] | undefined
  /** Cuts the connection, whatever is under way. */
  readonly signal: AbortSignal
}

/** Half-closed connections are carried to the end, as the front does. */
export async function connectTo(host: string, door: OldDoor, terms: TlsTerms): Promise<Duplex> {
  const socket = connect({ host, port: door.port, allowHalfOpen: true, noDelay: true, keepAlive: true })
  const cut = () => socket.destroy()
  terms.signal.addEventListener('abort', cut, { once: true })
  await opened(socket, 'connect')
  return door.tls === 'implicit' ? await withTls(socket, terms) : socket
}

/** RFC 8314 §4.4: the password goes to nobody else, unless the administrator has said that the certificate is of no account. */
export async function withTls(
  socket: Duplex,
  { host, certificate, authorities }: TlsTerms,
): Promise<TLSSocket> {
  const stream = connectTls({
    socket,
    // RFC 6066 §3: an address is no name.
    ...(isIP(host) === 0 ? { servername: host } : { host }),
    ...(authorities && { ca: [...authorities] }),
    rejectUnauthorized: certificate === 'verified',
    minVersion: 'TLSv1.2',
  })
  await opened(stream, 'secureConnect')
  return stream
}

function opened(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      socket.destroy()
      reject(new Unusable(why))
    }
    const failed = (error: Error) => fail(error.message)
    const closed = () => fail('it closed the connection')
    socket
      // Whatever goes wrong later is seen by whoever reads: it must not be loud.
      .on('error', () => undefined)
      .once('error', failed)
      .once('close', closed)
      .once(event, () => {
        socket.off('error', failed).off('close', closed)
        resolve()
      })
  })
}
