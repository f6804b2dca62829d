import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

interface SocketApp {
  readonly port: number
  /** What was asked for, and with which fields. */
  readonly asked: { readonly url: string; readonly headers: IncomingHttpHeaders }[]
  readonly open: ReadonlySet<Duplex>
  end(): void
}

/** An application that speaks WebSocket and sends every short text back; at `/no` it does not want to. RFC 6455 §4.2, §5.2 */
export async function startSocketApp(): Promise<SocketApp> {
  const asked: SocketApp['asked'] = []
  const open = new Set<Duplex>()
  const server = createServer((_request, response) => response.end('a page'))
  server.on('upgrade', (request, socket: Duplex) => {
    asked.push({ url: request.url ?? '', headers: request.headers })
    socket.on('error', () => undefined)
    if (request.url?.endsWith('/no'))
      return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64')
    const fields = [`Sec-WebSocket-Accept: ${accept}`, 'Set-Cookie: __Host-session=stolen', 'X-Between: 1']
    const hello = Buffer.concat([Buffer.from([0x81, 5]), Buffer.from('hello')])
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', ...fields]
    socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), hello]))
    socket.on('data', (frame: Buffer) => {
      socket.write(echoed(frame))
      // RFC 6455 §5.5.1, §7.1.1
      if (((frame[0] ?? 0) & 0xf) === 8) socket.end()
    })
    socket.once('end', () => socket.end())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    open,
    end: () => {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}

/** One frame of less than 126 octets, masked by its client. */
function echoed(frame: Buffer): Buffer {
  const length = (frame[1] ?? 0) & 0x7f
  const mask = frame.subarray(2, 6)
  const text = frame.subarray(6, 6 + length).map((octet, at) => octet ^ (mask[at % 4] ?? 0))
  return Buffer.concat([Buffer.from([frame[0] ?? 0, length]), text])
}
