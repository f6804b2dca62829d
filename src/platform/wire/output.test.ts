import { Duplex, PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { chunkOctets } from './chunks.ts'
import { Output } from './output.ts'

/** Everything that was said, and how many writes that took. */
function listen(): { out: Output; heard: () => Buffer; writes: () => number } {
  const chunks: Buffer[] = []
  const stream = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk))
      done()
    },
  })
  return { out: new Output(stream), heard: () => Buffer.concat(chunks), writes: () => chunks.length }
}

test.each([
  ['nothing', 0],
  ['a little', 10],
  ['just a chunk', chunkOctets],
  ['more than a chunk', chunkOctets + 1],
  ['several chunks', chunkOctets * 3 + 7],
  ['too much to be copied', chunkOctets * 5],
])('octets and text come in order: %s', (_, length) => {
  const { out, heard } = listen()
  const octets = 'o'.repeat(length)
  const text = 't'.repeat(length)
  out.text('a')
  out.bytes(Buffer.from(octets))
  out.text(text)
  out.bytes(Buffer.from(octets))
  out.line('z')
  out.flush()
  expect(heard().equals(Buffer.from(`a${octets}${text}${octets}z\r\n`))).toBe(true)
})

test('a short response is one write', () => {
  const { out, writes } = listen()
  out.text('* 1 FETCH (BODY[] {5}\r\n')
  out.bytes(Buffer.from('hello'))
  out.text(')\r\n')
  out.line('a OK done')
  out.flush()
  expect(writes()).toBe(1)
})

test('octets that were copied may change at once, and what waits for a slow client stays as it was said', () => {
  const stream = new PassThrough({ highWaterMark: 1 })
  const out = new Output(stream)
  const octets = Buffer.alloc(1000)
  for (let fill = 1; fill <= 200; fill++) out.bytes(octets.fill(fill))
  out.flush()
  const heard: Buffer[] = []
  stream.on('data', (chunk: Buffer) => heard.push(Buffer.from(chunk)))
  return new Promise<void>((resolve) => {
    stream.end(() => resolve())
  }).then(() => {
    const said = Buffer.concat(heard)
    expect(said.length).toBe(200_000)
    expect(Array.from({ length: 200 }, (_, index) => said[index * 1000])).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    )
  })
})
