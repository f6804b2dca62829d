import { type Address, domainOf } from '../../lib/address.ts'
import { textLetter } from '../../lib/mime/text-letter.ts'
import type { LetterRecipient, LettersDue } from '../../ports/announcements.ts'
import type { MessageBytes } from '../../ports/message.ts'
import type { OutgoingQueue } from '../../ports/outgoing-queue.ts'
import type { OwnLetters } from '../../ports/own-mail.ts'
import type { Clock, Log } from '../../ports/runtime.ts'

export interface LettersParts {
  readonly due: LettersDue
  readonly letters: OwnLetters
  readonly bytes: Pick<MessageBytes, 'release'>
  readonly queue: Pick<OutgoingQueue, 'settle'>
  /** Who writes: SITENAME, and the postmaster of DOMAIN. */
  readonly from: { readonly name: string; readonly address: Address }
  /** WELCOME_SUBJECT, WELCOME_BODY. */
  readonly welcome: Text
  readonly clock: Clock
  readonly log: Log
}

interface Text {
  readonly subject: string
  readonly body: string
}

/** Of letters at once: others have their turn between them. */
const atOnce = 8
const peoplePerStep = 80
/** Longer than any letter waits. */
const rememberedMs = 60 * 86_400_000

/** `sent` counts who has it now, also by a try that nobody wrote down before a crash. */
type Sent = 'sent' | 'nowhere' | 'later'

/** Writes what is due. Each letter is stored together with the note that it was: nobody gets it twice, whenever this process ends. */
export class Sender {
  readonly #parts: LettersParts

  constructor(parts: LettersParts) {
    this.#parts = parts
  }

  /** Everything; returns early when it is told to, or when nothing can be written now. */
  async send(signal: AbortSignal): Promise<void> {
    if (await this.#welcome(signal)) await this.#announce(signal)
  }

  async #welcome(signal: AbortSignal): Promise<boolean> {
    const { due, welcome, log } = this.#parts
    while (!signal.aborted) {
      const people = await due.welcomes(peoplePerStep)
      if (people.length === 0) return true
      const sent = await this.#toAll(people, { ...welcome, name: 'welcome' }, signal)
      if (!sent) return false
      await due.welcomed(people.map(({ account }) => account))
      log.info('letters.welcomed', sent)
    }
    return false
  }

  async #announce(signal: AbortSignal): Promise<void> {
    const { due, log } = this.#parts
    for (;;) {
      const announcement = await due.announcement()
      if (!announcement || signal.aborted) return
      const { id, subject, body } = announcement
      const people = await due.recipients(announcement, peoplePerStep)
      const last = people.at(-1)
      if (!last) {
        await due.over(id)
        log.info('letters.announced', { announcement: id })
        continue
      }
      const sent = await this.#toAll(people, { subject, body, name: `announcement ${id}` }, signal)
      if (!sent) return
      await due.reached(id, last.address, sent)
    }
  }

  /** Undefined where somebody has to be asked again. */
  async #toAll(
    people: readonly LetterRecipient[],
    letter: Text & { readonly name: string },
    signal: AbortSignal,
  ) {
    const counts = { sent: 0, skipped: 0 }
    for (let at = 0; at < people.length; at += atOnce) {
      if (signal.aborted) return undefined
      const some = await Promise.all(people.slice(at, at + atOnce).map((one) => this.#to(one, letter)))
      if (some.includes('later')) return undefined
      const sent = some.filter((outcome) => outcome === 'sent').length
      counts.sent += sent
      counts.skipped += some.length - sent
    }
    return counts
  }

  async #to(
    { account, address, enabled }: LetterRecipient,
    { subject, body, name }: Text & { readonly name: string },
  ): Promise<Sent> {
    const { letters, queue, bytes, from, clock, log } = this.#parts
    if (!enabled) return 'nowhere'
    const now = clock.now()
    const once = { kind: 'told', name: `${name} ${account}`, value: '', until: now + rememberedMs } as const
    const id = `${name.replace(' ', '-')}.${account}@${domainOf(from.address)}`
    const whole = textLetter({ from, to: address, subject, body, now, id })
    const smtpUtf8 = /\P{ASCII}/u.test(address)
    const planned = await letters.plan({ id, to: address, whole, requireTls: false, smtpUtf8 })
    if (planned.kind !== 'planned') return planned.kind
    const { delivery } = planned
    const settled = await queue.settle({ rows: [], reports: [delivery], once })
    if (settled.kind === 'settled') return 'sent'
    await bytes.release(delivery.message)
    if (settled.kind === 'known') return 'sent'
    log.warn('letters.wait', { text: settled.text })
    return 'later'
  }
}
