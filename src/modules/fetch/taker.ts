import { createHash, randomUUID } from 'node:crypto'
import { type Address, parseAddress } from '../../lib/address.ts'
import { formatMessageDate } from '../../lib/mime/date.ts'
import { fieldValue, fieldValues, type Header, readHeader } from '../../lib/mime/header.ts'
import type { Arrival, Intake, Origin } from '../../ports/intake.ts'
import type { MessageBytes, MessageRef } from '../../ports/message.ts'
import type { Clock } from '../../ports/runtime.ts'
import { type Job, originOf } from './job.ts'
import { MendedLines } from './mended-lines.ts'
import { type Sentence, sentence, troubles } from './trouble.ts'

export interface TakerParts {
  readonly intake: Intake
  readonly bytes: MessageBytes
  readonly clock: Clock
  readonly hostname: string
  /** Octets; 0 means no limit. */
  readonly messageSizeLimit: number
}

/** A message as it lies elsewhere. */
export interface Letter {
  /** What its server knows it by; nothing where it has no such thing. */
  readonly place: string | undefined
  /** Where it goes here if no rule says otherwise. */
  readonly mailbox: string
  readonly flags: readonly string[]
  /** UTC milliseconds; undefined is now. */
  readonly receivedAt: number | undefined
}

export type Taken = { readonly kind: 'taken' } | { readonly kind: 'left'; readonly why: Sentence }

/** How long a message is known that was taken: far longer than any crash lasts. */
const knownMs = 400 * 86_400_000
/** Who wrote longer ago than this gets no automatic answer. */
const freshMs = 86_400_000
const mostHops = 100
/** Coming from a server that had the same address delivered, it may bear a few. More are a circle. */
const mostDeliveries = 3
/** Where no limit is set: a server elsewhere may go on for ever. */
const mostOctets = 256 * 1024 * 1024
const headerOctets = 256 * 1024

/** Hands messages of one mailbox elsewhere to the intake, each once. Throws a `Trouble` where no further one can be taken. */
export class Taker {
  readonly #parts: TakerParts
  readonly #job: Job

  constructor(parts: TakerParts, job: Job) {
    this.#parts = parts
    this.#job = job
  }

  get largest(): number {
    const { messageSizeLimit } = this.#parts
    return messageSizeLimit > 0 ? messageSizeLimit : mostOctets
  }

  tooLarge(size: number): Taken {
    const mb = (octets: number) => String(Math.ceil(octets / 1_000_000))
    return { kind: 'left', why: sentence('large', { size: mb(size), most: mb(this.largest) }) }
  }

  async take(letter: Letter, octets: AsyncIterable<Uint8Array>): Promise<Taken> {
    const stored = await this.#store(octets)
    if (stored.kind === 'too-large') return this.tooLarge(stored.size)
    const { ref, digest } = stored
    let isHandedOver = false
    try {
      const header = readHeader(
        await this.#parts.bytes.read(ref, { from: 0, to: Math.min(ref.index.headerBytes, headerOctets) }),
      )
      const { user } = this.#job
      const deliveries = fieldValues(header, 'delivered-to').filter(
        (one) => parseAddress(one.trim()) === user,
      )
      if (fieldValues(header, 'received').length > mostHops || deliveries.length > mostDeliveries)
        return { kind: 'left', why: sentence('circle') }
      await this.#mayCome(ref.size)
      isHandedOver = true
      return await this.#accept(this.#arrival(letter, ref, digest, header))
    } finally {
      if (!isHandedOver) await this.#parts.bytes.release(ref)
    }
  }

