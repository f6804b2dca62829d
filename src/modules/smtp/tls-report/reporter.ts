import { createHash } from 'node:crypto'
import { type Address, parseAddress } from '../../../lib/address.ts'
import type { MessageBytes } from '../../../ports/message.ts'
import type { Note, OutgoingNotes } from '../../../ports/outgoing-notes.ts'
import type { OutgoingQueue } from '../../../ports/outgoing-queue.ts'
import type { OwnMail } from '../../../ports/own-mail.ts'
import type { Log } from '../../../ports/runtime.ts'
import { askHttps, type HttpsMeans } from '../https.ts'
import { planLetter } from '../queue/letter-home.ts'
import { gzipped, type ReportedDay, reportAddresses, reportMail, reportOf } from './report.ts'
import { type DayResults, dayOf } from './results.ts'

export interface ReporterParts extends HttpsMeans {
  readonly notes: Pick<OutgoingNotes, 'get' | 'list' | 'put' | 'drop'>
  readonly queue: Pick<OutgoingQueue, 'settle'>
  readonly bytes: MessageBytes
  readonly ownMail: OwnMail
  readonly hostname: string
  readonly contact: Address
  readonly log: Log
  readonly random: () => number
}

const hourMs = 3_600_000
const dnsMs = 20_000
const postMs = 30_000
const page = 100
const dayMs = 86_400_000
/** RFC 8460 §5.5: who does not take a report is asked again for a day. */
const triedMs = dayMs
const rememberedMs = 30 * dayMs
const mostPlaces = 5

/** Tells other domains once a day what TLS with them came to, where they want to hear it. RFC 8460. */
export class TlsReporter {
  readonly #parts: ReporterParts
  readonly #ending = new AbortController()
  #running: Promise<void> | undefined

  constructor(parts: ReporterParts) {
    this.#parts = parts
  }

  start(): void {
    this.#running = this.#run()
  }

  async drain(): Promise<void> {
    this.#ending.abort('over')
    await this.#running
  }

  async #run(): Promise<void> {
    const { clock, random, log } = this.#parts
    while (!this.#ending.signal.aborted) {
      try {
        await this.report()
      } catch (cause) {
        log.error('outgoing.tls-report-failed', cause)
      }
      // RFC 8460 §4.1: not everybody at midnight.
      await clock.sleep(hourMs * (0.5 + random()), this.#ending.signal)
    }
  }

  /** All days that are over. */
  async report(): Promise<void> {
    const { notes, clock } = this.#parts
    const today = dayOf(clock.now())
    for (let after = ''; ; ) {
      const found = await notes.list('tls', after, page)
      const over = found.filter(({ name }) => name < today)
      for (const note of over) {
        if (this.#ending.signal.aborted) return
        if (await this.#tell(note)) await notes.drop('tls', [note.name])
      }
      const last = found.at(-1)
      if (!last || over.length < found.length) return
      after = last.name
    }
  }

  /** False where somebody is to be told again later. */
  async #tell({ name, value }: Note): Promise<boolean> {
    const { dns, clock, hostname, contact } = this.#parts
    const [day = '', domain = ''] = name.split(' ')
    const isLast = clock.now() > Date.parse(`${day}T00:00:00Z`) + dayMs + triedMs
    const question = { name: `_smtp._tls.${domain}`, type: 'TXT', deadlineMs: clock.now() + dnsMs } as const
    const outcome = await dns.resolve(question)
    if (outcome.kind === 'later') return isLast
    if (outcome.kind !== 'records') return true
    const texts = outcome.records.flatMap((record) =>
      record.type === 'TXT' ? [record.strings.join('')] : [],
    )
    // The same at every attempt: whoever gets it twice can tell.
    const digest = createHash('sha256').update(`${name} ${hostname}`).digest('hex').slice(0, 12)
    const id = `${day}.${domain}.${digest}@${hostname}`
    const results = JSON.parse(value) as readonly DayResults[]
    const reported = { domain, day, results, hostname, contact, id }
    let isOver = true
    for (const place of reportAddresses(texts).slice(0, mostPlaces))
      isOver = (await this.#tellAt(place, reported)) && isOver
    return isOver || isLast
  }

  /** False where it is worth another try. */
  async #tellAt(place: string, reported: ReportedDay): Promise<boolean> {
    const { notes, clock, log } = this.#parts
    const { day, domain } = reported
    const name = `tls ${day} ${domain} ${place}`
    if (await notes.get('told', name)) return true
    const once = { kind: 'told', name, value: '', until: clock.now() + rememberedMs } as const
    const told = place.startsWith('mailto:')
      ? await this.#mail(reported, place.slice(7), once)
      : await this.#post(reported, place, once)
    log.info('outgoing.tls-report', { domain, day, to: place, said: told.text })
    return told.kind !== 'again'
  }

  async #mail(reported: ReportedDay, to: string, once: Note): Promise<Told> {
    const address = parseAddress(decoded(to))
    if (!address) return { kind: 'never', text: 'no address' }
    const { queue, clock, bytes } = this.#parts
    const whole = reportMail(reported, address, clock.now())
    const letter = { id: reported.id, to: address, whole, requireTls: false, smtpUtf8: false }
    const planned = await planLetter(this.#parts, letter)
    if (planned.kind === 'later') return { kind: 'again', text: planned.text }
    if (planned.kind === 'nowhere') return { kind: 'never', text: planned.text }
    const { outgoing = [] } = planned.delivery
    const anyhow = outgoing.map((leaving) => ({ ...leaving, anyhow: true }))
    const settled = await queue.settle({
      rows: [],
      reports: [{ ...planned.delivery, outgoing: anyhow }],
      once,
    })
    if (settled.kind !== 'settled') await bytes.release(planned.delivery.message)
    return settled.kind === 'later' ? { kind: 'again', text: settled.text } : { kind: 'told', text: 'queued' }
  }

  /** A crash in between tells once more, by the same id. */
  async #post(reported: ReportedDay, place: string, once: Note): Promise<Told> {
    const told = await post(reported, place, this.#parts)
    if (told.kind === 'told') await this.#parts.notes.put([once])
    return told
  }
}

/** What came of telling one place. */
interface Told {
  readonly kind: 'told' | 'again' | 'never'
  readonly text: string
}

/** RFC 6068 §2; '' where it is none. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** RFC 8460 §5.4. */
async function post(reported: ReportedDay, place: string, means: HttpsMeans): Promise<Told> {
  if (!URL.canParse(place) || !place.startsWith('https://'))
    return { kind: 'never', text: 'no way that is known' }
  const { hostname: host, port, pathname, search } = new URL(place)
  const answer = await askHttps(
    {
      method: 'POST',
      host,
      port: Number(port || 443),
      path: pathname + search,
      headers: { 'content-type': 'application/tlsrpt+gzip' },
      body: gzipped(reportOf(reported)),
      patienceMs: postMs,
      mostOctets: 64 * 1024,
    },
    means,
  )
  if (answer.kind === 'failed') return { kind: 'again', text: answer.text }
  const { status } = answer
  if (status >= 200 && status < 300) return { kind: 'told', text: String(status) }
  return { kind: status >= 500 || status === 408 || status === 429 ? 'again' : 'never', text: String(status) }
}
