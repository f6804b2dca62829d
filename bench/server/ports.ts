import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export const host = '127.0.0.1'

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, host))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  await Promise.all(servers.map(closed))
  return ports
}

const closed = (server: ReturnType<typeof createServer>): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()))

/** Resolves when every port accepts a connection; rejects when one still does not at the deadline. */
export async function accepting(
  ports: readonly number[],
  patienceMs: number,
  alive: () => boolean,
): Promise<void> {
  const giveUpAt = performance.now() + patienceMs
  for (const port of ports) {
    while (!(await accepts(port))) {
      if (!alive()) throw new Error('The server ended before it listened')
      if (performance.now() > giveUpAt) throw new Error(`Port ${port} does not accept connections`)
      await pause(4)
    }
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ host, port })
  const open = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  })
  socket.destroy()
  return open
}