  async #store(
    octets: AsyncIterable<Uint8Array>,
  ): Promise<
    | { readonly kind: 'stored'; readonly ref: MessageRef; readonly digest: string }
    | { readonly kind: 'too-large'; readonly size: number }
  > {
    const { bytes } = this.#parts
    const draft = await bytes.begin()
    let isOpen = true
    try {
      const hash = createHash('sha256')
      const lines = new MendedLines()
      let size = 0
      const write = async (chunk: Uint8Array) => {
        if (chunk.length === 0) return
        const written = await bytes.write(draft, chunk)
        if (written.kind === 'later') throw troubles.notNow(written.text)
      }
      for await (const chunk of octets) {
        size += chunk.length
        if (size > this.largest) return { kind: 'too-large', size }
        hash.update(chunk)
        await write(lines.push(chunk))
      }
      await write(lines.end())
      const sealed = await bytes.seal(draft)
      if (sealed.kind === 'later') throw troubles.notNow(sealed.text)
      isOpen = false
      return { kind: 'stored', ref: sealed.ref, digest: hash.digest('base64url') }
    } finally {
      if (isOpen) await bytes.discard(draft)
    }
  }

  get #origin(): Origin {
    // As if it came over port 25 from this machine: who brought it once, its header says, and nobody can tell whether it lies.
    return this.#job.scan ? { kind: 'arrived' } : { kind: 'fetched', account: this.#job.account }
  }

  async #mayCome(size: number): Promise<void> {
    const { user: recipient } = this.#job
    const answer = await this.#parts.intake.recipient({
      recipient,
      sender: undefined,
      origin: this.#origin,
      size,
    })
    if (answer.kind === 'later') throw troubles.notNow(answer.text)
    if (answer.kind === 'refused')
      throw answer.status === '4.2.2' ? troubles.full(recipient) : troubles.refused(answer.text)
  }

  #arrival(letter: Letter, message: MessageRef, digest: string, header: Header): Arrival {
    const { clock, hostname } = this.#parts
    const { account, user } = this.#job
    const now = clock.now()
    const id = randomUUID()
    const receivedAt = Math.min(letter.receivedAt ?? now, now)
    const origin = originOf(this.#job)
    const known = [digest, ...(letter.place === undefined ? [] : [`${letter.place}\0${gist(header)}`])]
    return {
      id,
      connection: `fetch-${this.#job.id}`,
      origin: this.#origin,
      // Nobody is answered by rules of today for what he wrote long ago. RFC 3834 §2: a null return path gets none.
      sender: now - receivedAt < freshMs ? senderOf(fieldValue(header, 'return-path')) : undefined,
      recipients: [{ address: user, notify: ['never'], originalRecipient: undefined }],
      message,
      trace: this.#job.invisible ? '' : this.#received(id, now),
      client: { ip: '127.0.0.1', helo: hostname, tls: true },
      requireTls: false,
      smtpUtf8: false,
      envelopeId: undefined,
      returnContent: undefined,
      receivedAt: now,
      collected: {
        account,
        keys: known.map((key) => keyOf(origin, letter.mailbox, key)),
        until: now + knownMs,
        mailbox: letter.mailbox,
        flags: letter.flags,
        receivedAt,
      },
    }
  }

  /** RFC 5321 §4.4: whoever takes mail from another protocol says so. */
  #received(id: string, at: number): string {
    const { host, protocol, tls, user } = this.#job
    const how = `${protocol.toUpperCase()}${tls ? 'S' : ''}`
    return (
      `Received: from ${host}\r\n\tby ${this.#parts.hostname} with ${how} id ${id}\r\n\tfor <${user}>;` +
      `\r\n\t${formatMessageDate(at)}\r\n`
    )
  }

  async #accept(arrival: Arrival): Promise<Taken> {
    const accepted = await this.#parts.intake.accept(arrival)
    const outcome = accepted.kind === 'accepted' ? (accepted.outcomes[0] ?? { kind: 'done' }) : accepted
    switch (outcome.kind) {
      case 'done':
        return { kind: 'taken' }
      case 'later':
        throw troubles.notNow(outcome.text)
      case 'refused':
        if (outcome.code < 500) throw troubles.notNow(outcome.text)
        return { kind: 'left', why: sentence('unwanted', { said: outcome.text }) }
    }
  }
}

/**
 * Of the same place, other mail: RFC 1939 §7 lets a server name a message as one was named that is gone. Fields that servers add when a
 * message is read do not count.
 */
const gist = (header: Header) =>
  ['message-id', 'date', 'from', 'subject'].map((name) => fieldValue(header, name) ?? '').join('\0')

function senderOf(returnPath: string | undefined): Address | undefined {
  const [, text] = /<([^<>]*)>/.exec(returnPath ?? '') ?? []
  return text === undefined || text === '' ? undefined : parseAddress(text)
}

/** Short: there are as many as messages. */
function keyOf(origin: string, mailbox: string, key: string): string {
  const hash = createHash('sha256').update(`${origin}\0${mailbox}\0${key}`).digest('base64url')
  return `fetched:${hash.slice(0, 24)}`
}
