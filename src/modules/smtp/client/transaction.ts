import { sevenBit } from '../../../lib/mime/debinary.ts'
import type { EnvelopeRecipient } from '../../../ports/intake.ts'
import { isAscii, mailLine, rcptLine, type Wording } from './envelope-lines.ts'
import type { Letter } from './letter.ts'
import { MessageOctets } from './message-octets.ts'
import { type Failure, failureOf, lostFailure, ourFailure, type Sent } from './outcome.ts'
import type { Reply } from './reply.ts'
import type { Session } from './session.ts'
import type { ClientTimes } from './settings.ts'
import type { Heard, Talk } from './talk.ts'

export interface LetterSent {
  /** Of each recipient, in their order. */
  readonly outcomes: readonly Sent[]
  /** The session can take another letter. */
  readonly reusable: boolean
}

/** RFC 5321 §4.5.3.1.8: every server takes so many. */
const mostRecipients = 100
const nothing = Buffer.alloc(0)
/** A message that has to be rewritten lies in memory as a whole. */
const mostConverted = 64 * 1024 * 1024

/** One mail transaction. RFC 5321 §3.3. Throws only where the message cannot be read; the session is ended then. */
export async function sendLetter(session: Session, letter: Letter, times: ClientTimes): Promise<LetterSent> {
  const transaction = new Transaction(session, letter, times)
  try {
    await transaction.run()
  } catch (error) {
    // The end of the message was not said, so that half of it is never taken for the whole.
    session.talk.end()
    throw error
  }
  return { outcomes: transaction.outcomes(), reusable: transaction.reusable }
}

class Transaction {
  readonly #session: Session
  readonly #talk: Talk
  readonly #letter: Letter
  readonly #times: ClientTimes
  readonly #settled = new Map<EnvelopeRecipient, Sent>()
  #asked: readonly EnvelopeRecipient[] = []
  #accepted: readonly EnvelopeRecipient[] = []
  #closing = false

  constructor(session: Session, letter: Letter, times: ClientTimes) {
    this.#session = session
    this.#talk = session.talk
    this.#letter = letter
    this.#times = times
  }

  async run(): Promise<void> {
    const { can } = this.#session
    this.#withoutUtf8()
    const unable = this.#unable()
    if (unable) this.#settleRest({ kind: 'never', ...unable })
    const open = this.#open()
    this.#asked = open.slice(0, Math.min(can.mostRecipients ?? mostRecipients, mostRecipients))
    if (this.#asked.length === 0) return
    const text = 'More recipients than go into one transaction'
    for (const recipient of open.slice(this.#asked.length))
      this.#settled.set(recipient, {
        kind: 'later',
        ...ourFailure('too-many-recipients', 'RCPT TO', '4.5.3', text),
      })
    const message = await this.#worded()
    if (message.kind === 'refused') this.#settleRest({ kind: 'never', ...message.failure })
    else await this.#exchange(message)
  }

  outcomes(): readonly Sent[] {
    // Nobody is left without an answer: what was not said counts as not done.
    const unknown = { kind: 'later', ...ourFailure('network', 'connect', '4.4.2', 'Not sent') } as const
    return this.#letter.recipients.map((recipient) => this.#settled.get(recipient) ?? unknown)
  }

  get reusable(): boolean {
    return !this.#closing && !this.#talk.lost
  }

  /** RFC 6531 §3.5: who is named in more than ASCII is out of reach behind a server that knows no SMTPUTF8. */
  #withoutUtf8(): void {
    if (this.#session.can.smtpUtf8) return
    for (const recipient of this.#letter.recipients) {
      if (isAscii(recipient.address)) continue
      const text = 'The server knows no internationalized addresses (SMTPUTF8)'
      this.#settled.set(recipient, { kind: 'never', ...ourFailure('capability', 'RCPT TO', '5.6.7', text) })
    }
  }

  /** Why this server can take the message for nobody. */
  #unable(): Failure | undefined {
    const { can, tls } = this.#session
    const { sender, size, requireTls, eightBit, smtpUtf8 } = this.#letter
    const no = (status: string, text: string) => ourFailure('capability', 'MAIL FROM', status, text)
    if (requireTls && (tls === undefined || tls.proof === 'none' || !can.requireTls))
      // RFC 8689 §4.2.1, §5
      return no('5.7.30', 'The message needs REQUIRETLS, which the server does not offer')
    if (!can.smtpUtf8 && !isAscii(sender))
      return no('5.6.7', 'The server knows no internationalized addresses (SMTPUTF8)')
    if (!can.smtpUtf8 && smtpUtf8 && eightBit.header)
      return no('5.6.9', 'The server knows no internationalized headers (SMTPUTF8)')
    if (can.size !== undefined && can.size > 0 && size > can.size)
      return no('5.3.4', `The server takes messages of up to ${can.size} octets, this one has ${size}`)
    return undefined
  }

