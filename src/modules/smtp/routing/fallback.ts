import type { OutgoingNotes } from '../../../ports/outgoing-notes.ts'
import type { Way } from '../../../ports/outgoing-queue.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import type { Failure } from '../client/outcome.ts'
import type { Tried } from '../queue/settle.ts'

interface Parts {
  readonly notes: Pick<OutgoingNotes, 'get' | 'put'>
  /** Undefined: there is no other way. */
  readonly way: Way | undefined
  readonly clock: Clock
  readonly log: Log
}

/** After this it is tried directly again: addresses lose their bad names. */
const rememberedMs = 7 * 86_400_000
/** What is refused before anybody has seen the message is refused because of who we are. */
const early: ReadonlySet<string> = new Set(['connect', 'EHLO', 'HELO', 'MAIL FROM', 'RCPT TO'])

/** A greylist says 4xx, and lets us in by itself. */
const isAboutOurAddress = ({ why, saidBy, step, code = 0 }: Failure) =>
  why === 'policy' && saidBy === 'them' && code >= 500 && early.has(step)

/** The relay for destinations that refuse our address, remembered for each. */
export class Fallback {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async wayTo(way: Way): Promise<Way | undefined> {
    if (this.#parts.way === undefined) return undefined
    return (await this.#parts.notes.get('way', way))?.value
  }

  /** The same outcomes; those that another server may turn out better go to it at once. */
  async turn(tried: readonly Tried[]): Promise<readonly Tried[]> {
    const { way, notes, clock, log } = this.#parts
    if (way === undefined) return tried
    const turned: Tried[] = []
    for (const each of tried) {
      const { sent, recipient } = each
      const { destination } = recipient
      const isAboutUs = sent.kind !== 'done' && isAboutOurAddress(sent)
      if (!isAboutUs || destination.includes(':') || (await this.wayTo(destination)) !== undefined) {
        turned.push(each)
        continue
      }
      log.info('outgoing.falls-back', { destination, way, code: sent.code, text: sent.text })
      await notes.put([{ kind: 'way', name: destination, value: way, until: clock.now() + rememberedMs }])
      turned.push({ ...each, sent: { ...sent, kind: 'later', why: 'another-way' } })
    }
    return turned
  }
}
