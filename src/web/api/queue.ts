import { z } from 'zod'
import { readableName } from '../../lib/readable-name.ts'
import type { Changed, OutgoingQueue, QueuedRecipient, QueueId } from '../../ports/outgoing-queue.ts'
import { type Answer, done, json, later, list, missing } from './answer.ts'
import { flag, number, text, timeOf } from './fields.ts'
import { type ApiPorts, type Operation, operation } from './operation.ts'

const params = { id: number('row of the queue') }
const queued = z.object({
  id: z.int().meta({ description: 'Its number' }),
  recipient: text('Who is to get it'),
  sender: text('Who sent it; empty is the null reverse-path'),
  destination: text('The domain or relay that it goes to'),
  bytes: z.int(),
  held: flag('Waits until it is released'),
  accepted_at: text('When it was taken'),
  next_try: text('When it is tried next'),
  expires_at: text('When it is given up'),
  attempts: z.int(),
  last: z
    .object({
      at: text('When it was tried last'),
      server: text('With which server').nullable(),
      code: z.int().nullable(),
      text: text('What was said then'),
    })
    .nullable(),
})

type Change = 'hold' | 'release' | 'retry' | 'drop'

export const queueOperations: readonly Operation[] = [
  operation({
    area: 'queue',
    method: 'get',
    path: '/queue',
    summary: 'Lists what waits for other servers, a thousand at a time',
    query: { after: number('last row seen').default(0) },
    answers: z.array(queued),
    run: async ({ ports: { queue }, query: { after } }) => list((await queue.list(after, page)).map(shown)),
  }),
  operation({
    area: 'queue',
    method: 'get',
    path: '/queue/{id}',
    summary: 'Shows what waits, and why',
    params,
    answers: queued,
    run: async ({ ports: { queue }, params: { id } }) => {
      const row = await find(queue, id)
      return row ? json(shown(row)) : missing(`row ${id} of the queue`)
    },
  }),
  change('post', '/queue/{id}/hold', 'Keeps it until it is released', 'hold'),
  change('post', '/queue/{id}/release', 'Lets it go on', 'release'),
  change('post', '/queue/{id}/retry', 'Tries it now, held or not', 'retry'),
  change('delete', '/queue/{id}', 'Throws it away; nobody is told', 'drop'),
]

const page = 1000

function change(method: 'post' | 'delete', path: string, summary: string, what: Change): Operation {
  return operation({
    area: 'queue',
    method,
    path,
    summary,
    params,
    run: ({ ports, actor, params: { id } }) => changeRow(ports, id, { what, actor }),
  })
}

async function changeRow(
  { queue, admin }: ApiPorts,
  id: QueueId,
  { what, actor }: { readonly what: Change; readonly actor: string },
): Promise<Answer> {
  const row = await find(queue, id)
  if (!row) return missing(`row ${id} of the queue`)
  const changed: Changed = await queue[what]([id])
  if (changed.kind === 'later') return later(changed)
  const column = { column: 'asked', from: undefined, to: what }
  const did = what === 'drop' ? 'deleted' : 'modified'
  await admin.record({ on: 'queue', key: `${id} to ${row.address}`, did, columns: [column] }, actor)
  return done(`Row ${id} of the queue: ${what}`)
}

async function find(queue: OutgoingQueue, id: QueueId): Promise<QueuedRecipient | undefined> {
  const [row] = await queue.list(id - 1, 1)
  return row?.id === id ? row : undefined
}

const shown = ({ last, ...row }: QueuedRecipient) => ({
  id: row.id,
  recipient: readableName(row.address),
  sender: readableName(row.sender ?? ''),
  destination: readableName(row.destination),
  bytes: row.size,
  held: row.held,
  accepted_at: timeOf(row.acceptedAt),
  next_try: timeOf(row.due),
  expires_at: timeOf(row.expires),
  attempts: row.attempts,
  last: last
    ? { at: timeOf(last.at), server: last.server ?? null, code: last.code ?? null, text: last.text }
    : null,
})