  /** The message as this server can take it. RFC 6152 §3: without 8BITMIME it is rewritten. */
  async #worded(): Promise<Worded | { kind: 'refused'; failure: Failure }> {
    const { can } = this.#session
    const { eightBit, smtpUtf8, size, sender } = this.#letter
    const says8 = can.eightBitMime && (eightBit.body || eightBit.header)
    const saysUtf8 =
      can.smtpUtf8 &&
      (!isAscii(sender) ||
        (smtpUtf8 && eightBit.header) ||
        this.#asked.some(({ address }) => !isAscii(address)))
    if (can.eightBitMime || !eightBit.body) {
      const wording = { eightBit: says8, smtpUtf8: saysUtf8, size }
      return { kind: 'worded', wording, read: () => this.#letter.read() }
    }
    if (size > mostConverted) {
      const text = 'The server takes 7-bit messages only, and this one is too large to be rewritten'
      return { kind: 'refused', failure: ourFailure('capability', 'MAIL FROM', '5.6.3', text) }
    }
    const before = await whole(this.#letter.read())
    const converted = await this.#letter.signAgain(before, sevenBit(before))
    const wording = { eightBit: false, smtpUtf8: saysUtf8, size: converted.length }
    return { kind: 'worded', wording, read: () => once(converted) }
  }

  async #exchange({ wording, read }: Worded): Promise<void> {
    const { can, protocol } = this.#session
    const byCount = can.chunking && protocol === 'smtp'
    const lines = [
      mailLine(this.#letter, can, wording),
      ...this.#asked.map((recipient) => rcptLine(recipient, can)),
    ]
    const started = await this.#envelope(byCount ? lines : [...lines, 'DATA'])
    if (started === 'stop') return
    if (this.#accepted.length === 0) return this.#leave(started)
    if (byCount) return this.#inChunks(read())
    if (started?.code === 354) return this.#asData(read())
    if (started) this.#settleAccepted(started, 'DATA')
    return this.#leave(undefined)
  }

  /**
   * MAIL, every RCPT and DATA: in one go where the server takes it (RFC 2920 §3.1), otherwise one by one, and then DATA only
   * for somebody. Gives the reply to DATA, where it was said.
   */
  async #envelope(lines: readonly string[]): Promise<Reply | undefined | 'stop'> {
    const { pipelining } = this.#session.can
    if (pipelining) await this.#talk.write(`${lines.join('\r\n')}\r\n`, this.#times.dataBlock)
    for (const [index, line] of lines.entries()) {
      const step = stepOf(line)
      if (!pipelining) {
        if (this.#asked.every((recipient) => this.#settled.has(recipient))) return undefined
        await this.#talk.write(`${line}\r\n`, this.#times.mail)
      }
      const heard = await this.#talk.reply(this.#timeFor(step))
      const reply = this.#heardOrSettled(heard, step)
      if (!reply) return 'stop'
      if (step === 'DATA') return reply
      if (step === 'RCPT TO') this.#judgeRecipient(this.#asked[index - 1], reply)
      else if (reply.code >= 300) this.#settleRest(failureOf(reply, step))
    }
    return undefined
  }

  #timeFor(step: string): number {
    if (step === 'DATA') return this.#times.dataStart
    return step === 'MAIL FROM' ? this.#times.mail : this.#times.rcpt
  }

  #judgeRecipient(recipient: EnvelopeRecipient | undefined, reply: Reply): void {
    if (!recipient || this.#settled.has(recipient)) return
    if (reply.code < 300) {
      this.#accepted = [...this.#accepted, recipient]
      return
    }
    const failure = failureOf(reply, 'RCPT TO')
    // RFC 5321 §4.5.3.1.10: old servers say 552 for 452, "too many".
    const isTooMany = reply.code === 552 && this.#accepted.length > 0 && reply.status === undefined
    this.#settled.set(
      recipient,
      isTooMany ? { ...failure, kind: 'later', why: 'too-many-recipients' } : failure,
    )
  }

  /** Nobody is served: the transaction is ended, so that the session can take the next. */
  async #leave(started: Reply | undefined): Promise<void> {
    if (this.#closing || this.#talk.lost) return
    // RFC 2920 §3.1: it waits for a message that nobody gets; a dot alone ends that.
    const line = started?.code === 354 ? '.' : 'RSET'
    await this.#talk.write(`${line}\r\n`, this.#times.mail)
    const heard = await this.#talk.reply(this.#times.mail)
    // A server that takes the dot for a message sends nobody anything; it is not asked twice.
    if (heard.kind === 'lost' || heard.reply.code === 421 || (line === 'RSET' && heard.reply.code >= 300))
      this.#closing = true
  }

  async #asData(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const octets = new MessageOctets('dots')
    // The last piece goes with the end: most messages are one packet, and one write.
    let held: Uint8Array = nothing
    for await (const piece of pieces) {
      if (!(await this.#talk.write(held, this.#times.dataBlock))) return this.#brokeOff()
      held = octets.push(piece)
    }
    const end = Buffer.concat([held, octets.end(), Buffer.from('.\r\n')])
    if (!(await this.#talk.write(end, this.#times.dataBlock))) return this.#brokeOff()
    // RFC 2033 §4.2: LMTP answers for each recipient.
    const answers = this.#session.protocol === 'lmtp' ? this.#accepted : [undefined]
    for (const recipient of answers) {
      const heard = await this.#talk.reply(this.#times.dataEnd)
      if (heard.kind === 'lost') return this.#unconfirmed(heard)
      this.#conclude(recipient ? [recipient] : this.#accepted, heard.reply)
    }
  }

  /** RFC 3030 §2. Each chunk is answered before the next goes out: a refusal costs one chunk, not the message. */
  async #inChunks(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const octets = new MessageOctets('counted')
    // The last piece is the last chunk: an empty one behind it would be one more answer to wait for.
    let held: Buffer = nothing
    for await (const piece of pieces) {
      const chunk = held
      held = octets.push(piece)
      if (chunk.length === 0) continue
      const heard = await this.#chunk(chunk, '')
      if (heard.kind === 'lost') return this.#settleRest({ kind: 'later', ...lostFailure(heard, 'BDAT') })
      if (heard.reply.code >= 300) {
        this.#conclude(this.#accepted, heard.reply)
        return this.#leave(undefined)
      }
    }
    const heard = await this.#chunk(Buffer.concat([held, octets.end()]), ' LAST')
    if (heard.kind === 'lost') return this.#unconfirmed(heard)
    this.#conclude(this.#accepted, heard.reply)
  }

  async #chunk(chunk: Buffer, last: string): Promise<Heard> {
    const whole = Buffer.concat([Buffer.from(`BDAT ${chunk.length}${last}\r\n`), chunk])
    await this.#talk.write(whole, this.#times.dataBlock)
    return this.#talk.reply(this.#times.dataEnd)
  }

  #conclude(recipients: readonly EnvelopeRecipient[], reply: Reply): void {
    if (reply.code === 421) this.#closing = true
    for (const recipient of recipients) this.#settled.set(recipient, this.#lastWord(reply))
  }

  #lastWord(reply: Reply): Sent {
    if (reply.code >= 300) return failureOf(reply, 'end of data')
    const { code, status = '2.0.0', text } = reply
    return { kind: 'done', code, status, text, reportsDelivery: this.#session.can.dsn }
  }

  /** The server hung up in the middle; perhaps it said why. */
  async #brokeOff(): Promise<void> {
    const heard = await this.#talk.reply(this.#times.quit)
    this.#closing = true
    if (heard.kind === 'reply' && heard.reply.code >= 400) this.#conclude(this.#accepted, heard.reply)
    else
      this.#settleRest({ kind: 'later', ...ourFailure('network', 'DATA', '4.4.2', 'The connection broke') })
  }

