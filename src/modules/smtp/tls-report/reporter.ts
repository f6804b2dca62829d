import { randomBytes } from 'node:crypto'
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
  readonly notes: Pick<OutgoingNotes, 'list' | 'drop'>
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
        await this.#tell(note)
        await notes.drop('tls', [note.name])
      }
      const last = found.at(-1)
      if (!last || over.length < found.length) return
      after = last.name
    }
  }

  async #tell({ name, value }: Note): Promise<void> {
    const { dns, clock, hostname, contact, log } = this.#parts
    const [day = '', domain = ''] = name.split(' ')
    const question = { name: `_smtp._tls.${domain}`, type: 'TXT', deadlineMs: clock.now() + dnsMs } as const
    const outcome = await dns.resolve(question)
    if (outcome.kind !== 'records') return
    const texts = outcome.records.flatMap((record) =>
      record.type === 'TXT' ? [record.strings.join('')] : [],
    )
    const id = `${day}.${domain}.${randomBytes(6).toString('hex')}@${hostname}`
    const results = JSON.parse(value) as readonly DayResults[]
    const reported = { domain, day, results, hostname, contact, id }
    for (const place of reportAddresses(texts).slice(0, 5)) {
      const said = place.startsWith('mailto:')
        ? await this.#mail(reported, place.slice(7))
        : await post(reported, place, this.#parts)
      log.info('outgoing.tls-report', { domain, day, to: place, said })
    }
  }

  async #mail(reported: ReportedDay, to: string): Promise<string> {
    const address = parseAddress(decodeURIComponent(to))
    if (!address) return 'no address'
    const { queue, clock } = this.#parts
    const whole = reportMail(reported, address, clock.now())
    const letter = { id: reported.id, to: address, whole, requireTls: false, smtpUtf8: false }
    const planned = await planLetter(this.#parts, letter)
    if (planned.kind !== 'planned') return planned.text
    const settled = await queue.settle({ rows: [], reports: [planned.delivery] })
    return settled.kind === 'later' ? settled.text : 'queued'
  }
}

/** RFC 8460 §5.4. */
async function post(reported: ReportedDay, place: string, means: HttpsMeans): Promise<string> {
  if (!URL.canParse(place) || !place.startsWith('https://')) return 'no way that is known'
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
  return answer.kind === 'answer' ? String(answer.status) : answer.text
}
