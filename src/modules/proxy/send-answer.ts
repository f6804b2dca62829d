import type { ServerResponse } from 'node:http'
import { constants, type Http2ServerResponse } from 'node:http2'
import { ignore } from './handshake.ts'

export type Outgoing = ServerResponse | Http2ServerResponse

/** What became of it. `broken`: its body ended before it was whole, and so did its connection, for nobody takes half for all. */
export type Sent = { readonly kind: 'sent' | 'left' } | { readonly kind: 'broken'; readonly cause: unknown }

/** Writes an answer as fast as its client reads it. Whoever has left is told nothing, and no error is made of it. */
export async function sendAnswer(answer: Response, outgoing: Outgoing): Promise<Sent> {
  // An answer that cannot be written concerns nobody but who waits for it.
  outgoing.on('error', ignore)
  if (hasLeft(outgoing)) {
    await answer.body?.cancel().catch(() => undefined)
    return { kind: 'left' }
  }
  const headers = fieldsOf(answer)
  if (answer.body === null) {
    head(outgoing, answer.status, headers)
    outgoing.end()
    return { kind: 'sent' }
  }
  const reader: Reader = answer.body.getReader()
  // Whoever waits for a piece hears that its client has left.
  const leave = () => void reader.cancel().catch(() => undefined)
  outgoing.once('close', leave)
  try {
    return await sendBody(answer.status, headers, reader, outgoing)
  } catch (cause) {
    if (hasLeft(outgoing)) return { kind: 'left' }
    cutOff(outgoing)
    return { kind: 'broken', cause }
  } finally {
    outgoing.off('close', leave)
  }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>
type Fields = Record<string, string | string[]>

/** Pieces that are looked at before the first is sent: a page is one. */
const mostAtOnce = 2

async function sendBody(status: number, headers: Fields, reader: Reader, outgoing: Outgoing): Promise<Sent> {
  const { pieces, isWhole, next } = await atOnce(reader)
  if (hasLeft(outgoing)) return { kind: 'left' }
  if (isWhole) headers['content-length'] ??= String(pieces.reduce((sum, { length }) => sum + length, 0))
  head(outgoing, status, headers)
  if (pieces.length === 0) flush(outgoing)
  for (const piece of pieces) write(outgoing, piece)
  for (let read = await next; !read.done; read = await reader.read()) {
    if (hasLeft(outgoing)) return { kind: 'left' }
    if (!write(outgoing, read.value)) await room(outgoing)
  }
  if (hasLeft(outgoing)) return { kind: 'left' }
  outgoing.end()
  return { kind: 'sent' }
}

/** What is there without waiting: all of a page, whose length can be told then. */
async function atOnce(reader: Reader) {
  const pieces: Uint8Array[] = []
  const waited = new Promise<undefined>((resolve) => {
    setImmediate(resolve, undefined)
  })
  let next = reader.read()
  for (let at = 0; at < mostAtOnce; at += 1) {
    const read = await Promise.race([next, waited])
    if (read === undefined) break
    if (read.done) return { pieces, isWhole: true, next }
    pieces.push(read.value)
    next = reader.read()
  }
  return { pieces, isWhole: false, next }
}

function fieldsOf({ headers, body }: Response): Fields {
  const fields: Fields = Object.fromEntries(headers)
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) fields['set-cookie'] = cookies
  if (body !== null) fields['content-type'] ??= 'text/plain; charset=UTF-8'
  return fields
}

/** Nobody reads what would be written. */
export const hasLeft = (outgoing: Outgoing): boolean =>
  'stream' in outgoing ? outgoing.stream.destroyed || outgoing.stream.closed : outgoing.destroyed

/** Resolves when more can be written, or when nobody is there to write to. */
async function room(outgoing: Outgoing): Promise<void> {
  await new Promise<void>((resolve) => {
    const go = () => {
      outgoing.off('drain', go).off('close', go)
      resolve()
    }
    outgoing.on('drain', go).on('close', go)
  })
}

// Both have these, and TypeScript sees no signature in common.
const head = (outgoing: Outgoing, status: number, headers: Fields) =>
  'stream' in outgoing ? outgoing.writeHead(status, headers) : outgoing.writeHead(status, headers)
const write = (outgoing: Outgoing, piece: Uint8Array) =>
  'stream' in outgoing ? outgoing.write(piece) : outgoing.write(piece)

/** The head alone, where its body is not there yet; HTTP/2 has sent it. */
function flush(outgoing: Outgoing): void {
  if (!('stream' in outgoing)) outgoing.flushHeaders()
}

function cutOff(outgoing: Outgoing): void {
  if ('stream' in outgoing) outgoing.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  else outgoing.destroy()
}