  #unconfirmed(heard: Extract<Heard, { kind: 'lost' }>): void {
    const failure = { ...lostFailure(heard, 'end of data'), why: 'unconfirmed' as const }
    this.#settleRest({ kind: 'later', ...failure })
  }

  #heardOrSettled(heard: Heard, step: string): Reply | undefined {
    if (heard.kind === 'lost') {
      this.#settleRest({ kind: 'later', ...lostFailure(heard, step) })
      return undefined
    }
    // RFC 5321 §3.8: the server is about to close; nothing more will be heard.
    if (heard.reply.code === 421) {
      this.#closing = true
      this.#settleRest(failureOf(heard.reply, step))
      return undefined
    }
    return heard.reply
  }

  #settleAccepted(reply: Reply, step: string): void {
    for (const recipient of this.#accepted) this.#settled.set(recipient, failureOf(reply, step))
  }

  #settleRest(sent: Sent): void {
    for (const recipient of this.#open()) this.#settled.set(recipient, sent)
  }

  #open(): readonly EnvelopeRecipient[] {
    return this.#letter.recipients.filter((recipient) => !this.#settled.has(recipient))
  }
}

interface Worded {
  readonly kind: 'worded'
  readonly wording: Wording
  readonly read: () => AsyncIterable<Uint8Array>
}

function stepOf(line: string): 'MAIL FROM' | 'RCPT TO' | 'DATA' {
  if (line === 'DATA') return 'DATA'
  return line.startsWith('MAIL FROM') ? 'MAIL FROM' : 'RCPT TO'
}

async function whole(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const gathered: Uint8Array[] = []
  for await (const piece of pieces) gathered.push(piece)
  return Buffer.concat(gathered)
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
