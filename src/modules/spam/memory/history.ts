import { type Address, domainOf } from '../../../lib/address.ts'
import { nextTurn } from '../../../platform/next-turn.ts'
import type { Database } from '../../../platform/sqlite/database.ts'
import type { WriterFile } from '../../../platform/sqlite/writer.ts'
import type { Arrival } from '../../../ports/intake.ts'
import type { AuthChecks } from '../../../ports/mail-authentication.ts'
import type { HistoryQuestion, JudgedMessage } from '../../../ports/spam-history.ts'
import type { Judgement } from '../../../ports/spam-judge.ts'
import type { JudgedRow } from './history-program.ts'

const recipientsKept = 20
const longestText = 200
/** What waits to be written; beyond it the history has gaps, and mail does not wait. */
const mostWaiting = 5_000
const rowsPerWrite = 200
/** Together: after each commit the reader has to find its pages again. */
const writeEveryMs = 200
const rowsPerTurn = 100
const mostAsked = 1_000

/** What was made of each message. Written behind the reply: what a crash takes away here, the log has. */
export class History {
  readonly #db: Database
  readonly #file: Pick<WriterFile, 'call'>
  readonly #failed: (cause: unknown) => void
  #waiting: JudgedRow[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(db: Database, file: Pick<WriterFile, 'call'>, failed: (cause: unknown) => void) {
    this.#db = db
    this.#file = file
    this.#failed = failed
  }

  add(arrival: Arrival, judgement: Judgement, checks: AuthChecks | undefined): void {
    if (this.#waiting.length >= mostWaiting) return
    this.#waiting.push(rowOf(arrival, judgement, checks))
    this.#timer ??= setTimeout(() => void this.settled(), writeEveryMs).unref()
  }

  /** Everything is written. */
  settled(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async judged({ atMost, before, ...wanted }: HistoryQuestion): Promise<JudgedMessage[]> {
    await this.settled()
    const most = Math.min(atMost, mostAsked)
    const found: JudgedMessage[] = []
    for await (const row of this.#newest(before)) {
      const message = wantedMessage(row, wanted)
      if (!message) continue
      found.push(message)
      if (found.length >= most) break
    }
    return found
  }

  async *#newest(before = Number.MAX_SAFE_INTEGER): AsyncGenerator<NumberedRow> {
    const page = this.#db.prepare<[number, number], NumberedRow>(
      'SELECT * FROM judged WHERE number < ? ORDER BY number DESC LIMIT ?',
    )
    for (let next = before; ; ) {
      const rows = page.all(next, rowsPerTurn)
      yield* rows
      const last = rows.at(-1)
      if (!last || rows.length < rowsPerTurn) return
      next = last.number
      await nextTurn()
    }
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const rows = this.#waiting.slice(0, rowsPerWrite)
      this.#waiting = this.#waiting.slice(rowsPerWrite)
      await this.#file.call('keepJudged', { rows }).catch(this.#failed)
    }
  }
}

type NumberedRow = JudgedRow & { readonly number: number }

/** Cheap questions first: most rows are not wanted, and are not taken apart. */
function wantedMessage(
  row: NumberedRow,
  { id, address, domains, actions }: Omit<HistoryQuestion, 'atMost' | 'before'>,
): JudgedMessage | undefined {
  if (id !== undefined && row.id !== id) return undefined
  if (address !== undefined && row.sender !== address && !row.recipients.includes(address)) return undefined
  const message = messageOf(row)
  if (actions && !actions.includes(message.judgement.action)) return undefined
  const people = [message.sender, ...message.recipients]
  if (address !== undefined && !people.includes(address)) return undefined
  const isIn = (person: string) => domains?.includes(domainOf(person as Address))
  return domains && !people.some(isIn) ? undefined : message
}

type Kept = JudgedMessage['judgement'] & Pick<JudgedMessage, 'personal'>

function rowOf(
  { id, receivedAt, client, sender, recipients, message, repliesEach = false }: Arrival,
  judgement: Judgement,
  checks: AuthChecks | undefined,
): JudgedRow {
  const { action, score, reasons, refusal, forcedBy, personal = [] } = judgement
  const kept: Kept = {
    action,
    score,
    reasons,
    ...(refusal && { refusal }),
    ...(forcedBy && { forcedBy }),
    personal: personal.map((one) => ({ account: one.account, score: one.score })),
  }
  return {
    id,
    at: receivedAt,
    ip: client.ip,
    sender: sender ?? '',
    recipients: JSON.stringify(recipients.slice(0, recipientsKept).map(({ address }) => address)),
    author: message.index.fromText.slice(0, longestText),
    subject: message.index.subject.slice(0, longestText),
    size: message.size,
    judgement: JSON.stringify(kept),
    checks: checks ? JSON.stringify(checks) : null,
    client: JSON.stringify({ helo: client.helo.slice(0, longestText), tls: client.tls, repliesEach }),
  }
}

function messageOf({ author, recipients, judgement, checks, client, ...row }: NumberedRow): JudgedMessage {
  const { personal, ...kept } = JSON.parse(judgement) as Kept
  return {
    ...row,
    personal,
    judgement: kept,
    from: author,
    recipients: JSON.parse(recipients) as JudgedMessage['recipients'],
    checks: checks === null ? undefined : (JSON.parse(checks) as AuthChecks),
    client: client === null ? undefined : (JSON.parse(client) as JudgedMessage['client']),
  }
}
