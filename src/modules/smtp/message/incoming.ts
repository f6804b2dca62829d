import type { Refused } from '../../../ports/intake.ts'
import type { MessageBytes, MessageRef } from '../../../ports/message.ts'
import type { TryLater } from '../../../ports/runtime.ts'
import { LineEndCheck } from '../wire/line-end-check.ts'
import { HeaderGate } from './header-gate.ts'

export type Received = { readonly kind: 'received'; readonly ref: MessageRef } | Refused | TryLater
type Trouble = Refused | TryLater

/** What becomes of the header of a message before it is kept: the same bytes, others, or a refusal. */
export type HeaderRule = (header: Buffer) => { readonly kind: 'kept'; readonly header: Uint8Array } | Refused

export interface IncomingOptions {
  readonly bytes: MessageBytes
  /** Octets; 0 means no limit. */
  readonly sizeLimit: number
  readonly headerLimit: number
  readonly headerRule: HeaderRule
}

const tooLarge: Refused = { kind: 'refused', code: 552, status: '5.3.4', text: 'Message too large' }
const headerTooLarge: Refused = {
  kind: 'refused',
  code: 552,
  status: '5.3.4',
  text: 'Message header too large',
}
const wrongLineEnds: Refused = {
  kind: 'refused',
  code: 550,
  status: '5.6.11',
  text: 'Message contains bare CR, bare LF or NUL; lines end with CRLF',
}

/**
 * One message on its way in: size, line ends and header are watched while the chunks go straight on to `MessageBytes`. After
 * the first trouble nothing more is kept; the rest is taken and thrown away, so that the client hears why.
 */
export class Incoming {
  readonly #options: IncomingOptions
  readonly #lineEnds = new LineEndCheck()
  readonly #gate: HeaderGate
  #draft: string | undefined
  #trouble: Trouble | undefined
  #octets = 0

  constructor(options: IncomingOptions) {
    this.#options = options
    this.#gate = new HeaderGate(options.headerLimit)
  }

  get trouble(): Trouble | undefined {
    return this.#trouble
  }

  async push(chunk: Buffer): Promise<void> {
    this.#octets += chunk.length
    if (this.#trouble) return
    if (this.#options.sizeLimit > 0 && this.#octets > this.#options.sizeLimit) return this.#fail(tooLarge)
    this.#lineEnds.push(chunk)
    if (!this.#lineEnds.isCleanSoFar) return this.#fail(wrongLineEnds)
    const passed = this.#gate.push(chunk)
    switch (passed.kind) {
      case 'nothing':
        return
      case 'header':
        return this.#writeStart(passed.header, passed.all)
      case 'body':
        return this.#write(passed.body)
      case 'too-large':
        return this.#fail(headerTooLarge)
    }
  }

  async finish(): Promise<Received> {
    if (!this.#trouble && !this.#lineEnds.clean) await this.#fail(wrongLineEnds)
    const header = this.#trouble ? undefined : this.#gate.end()
    if (header) await this.#writeStart(header, header)
    if (this.#trouble) return this.#trouble
    const sealed = await this.#options.bytes.seal(await this.#begun())
    if (sealed.kind === 'later') {
      await this.abandon()
      return sealed
    }
    this.#draft = undefined
    return { kind: 'received', ref: sealed.ref }
  }

  /** The message will not be finished: the client went away, or took it back. */
  async abandon(): Promise<void> {
    const draft = this.#draft
    this.#draft = undefined
    if (draft !== undefined) await this.#options.bytes.discard(draft)
  }

  async #fail(trouble: Trouble): Promise<void> {
    this.#trouble = trouble
    await this.abandon()
  }

  /** The header, and what came with it of the body. */
  async #writeStart(header: Buffer, all: Buffer): Promise<void> {
    const kept = this.#options.headerRule(header)
    if (kept.kind !== 'kept') return this.#fail(kept)
    if (kept.header === header) return this.#write(all)
    await this.#write(kept.header)
    await this.#write(all.subarray(header.length))
  }

  async #write(chunk: Uint8Array): Promise<void> {
    if (this.#trouble || chunk.length === 0) return
    const written = await this.#options.bytes.write(await this.#begun(), chunk)
    if (written.kind === 'later') await this.#fail(written)
  }

  async #begun(): Promise<string> {
    this.#draft ??= await this.#options.bytes.begin()
    return this.#draft
  }
}
