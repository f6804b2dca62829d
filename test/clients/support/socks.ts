import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A SOCKS 5 proxy (RFC 1928) by which a program finds our ports at names that DNS does not know. */
export interface Names {
  readonly port: number
  /** `host:port`, as they were asked for. */
  readonly asked: readonly string[]
  stop(): Promise<void>
}

/** `portOf` is where on this machine it leads; undefined: nobody is there. */
export async function startNames(portOf: (host: string, port: number) => number | undefined): Promise<Names> {
  const asked: string[] = []
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => open.delete(socket))
    void serve(socket, (host, port) => {
      asked.push(`${host}:${port}`)
      return portOf(host, port)
    }).catch(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

async function serve(socket: Socket, portOf: (host: string, port: number) => number | undefined) {
  const [, methods = 0] = await read(socket, 2)
  await read(socket, methods)
  socket.write(Buffer.from([5, 0]))
  const [, , , kind] = await read(socket, 4)
  const host = kind === 3 ? (await read(socket, (await read(socket, 1))[0] ?? 0)).toString() : ''
  if (kind !== 3) await read(socket, kind === 1 ? 4 : 16)
  const port = portOf(host, (await read(socket, 2)).readUInt16BE())
  const answer = (code: number) => socket.write(Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]))
  if (port === undefined) {
    answer(4)
    socket.end()
    return
  }
  const far = connect(port, '127.0.0.1', () => {
    answer(0)
    socket.pipe(far).pipe(socket)
  })
  far.on('error', () => socket.destroy())
  socket.on('close', () => far.destroy())
}

async function read(socket: Socket, octets: number): Promise<Buffer> {
  while (octets > 0) {
    const chunk = socket.read(octets) as Buffer | null
    if (chunk) return chunk
    if (socket.readableEnded) throw new Error('it ended early')
    await once(socket, 'readable')
  }
  return Buffer.alloc(0)
}
