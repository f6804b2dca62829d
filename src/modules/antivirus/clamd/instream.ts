import { connect, type Socket } from 'node:net'
import type { ServiceAddress } from '../../../lib/service-address.ts'

export type StreamVerdict =
  | { readonly kind: 'clean' }
  | { readonly kind: 'found'; readonly name: string }
  /** Longer than clamd's StreamMaxLength. */
  | { readonly kind: 'too-long' }
  | { readonly kind: 'failed'; readonly why: string }

/** A longer answer is none of clamd's. */
const longestAnswer = 4096

/** `man clamd`, INSTREAM: pieces with their length in front, one of length 0 at the end. */
export async function scanStream(
  address: ServiceAddress,
  octets: AsyncIterable<Uint8Array>,
  timeoutMs: number,
): Promise<StreamVerdict> {
  const conversation = new Conversation(address, timeoutMs)
  try {
    await conversation.send(Buffer.from('zINSTREAM\0'))
    for await (const piece of octets) {
      // It has answered already: it found something, or has had enough.
      if (conversation.isOver) break
      if (piece.length === 0) continue
      await conversation.send(lengthOf(piece))
      await conversation.send(piece)
    }
    await conversation.send(lengthOf(noOctets))
    return verdictOf(await conversation.answer)
  } finally {
    conversation.end()
  }
}

/** `ClamAV 1.4.3/27800/Fri Nov 20 …`: the program and its signatures; undefined where nobody answers. */
export async function versionOf(address: ServiceAddress, timeoutMs: number): Promise<string | undefined> {
  const conversation = new Conversation(address, timeoutMs)
  try {
    await conversation.send(Buffer.from('zVERSION\0'))
    const answer = await conversation.answer
    return answer.kind === 'said' ? answer.text : undefined
  } finally {
    conversation.end()
  }
}

const noOctets = new Uint8Array(0)

function lengthOf(piece: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(piece.length)
  return length
}

type Answer = { readonly kind: 'said'; readonly text: string } | { readonly kind: 'broken'; why: string }

/** One connection, one question. */
class Conversation {
  readonly answer: Promise<Answer>
  isOver = false
  readonly #socket: Socket
  readonly #timer: NodeJS.Timeout
  #settle: (answer: Answer) => void = () => undefined

  constructor(address: ServiceAddress, timeoutMs: number) {
    const socket = connect(address.kind === 'unix' ? { path: address.path } : { ...address, noDelay: true })
    this.#socket = socket
    this.answer = new Promise((resolve) => {
      this.#settle = (answer) => {
        this.isOver = true
        resolve(answer)
      }
    })
    this.#timer = setTimeout(() => this.#broken('no answer in time'), timeoutMs)
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      const end = text.indexOf('\0')
      if (end >= 0) this.#settle({ kind: 'said', text: text.slice(0, end) })
      else if (text.length > longestAnswer) this.#broken('an answer without an end')
    })
    // Written to while it was sending its answer and going: what it said may still be on its way.
    socket.on('error', (cause) => this.#broken(cause.message))
    socket.on('close', () => this.#broken('the connection was closed'))
  }

  /** Resolves when there is room for more, or when there is no more use in it. */
  async send(octets: Uint8Array): Promise<void> {
    if (this.isOver || this.#socket.write(octets)) return
    const drained = Promise.withResolvers<void>()
    this.#socket.once('drain', drained.resolve)
    await Promise.race([drained.promise, this.answer])
    this.#socket.off('drain', drained.resolve)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#socket.destroy()
    this.#broken('given up')
  }

  #broken(why: string): void {
    this.#settle({ kind: 'broken', why })
  }
}

/** `stream: OK`, `stream: Eicar-Test-Signature FOUND`, `INSTREAM size limit exceeded. ERROR`. */
function verdictOf(answer: Answer): StreamVerdict {
  if (answer.kind === 'broken') return { kind: 'failed', why: answer.why }
  const { text } = answer
  if (/^INSTREAM size limit exceeded/.test(text)) return { kind: 'too-long' }
  const [, name] = /^stream: (.+) FOUND$/.exec(text) ?? []
  if (name !== undefined) return { kind: 'found', name }
  return text === 'stream: OK' ? { kind: 'clean' } : { kind: 'failed', why: text }
}
