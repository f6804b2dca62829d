import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type Duplex, duplexPair } from 'node:stream'
import { constants, createDeflateRaw, createInflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { DeflateStream } from './deflate.ts'

const sync = { finishFlush: constants.Z_SYNC_FLUSH }

function pair(early: Uint8Array = new Uint8Array()): {
  ours: DeflateStream
  inner: Duplex
  theirs: Duplex
} {
  const [inner, theirs] = duplexPair()
  return { ours: new DeflateStream(inner, early), inner, theirs }
}

async function readAll(stream: Duplex): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

test('what is written is there for the other side at once, whatever zlib it has', async () => {
  const { ours, theirs } = pair()
  const inflate = createInflateRaw(sync)
  theirs.pipe(inflate)
  for (const line of ['* OK one\r\n', '* OK two\r\n']) {
    ours.write(line)
    const [heard] = (await once(inflate, 'data')) as [Buffer]
    expect(heard.toString()).toBe(line)
  }
  ours.destroy()
})

test('a large answer arrives whole, though it is read slowly', async () => {
  const { ours, theirs } = pair()
  const sent = randomBytes(3_000_000)
  ours.end(sent)
  expect(inflateRawSync(await readAll(theirs), sync).equals(sent)).toBe(true)
})

test('what was read before compression began is inflated first', async () => {
  const deflate = createDeflateRaw()
  deflate.write('a NOOP\r\n')
  deflate.flush(constants.Z_SYNC_FLUSH)
  const [early] = (await once(deflate, 'data')) as [Buffer]
  const { ours, theirs } = pair(early)
  deflate.end('b NOOP\r\n')
  deflate.pipe(theirs)
  expect((await readAll(ours)).toString()).toBe('a NOOP\r\nb NOOP\r\n')
})

test('a bomb is inflated no further than it is read', async () => {
  const { ours, theirs } = pair()
  theirs.end(deflateRawSync(Buffer.alloc(100_000_000)))
  const [first] = (await once(ours, 'data')) as [Buffer]
  ours.pause()
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(first.length + ours.readableLength).toBeLessThan(200_000)
  ours.destroy()
})

test('what is no deflate ends the connection', async () => {
  const { ours, inner, theirs } = pair()
  theirs.write(Buffer.from('ffffffffffff', 'hex'))
  const [error] = (await once(ours, 'error')) as [Error]
  expect(error.message).toMatch(/invalid/)
  expect(inner.destroyed).toBe(true)
})

test('a connection that breaks off is closed', async () => {
  const { ours, inner } = pair()
  const closed = once(ours, 'close')
  ours.resume()
  inner.destroy()
  await closed
  expect(ours.destroyed).toBe(true)
})
