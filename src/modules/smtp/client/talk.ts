import type { Duplex } from 'node:stream'
import { Input } from '../../../platform/wire/input.ts'
import type { Clock } from '../../../ports/runtime.ts'
import { Deadline } from './deadline.ts'
import { type Reply, ReplyLines, replyLineOctets } from './reply.ts'

export type Heard =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'lost'; readonly why: 'network' | 'timeout' | 'protocol'; readonly text: string }

const nobody = { waits() {}, goesOn() {}, received() {} }

/**
 * One conversation with a server: lines out, replies in, each within its time. After `lost` nothing more can be said.
 */
export class Talk {
  readonly stream: Duplex
  readonly #clock: Clock
  readonly #input: Input
  readonly #deadline: Deadline
  #lost: Extract<Heard, { kind: 'lost' }> | undefined
  #trouble = 'The server closed the connection'

  constructor(stream: Duplex, clock: Clock) {
    this.stream = stream
    this.#clock = clock
    this.#deadline = new Deadline(clock, (limitMs) => this.#giveUp(limitMs))
    stream.on('error', this.#onError)
    // What is only read may end in a bare LF; no message hangs on it.
    this.#input = new Input(stream, nobody, 'crlf-or-lf')
  }

  get lost(): boolean {
    return this.#lost !== undefined
  }

  /** Something came that was not asked for: after STARTTLS that is an attack, while idle it is a farewell. */
  get hasUnread(): boolean {
    return this.#input.hasUnread || this.#input.ended
  }

  /** Writes, and waits where the far side is slow to take it; false where it does not take it at all. */
  async write(data: string | Uint8Array, limitMs: number): Promise<boolean> {
    if (this.#lost !== undefined || !this.stream.writable) return false
    if (data.length === 0) return true
    const flowing = typeof data === 'string' ? this.stream.write(data, 'utf8') : this.stream.write(data)
    if (flowing) return true
    this.#deadline.set(limitMs)
    await drained(this.stream)
    this.#deadline.clear()
    return this.#lost === undefined && this.stream.writable
  }

  async reply(limitMs: number): Promise<Heard> {
    if (this.#lost !== undefined) return this.#lost
    const heard = await this.#read(limitMs)
    if (heard.kind === 'lost') this.#lost ??= heard
    return this.#lost ?? heard
  }

  /** Nothing is heard here any more: the stream changes hands. */
  release(): void {
    this.#deadline.end()
    this.#input.release()
    this.stream.off('error', this.#onError)
  }

  end(): void {
    this.#lost ??= { kind: 'lost', why: 'network', text: 'The connection was ended' }
    this.#deadline.end()
    this.stream.destroy()
  }

  async #read(limitMs: number): Promise<Heard> {
    const until = this.#clock.now() + limitMs
    const lines = new ReplyLines()
    for (;;) {
      const line = this.#input.takeLine(replyLineOctets)
      if (line === undefined) {
        this.#deadline.set(Math.max(0, until - this.#clock.now()))
        const isOpen = await this.#input.more()
        this.#deadline.clear()
        if (!isOpen) return { kind: 'lost', why: 'network', text: this.#trouble }
        continue
      }
      const said = line.kind === 'line' ? lines.push(line.bytes.toString('latin1')) : 'nonsense'
      if (said === 'nonsense')
        return { kind: 'lost', why: 'protocol', text: 'The server does not speak SMTP' }
      if (said !== 'more') return { kind: 'reply', reply: said }
    }
  }

  #giveUp(limitMs: number): void {
    const text = `The server said nothing for ${Math.round(limitMs / 1000)} seconds`
    this.#lost ??= { kind: 'lost', why: 'timeout', text }
    this.#input.giveUp()
    this.stream.destroy()
  }

  readonly #onError = (error: Error): void => {
    this.#trouble = `The connection broke: ${error.message}`
  }
}

function drained(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done)
      resolve()
    }
    stream.on('drain', done).on('close', done)
    if (stream.destroyed) done()
  })
}
