import { once } from 'node:events'
import { connect, Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../platform/clock.ts'
import { createLog } from '../../platform/log.ts'
import { Listener } from './listener.ts'

async function listening() {
  const lines: string[] = []
  const log = createLog({ level: 'info', pretty: false, out: { write: (line) => void lines.push(line) } })
  let wake: () => void = () => undefined
  const clock = {
    ...systemClock,
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        wake = resolve
        signal?.addEventListener('abort', () => resolve(), { once: true })
      }),
  }
  const settings = { name: 'smtp', host: '127.0.0.1', port: 0, tls: 'none', proxyProtocol: false } as const
  const listener = new Listener({ settings, clock, log, accept: (socket) => socket.end('hello') })
  await listener.open()
  onTestFinished(() => listener.close())
  const events = () => lines.map((line) => String((JSON.parse(line) as { event: unknown }).event))
  return { listener, events, wake: () => wake() }
}

/** The kernel refuses a descriptor at no one's command: the server is told as Node would tell it. */
function runOutOfDescriptors(port: number): Server {
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles: () => unknown[] }
  const server = handles().find((one): one is Server => one instanceof Server && isOn(one, port))
  if (server === undefined) throw new Error('no server on this port')
  server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE', syscall: 'accept' }))
  return server
}

const isOn = (server: Server, port: number) => {
  const address = server.address()
  return typeof address === 'object' && address?.port === port
}

async function knock(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return chunk.toString()
}

test('without descriptors it stops listening, and listens again on the same port after a pause', async () => {
  const { listener, events, wake } = await listening()
  const { port } = listener
  const server = runOutOfDescriptors(port)
  await expect(knock(port)).rejects.toThrow('ECONNREFUSED')
  expect(events()).toEqual(['listener.paused'])
  const resumed = once(server, 'listening')
  wake()
  await resumed
  expect(await knock(port)).toBe('hello')
  expect(events()).toEqual(['listener.paused', 'listener.resumed'])
})

test('closed during the pause it stays closed', async () => {
  const { listener, events } = await listening()
  const server = runOutOfDescriptors(listener.port)
  listener.close()
  await new Promise(setImmediate)
  expect(server.listening).toBe(false)
  expect(events()).toEqual(['listener.paused'])
})
