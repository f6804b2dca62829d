import { once } from 'node:events'
import type { TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { WebHandler } from '../../src/ports/web.ts'
import { http2Frame as frame, http2Preface as preface, secure, startFront } from './front-kit.ts'

const https = { name: 'https', tls: 'implicit' } as const
const megabyte = Buffer.alloc(1_000_000, 'x')

/** Whatever writes beside the log. */
const aside: unknown[][] = []
beforeEach(() => {
  aside.length = 0
  for (const name of ['error', 'info', 'warn', 'log'] as const)
    vi.spyOn(console, name).mockImplementation((...words) => void aside.push(words))
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => aside.push([text]) > 0)
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** Reads what it is sent, sends more than anybody takes, or answers when it is told to. */
function handler() {
  const done: string[] = []
  const started: string[] = []
  const gate = Promise.withResolvers<void>()
  const halves: string[] = []
  const answers: Record<string, (request: Request) => Promise<Response>> = {
    '/upload': async (request) => {
      halves.push(await request.text())
      return new Response('all of it')
    },
    '/stream-upload': async (request) => {
      for await (const piece of request.body ?? []) void piece
      halves.push('stream')
      return new Response('all of it')
    },
    '/download': async () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(megabyte),
          cancel: () => void done.push('/download'),
        }),
      ),
    '/late': async () => {
      await gate.promise
      return new Response('late')
    },
    '/late-stream': async () => {
      await gate.promise
      return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(megabyte) }))
    },
  }
  const web: WebHandler = {
    fetch: async (request) => {
      const { pathname } = new URL(request.url)
      started.push(pathname)
      try {
        return (await answers[pathname]?.(request)) ?? new Response('here, and whole')
      } finally {
        if (pathname !== '/download') done.push(pathname)
      }
    },
  }
  return { web, done, started, halves, open: () => gate.resolve() }
}

async function stage() {
  const { web, ...rest } = handler()
  const { port, events } = await startFront({ listeners: [https], web })
  const wrong = () => events().filter(({ level }) => level !== 'debug' && level !== 'info')
  return { port: port('https'), wrong, ...rest }
}

const tlsTo = (port: number, protocol: 'h2' | 'http/1.1') => secure({ port }, { ALPNProtocols: [protocol] })

interface Asked {
  readonly leave: () => void
  readonly stillWorks: () => Promise<void>
}

/** RFC 7541 §6.2.2, by the names that its table has. */
const field = (name: number, value: string) =>
  Buffer.concat([Buffer.from([name, value.length]), Buffer.from(value)])

/** Frames by hand: a client of Node ends a body before it takes its request back. */
async function overHttp2(port: number, path: string, way: 'reset' | 'socket'): Promise<Asked> {
  const tls = await tlsTo(port, 'h2')
  tls.on('error', () => undefined)
  onTestFinished(() => void tls.destroy())
  const [settings, endStream, endHeaders] = [frame(4, 0, 0), 1, 4]
  const isUpload = path.endsWith('upload')
  const ask = (stream: number, to: string, method: number, flags: number) =>
    frame(
      1,
      endHeaders | flags,
      stream,
      Buffer.concat([Buffer.from([method, 0x87]), field(1, 'mail.test'), field(4, to)]),
    )
  const [get, post] = [0x82, 0x83]
  tls.write(Buffer.concat([preface, settings]))
  tls.write(ask(1, path, isUpload ? post : get, isUpload ? 0 : endStream))
  if (isUpload) tls.write(frame(0, 0, 1, Buffer.from('the first half')))
  const arrived: Buffer[] = []
  tls.on('data', (piece: Buffer) => void arrived.push(piece))
  if (path === '/download')
    await vi.waitFor(() => expect(Buffer.concat(arrived).length).toBeGreaterThan(10_000))
  const cancel = Buffer.from([0, 0, 0, 8])
  return {
    leave: () => (way === 'reset' ? void tls.write(frame(3, 0, 1, cancel)) : void tls.destroy()),
    stillWorks: async () => {
      if (way === 'socket') return
      // What nobody has taken of the first one fills the window of the connection. RFC 9113 §6.9
      tls.write(frame(8, 0, 0, Buffer.from([0, 16, 0, 0])))
      tls.write(ask(3, '/', get, endStream))
      await vi.waitFor(() => expect(Buffer.concat(arrived).includes('here, and whole')).toBe(true))
    },
  }
}

