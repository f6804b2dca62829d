import { domainOf } from '../../../lib/address.ts'
import { parseRelayTarget, relayTargetExpected } from '../../../lib/relay-target.ts'
import type { Changed, OutgoingQueue, QueuedRecipient, QueueId } from '../../../ports/outgoing-queue.ts'
import { address, domain, type Kind, listOf } from '../../settings/kinds.ts'
import { type Answer, done, refused } from '../answer.ts'
import { argument, maybeRest, rest, type Verb, verb } from '../verb.ts'

type Chosen = (row: QueuedRecipient) => boolean

/** Which rows of the queue: `all`, a number, an address (of sender or recipient), the domain of recipients, or the way they go. */
const chosen: Kind<Chosen> = {
  expected: 'all, the number of a row, an address or a domain',
  read: (value) => {
    if (value === 'all') return { value: () => true }
    if (/^\d{1,15}$/.test(value)) return { value: ({ id }) => id === Number(value) }
    const person = address.read(value)?.value
    if (person) return { value: (row) => row.address === person || row.sender === person }
    const where = domain.read(value)?.value
    return where && { value: (row) => row.destination === where || domainOf(row.address) === where }
  },
}

const which = rest(
  listOf(chosen),
  'Which: all, the numbers of rows, addresses of senders or recipients, domains',
)

const way: Kind<string | undefined> = {
  expected: `own, or a relay: ${relayTargetExpected}`,
  read: (value) => {
    if (value === 'own') return { value: undefined }
    const someDomain = domain.read('invalid')?.value
    const names = someDomain && !/^(?::|$)/.test(value) && parseRelayTarget(value, someDomain)
    return names ? { value: `via:${value.trim().toLowerCase()}` } : undefined
  },
}

const page = 1000
/** More is read by a program, with --json. */
const mostShown = 10_000

export const queueVerbs: Readonly<Record<string, Verb>> = {
  'queue list': verb({
    summary: 'Lists what waits for other servers, and why',
    takes: { which: maybeRest(listOf(chosen), 'Which; without it all') },
    run: async ({ queue }, values) => shown((await rowsOf(queue, values.which, mostShown)).rows, Date.now()),
  }),
  'queue hold': verb({
    summary: 'Keeps messages in the queue until they are released',
    takes: { which },
    run: ({ queue }, values) => each(queue, values.which, 'held', (ids) => queue.hold(ids)),
  }),
  'queue release': verb({
    summary: 'Lets messages that were held go on',
    takes: { which },
    run: ({ queue }, values) => each(queue, values.which, 'released', (ids) => queue.release(ids)),
  }),
  'queue retry': verb({
    summary: 'Tries messages now, held or not',
    takes: { which },
    run: ({ queue }, values) => each(queue, values.which, 'tried now', (ids) => queue.retry(ids)),
  }),
  'queue drop': verb({
    summary: 'Throws messages away; nobody is told',
    takes: { which },
    run: ({ queue }, values) => each(queue, values.which, 'dropped', (ids) => queue.drop(ids)),
  }),
  'queue reroute': verb({
    summary: 'Sends messages now, by another way than their own',
    takes: {
      way: argument(way, 'A relay, such as smtp.example.org:587, or own: as it would have gone'),
      which,
    },
    run: ({ queue }, values) =>
      each(queue, values.which, 'sent that way', (ids) => queue.reroute(ids, values.way)),
  }),
}

async function rowsOf(
  queue: OutgoingQueue,
  wanted: readonly Chosen[] = [() => true],
  most = Number.POSITIVE_INFINITY,
): Promise<{ readonly rows: readonly QueuedRecipient[] }> {
  const rows: QueuedRecipient[] = []
  for (let after: QueueId | undefined = 0; after !== undefined && rows.length < most; ) {
    const next: readonly QueuedRecipient[] = await queue.list(after, page)
    rows.push(...next.filter((row) => wanted.some((isWanted) => isWanted(row))))
    after = next.at(-1)?.id
  }
  return { rows }
}

async function each(
  queue: OutgoingQueue,
  wanted: readonly Chosen[],
  did: string,
  change: (ids: readonly QueueId[]) => Promise<Changed>,
): Promise<Answer> {
  const { rows } = await rowsOf(queue, wanted)
  let count = 0
  for (let from = 0; from < rows.length; from += page) {
    const changed = await change(rows.slice(from, from + page).map(({ id }) => id))
    if (changed.kind === 'later') return refused(changed.text)
    count += changed.count
  }
  return count > 0 ? done(`${count} ${did}.`, { count }) : refused('Nothing in the queue is that.')
}

function shown(rows: readonly QueuedRecipient[], now: number): Answer {
  return {
    kind: 'table',
    columns: ['ID', 'TO', 'FROM', 'BYTES', 'TRIED', 'NEXT', 'WHY IT WAITS'],
    rows: rows.map((row) => [
      row.id,
      row.address,
      row.sender ?? '<>',
      row.size,
      row.attempts,
      nextOf(row, now),
      whyOf(row),
    ]),
    json: rows,
  }
}

function nextOf({ held, due }: QueuedRecipient, now: number): string {
  if (held) return 'held'
  return due <= now ? 'now' : `${new Date(due).toISOString().slice(0, 16)}Z`
}

function whyOf({ last, destination, address: to }: QueuedRecipient): string {
  const elsewhere = destination === domainOf(to) ? '' : `goes ${destination}; `
  if (!last) return elsewhere.replace(/; $/, '')
  const { server, code, status, text } = last
  return `${elsewhere}${server === undefined ? '' : `${server}: `}${[code, status, text].filter(Boolean).join(' ')}`
}
