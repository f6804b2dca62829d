import { localPartOf } from '../../../src/lib/address.ts'
import type {
  Accepted,
  Arrival,
  Intake,
  RecipientAnswer,
  RecipientOutcome,
  RecipientQuestion,
} from '../../../src/ports/intake.ts'
import type { FakeMessageBytes } from './message-bytes.ts'

export interface RecordingIntake extends Intake {
  readonly questions: RecipientQuestion[]
  readonly arrivals: Arrival[]
  /** Called with every message that was accepted. */
  onArrival: (arrival: Arrival) => void
}

/**
 * Takes everything and remembers it. What is to go wrong stands in the local part of a recipient: `unknown`, `full`, `busy`
 * at RCPT; `reject`, `defer`, `broken` after the data.
 */
export function createRecordingIntake(bytes: FakeMessageBytes): RecordingIntake {
  const intake: RecordingIntake = {
    questions: [],
    arrivals: [],
    onArrival: () => undefined,
    async recipient(question) {
      intake.questions.push(question)
      return answers[localPartOf(question.recipient)] ?? { kind: 'ok' }
    },
    async accept(arrival) {
      const accepted = judge(arrival)
      if (accepted.kind !== 'accepted') await bytes.release(arrival.message)
      else {
        bytes.taken(arrival.message)
        intake.arrivals.push(arrival)
        intake.onArrival(arrival)
      }
      return accepted
    },
  }
  return intake
}

const answers: Readonly<Record<string, RecipientAnswer>> = {
  unknown: { kind: 'refused', code: 550, status: '5.1.1', text: 'No such address here' },
  full: { kind: 'refused', code: 452, status: '4.2.2', text: 'Mailbox full' },
  busy: { kind: 'later', reason: 'overloaded', text: 'Too busy' },
}

const outcomes: Readonly<Record<string, RecipientOutcome>> = {
  reject: { kind: 'refused', code: 550, status: '5.7.1', text: 'Not wanted' },
  defer: { kind: 'later', reason: 'disk-full', text: 'Disk full' },
}

function judge({ recipients }: Arrival): Accepted {
  const locals = recipients.map(({ address }) => localPartOf(address))
  if (locals.includes('broken')) throw new Error('a bug in the intake')
  return { kind: 'accepted', outcomes: locals.map((local) => outcomes[local] ?? { kind: 'done' }) }
}
