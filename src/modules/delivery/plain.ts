import type { LocalCopy } from '../../ports/mail-store.ts'
import { filingOf, onceGuards } from './collected.ts'
import type { PlannedDelivery } from './content.ts'
import { leavingOf, leavingSteps } from './leaving.ts'
import type { PlanFacts } from './plan-facts.ts'
import { copyPrefix } from './prefix.ts'
import { isPlain } from './rules/person.ts'
import { judgedFor } from './rules/spam-percent.ts'

/**
 * What comes of a message about which nobody's rules say anything: nearly every one. The same as the distribution says of it, for a
 * fraction of the work. Undefined where somebody has a say.
 */
export function plainDelivery(facts: PlanFacts): PlannedDelivery | undefined {
  if (!isPlainForAll(facts)) return undefined
  const { arrival, report, judgement, snapshot, rules } = facts
  const { id, message, sender, trace, connection, client } = arrival
  const { now, expansions, senders, ways } = snapshot
  const results = report.header + judgement.headers
  const leaving = { arrival, expansions, senders, ways, results, now, rules }
  const copies: LocalCopy[] = []
  const recipients = expansions.map((expansion) => {
    const { recipient } = expansion
    const notes: string[] = []
    const filed: string[] = []
    for (const { account, address: owner } of expansion.mailboxes) {
      if (copies.some((copy) => copy.account === account)) {
        notes.push(`${owner} has it already, by another recipient`)
        continue
      }
      const results = report.header + judgedFor(judgement, account).headers
      const prefix = copyPrefix({ sender, recipient, owner, results, trace })
      const { mailbox, flags, receivedAt } = filingOf(arrival, account)
      copies.push({ account, mailbox, flags, prefix, receivedAt })
      filed.push(`${owner}: filed in ${mailbox}`)
    }
    const steps = [...expansion.steps, ...notes, ...filed, ...leavingSteps(expansion, leaving)]
    return { address: recipient, steps }
  })
  return {
    id,
    message,
    copies,
    outgoing: expansions.some(({ outside }) => outside.length > 0) ? leavingOf(leaving) : [],
    made: [],
    guards: onceGuards(arrival),
    decisions: [],
    trace: { connection, ip: client.ip, helo: client.helo, sender: sender ?? '', at: now, recipients },
  }
}

function isPlainForAll({ snapshot: { expansions, people } }: PlanFacts): boolean {
  return expansions.every(
    ({ mailboxes, forwards }) =>
      forwards.length === 0 &&
      mailboxes.every(({ account }) => {
        const person = people.get(account)
        return person !== undefined && isPlain(person)
      }),
  )
}
