import { readHeader } from '../../lib/mime/header.ts'
import { type ServiceAddress, serviceAddressText } from '../../lib/service-address.ts'
import type { Filtered, MailFilter } from '../../ports/mail-filter.ts'
import type { MessageBytes, MessageRef } from '../../ports/message.ts'
import type { Log, Meter } from '../../ports/runtime.ts'
import { applied } from './changes.ts'
import { converse, type Question, type Verdict } from './conversation.ts'
import { Wire } from './wire.ts'

export interface MilterParts {
  readonly milters: readonly ServiceAddress[]
  /** What becomes of a message when a filter is away. */
  readonly whenAway: 'later' | 'accept' | 'refuse'
  readonly hostname: string
  readonly bytes: Pick<MessageBytes, 'read'>
  readonly log: Log
  readonly meter: Meter
}

/** A filter may ask others, far away; after that the sender comes back. */
const silenceMs = 60_000
/** Headers beyond this are no letter's. */
const mostHeaderOctets = 1024 * 1024
const pieceOctets = 65_535

/** Asks one filter after the other; each sees the message as it came. */
export function filterBy(parts: MilterParts): MailFilter {
  return {
    async ask({ arrival, clientName }) {
      const { message, id } = arrival
      const to = Math.min(message.index.headerBytes, mostHeaderOctets)
      const header = readHeader(await parts.bytes.read(message, { from: 0, to }))
      const { hostname } = parts
      const body = () => bodyOf(parts.bytes, message)
      const question: Question = { arrival, hostname, clientName, header, body }
      let passed: Extract<Filtered, { kind: 'passed' }> = {
        kind: 'passed',
        added: '',
        edits: [],
        isSuspect: false,
      }
      for (const milter of parts.milters) {
        const verdict = await verdictOf(parts, milter, question)
        parts.meter.count('milters_total', { outcome: verdict.kind })
        if (verdict.kind === 'refuses') return { ...verdict, kind: 'refused' }
        const { added, edits } = applied(verdict.changes, header)
        const isSuspect = passed.isSuspect || verdict.quarantine !== undefined
        if (verdict.quarantine !== undefined)
          parts.log.info('milter.suspects', { id, why: verdict.quarantine })
        passed = {
          kind: 'passed',
          added: added + passed.added,
          edits: merged(passed.edits, edits),
          isSuspect,
        }
      }
      return passed
    },
  }
}

async function verdictOf(parts: MilterParts, milter: ServiceAddress, question: Question): Promise<Verdict> {
  const wire = new Wire(milter, silenceMs)
  try {
    return await converse(wire, question)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    parts.log.warn('milter.failed', { id: question.arrival.id, milter: serviceAddressText(milter), why })
    return away[parts.whenAway]
  } finally {
    wire.close()
  }
}

/** As Postfix has them in milter_default_action. */
const away: Readonly<Record<MilterParts['whenAway'], Verdict>> = {
  accept: { kind: 'passes', changes: [], quarantine: undefined },
  later: { kind: 'refuses', code: 451, status: '4.7.1', text: 'A filter is not ready, try again later' },
  refuse: { kind: 'refuses', code: 550, status: '5.7.1', text: 'Message refused: a filter is not ready' },
}

type Edits = Extract<Filtered, { kind: 'passed' }>['edits']

/** Of two that change the same field, the later one counts. */
const merged = (before: Edits, later: Edits): Edits =>
  [...before.filter(({ from }) => later.every((edit) => edit.from !== from)), ...later].sort(
    (one, other) => one.from - other.from,
  )

async function* bodyOf(bytes: Pick<MessageBytes, 'read'>, message: MessageRef): AsyncGenerator<Uint8Array> {
  for (let from = message.index.headerBytes; from < message.size; from += pieceOctets)
    yield await bytes.read(message, { from, to: Math.min(from + pieceOctets, message.size) })
}
