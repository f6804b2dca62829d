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

/** A number that can be added to all of `ports` without meeting a port in use. */
export async function freeOffset(ports: readonly number[]): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    // below the range that the kernel gives to clients
    const offset = 10_000 + Math.floor(Math.random() * 18_000)
    const free = await Promise.all(ports.map((port) => isFree(port + offset)))
    if (free.every(Boolean)) return offset
  }
  throw new Error('Found no free range of ports on 127.0.0.1')
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, host, () => resolve(true))
  })
  await closed(server)
  return free
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