async function overHttp1(port: number, path: string): Promise<Asked> {
  const tls: TLSSocket = await tlsTo(port, 'http/1.1')
  tls.on('error', () => undefined)
  const [method, more] = path.endsWith('upload')
    ? ['POST', 'Content-Length: 1000\r\n\r\nthe first half']
    : ['GET', '\r\n']
  tls.write(`${method} ${path} HTTP/1.1\r\nHost: mail.test\r\n${more}`)
  if (path === '/download') await once(tls, 'data')
  return { leave: () => void tls.destroy(), stillWorks: async () => undefined }
}

const ways = {
  'HTTP/2, by RST_STREAM': (port: number, path: string) => overHttp2(port, path, 'reset'),
  'HTTP/2, with the connection': (port: number, path: string) => overHttp2(port, path, 'socket'),
  'HTTP/1.1': overHttp1,
}
const paths = ['/upload', '/stream-upload', '/download', '/late', '/late-stream']

test.each(Object.keys(ways).flatMap((way) => paths.map((path) => [way as keyof typeof ways, path] as const)))(
  '%s: whoever leaves in the middle of %s is no error',
  async (way, path) => {
    const { port, wrong, started, done, halves, open } = await stage()
    const asked = await ways[way](port, path)
    await vi.waitFor(() => expect(started).toContain(path))
    asked.leave()
    if (path.startsWith('/late')) {
      // The server has noticed when it answers others that came later.
      await vi.waitFor(async () => {
        const other = await overHttp2(port, '/', 'reset')
        await other.stillWorks()
      })
      open()
    }
    await vi.waitFor(() => expect(done).toContain(path))
    await asked.stillWorks()
    const other = await overHttp2(port, '/', 'reset')
    await other.stillWorks()
    expect(halves, 'what was taken for whole').toEqual([])
    expect(wrong()).toEqual([])
    expect(aside).toEqual([])
  },
)

test('an answer that breaks off is not taken for whole, and the log alone says why', async () => {
  const web: WebHandler = {
    fetch: () => {
      let pieces = 0
      return new Response(
        new ReadableStream({
          pull: (controller) => {
            pieces += 1
            if (pieces > 5) throw new Error('the disk is gone')
            controller.enqueue(megabyte)
          },
        }),
      )
    },
  }
  const { port, events } = await startFront({ listeners: [https], web })
  const tls = await tlsTo(port('https'), 'http/1.1')
  tls.on('error', () => undefined)
  let end = ''
  tls.on('data', (piece: Buffer) => (end = piece.toString('latin1').slice(-5)))
  tls.write('GET / HTTP/1.1\r\nHost: mail.test\r\n\r\n')
  await once(tls, 'close')
  expect(end).not.toBe('0\r\n\r\n')
  expect(events().filter(({ level }) => level === 'error')).toMatchObject([
    { event: 'http.failed', cause: { message: 'the disk is gone' } },
  ])
  expect(aside).toEqual([])
})

test('an answer that cannot be written is an error in the log, and the next one is good', async () => {
  const web: WebHandler = {
    // Its status is 0.
    fetch: (request) => (request.url.endsWith('/odd') ? Response.error() : new Response('here, and whole')),
  }
  const { port, events } = await startFront({ listeners: [https], web })
  await overHttp1(port('https'), '/odd')
  await vi.waitFor(() =>
    expect(events().filter(({ level }) => level === 'error')).toMatchObject([{ event: 'http.failed' }]),
  )
  const other = await overHttp2(port('https'), '/', 'reset')
  await other.stillWorks()
  expect(aside).toEqual([])
})
