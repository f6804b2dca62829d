import type { KeptTrace, MailTraces, TraceOutcome } from '../../../ports/mail-traces.ts'
import type { QueuedRecipient } from '../../../ports/outgoing-queue.ts'
import { text, wholeNumber } from '../../settings/kinds.ts'
import { type Answer, done, refused } from '../answer.ts'
import { argument, option, type Verb, type VerbPorts, verb } from '../verb.ts'

const usual = 20
const page = 1000
const mostDecisions = 2000

type Found = Awaited<ReturnType<MailTraces['find']>>[number]

/** Where a message is, and why: what was answered, what rules did with it, what it waits for. */
export const traceVerbs: Readonly<Record<string, Verb>> = {
  trace: verb({
    summary: 'Tells where messages are and what became of them, the newest first',
    takes: {
      what: argument(
        text,
        'A part of an address, a name or the subject, a Message-ID in its brackets, the number of a row in the queue, or an id from the log',
      ),
      last: option(wholeNumber(1, 1000), `How many at most; without it ${usual}`),
    },
    run: async (ports, { what, last = usual }) => {
      const found = await find(ports, what.trim(), last)
      if (found.length === 0)
        return refused(`Nothing is known of ${what}. Traces are kept for some weeks; the log knows more.`)
      return told(ports, found)
    },
  }),
}

async function find({ traces, queue }: VerbPorts, what: string, atMost: number): Promise<readonly Found[]> {
  if (/^<.*>$/.test(what)) return traces.find({ messageId: what.slice(1, -1), atMost })
  if (/^\d{1,15}$/.test(what)) {
    const [row] = await queue.list(Number(what) - 1, 1)
    if (row?.id === Number(what)) return traces.find({ arrival: row.arrival, atMost })
  }
  const ofLog = await traces.find({ arrival: what, atMost })
  return ofLog.length > 0 ? ofLog : traces.find({ containing: what, atMost })
}

async function told(ports: VerbPorts, found: readonly Found[]): Promise<Answer> {
  const waiting = await waitingOf(ports, found)
  const decided = await decidedOf(ports, found)
  const judged = new Map<string, string>()
  for (const arrival of new Set(found.map((one) => one.arrival))) {
    const [verdict] = (await ports.spam?.history.judged({ id: arrival, atMost: 1 })) ?? []
    if (verdict) judged.set(arrival, judgedText(verdict.judgement))
  }
  const steps = found.map((one) => {
    const rows = one.way === 'out' ? waiting.filter((row) => isOf(row, one)) : []
    return {
      ...one,
      judged: one.way === 'in' ? judged.get(one.arrival) : undefined,
      decided: decided.get(`${one.account} ${one.arrival}`) ?? [],
      waits: rows.map(({ id, due, held, last }) => ({ id, due, held, last: last?.text })),
    }
  })
  return done(steps.map(described).join('\n\n'), steps)
}

const isOf = (row: QueuedRecipient, { arrival, other }: KeptTrace) =>
  row.arrival === arrival && row.address === other

/** What of them is in the queue. */
async function waitingOf({ queue }: VerbPorts, found: readonly Found[]): Promise<QueuedRecipient[]> {
  const arrivals = new Set(found.filter(({ outcome }) => outcome === 'waiting').map(({ arrival }) => arrival))
  const rows: QueuedRecipient[] = []
  for (let after = 0; arrivals.size > 0; ) {
    const some = await queue.list(after, page)
    rows.push(...some.filter(({ arrival }) => arrivals.has(arrival)))
    const last = some.at(-1)
    if (!last || some.length < page) break
    after = last.id
  }
  return rows
}

/** What rules did with them, by account and arrival. */
async function decidedOf({ mail }: VerbPorts, found: readonly Found[]) {
  const steps = new Map<string, readonly string[]>()
  for (const account of new Set(found.map((one) => one.account)))
    for (const one of await mail.decisions(account, mostDecisions))
      steps.set(`${account} ${one.arrival}`, one.steps)
  return steps
}

interface Judged {
  readonly score: number
  readonly reasons: readonly { readonly name: string; readonly score: number; readonly why: string }[]
}

function judgedText({ score, reasons }: Judged): string {
  const heaviest = [...reasons].sort((one, other) => Math.abs(other.score) - Math.abs(one.score)).slice(0, 3)
  return `${score} points${heaviest.map(({ why }) => `, ${why}`).join('')}`
}

const outcomes: Readonly<Record<TraceOutcome, string>> = {
  delivered: 'delivered here',
  refused: 'refused',
  later: 'asked to come again',
  waiting: 'waits in the queue',
  sent: 'taken by the other server',
  failed: 'given up, or sent back',
  withdrawn: 'taken out of the queue',
}

interface Step extends Found {
  readonly judged: string | undefined
  readonly decided: readonly string[]
  readonly waits: readonly {
    readonly id: number
    readonly due: number
    readonly held: boolean
    readonly last: string | undefined
  }[]
}

function described(step: Step): string {
  const { at, settledAt, arrival, way, own, other, author, subject, outcome, detail, messageId } = step
  const [from, to] = way === 'in' ? [other, own] : [own, other]
  return [
    `${moment(at)} ${arrival}`,
    `  from ${from || '<>'} to ${to}`,
    ...(author || subject ? [`  ${author}: ${subject || 'no subject'}`] : []),
    ...(messageId ? [`  <${messageId}>`] : []),
    ...(step.judged === undefined ? [] : [`  judged: ${step.judged}`]),
    `  ${moment(settledAt)} ${outcomes[outcome]}${detail === '' ? '' : `: ${detail}`}`,
    ...step.decided.map((each) => `  ${each}`),
    ...step.waits.map(
      ({ id, due, held, last }) =>
        `  in the queue as ${id}, ${held ? 'held' : `next try ${moment(due)}`}${last === undefined ? '' : `; last answer: ${last}`}`,
    ),
  ]
    .map(shown)
    .join('\n')
}

const moment = (at: number) => new Date(at).toISOString()
/** Strangers wrote it, and it goes to a terminal. */
const shown = (line: string) => line.replace(/[\x00-\x1f\x7f-\x9f]/g, '?')
