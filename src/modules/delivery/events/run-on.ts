import { randomUUID } from 'node:crypto'
import type { Uid } from '../../../ports/mail-store.ts'
import type { SieveOutcome } from '../../../ports/sieve.ts'
import { keepDecided } from '../noting.ts'
import { sayAction, sayProblem } from '../rules/explain.ts'
import { carryOut } from './carry-out.ts'
import { eventFacts } from './event-facts.ts'
import { hasFlags, type MetMessage, meet } from './met-message.ts'
import type { EventParts, ScriptRun } from './prepare.ts'

/** A rule that looks for what it has seen is asked anew for each thing that it saw. */
const mostAttempts = 20

/** Runs the script on one message, and does what it says. Whatever goes wrong, the message stays where it is. */
export async function runOn(parts: EventParts, run: ScriptRun, uid: Uid): Promise<void> {
  const met = await meet(parts.store, run, uid)
  if (met === undefined) return
  const id = randomUUID()
  let seen: readonly string[] = []
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const outcome = await parts.engine.evaluate(run.script, eventFacts(parts, run, { met, seen, id }))
    const refused = outcome.actions.find(({ kind }) => kind === 'reject')
    const actions = refused ? [] : outcome.actions
    if (!saysAnything(outcome, met)) return
    const steps = refused ? [`not done: nobody brings this message, so it cannot be refused`] : said(outcome)
    const noted = await note(parts, run, { id, outcome, steps })
    if (noted.kind === 'known') {
      seen = [...seen, ...noted.keys.map(({ key }) => key)]
      continue
    }
    if (noted.kind === 'accepted' && actions.length > 0)
      await carryOut(parts, run, { met, id, actions, versions: outcome.versions })
    return
  }
}

function saysAnything({ error, guards, actions }: SieveOutcome, met: MetMessage): boolean {
  if (error !== undefined || guards.length > 0) return true
  return !actions.every(
    (action) =>
      action.kind === 'file' && action.implicit && action.version === 0 && hasFlags(met, action.flags),
  )
}

function said({ error, actions }: SieveOutcome): string[] {
  if (error) return [`the script stopped, so nothing is done: ${sayProblem(error)}`]
  return actions.filter((action) => !(action.kind === 'file' && action.implicit)).map(sayAction)
}

/** Guards and the reasons are on disk before anything is done: what is done twice is worse than what is not done. */
async function note(
  { store, clock, log, rules }: EventParts,
  { event, owner, user, mailbox }: ScriptRun,
  { id, outcome, steps }: { id: string; outcome: SieveOutcome; steps: readonly string[] },
): ReturnType<EventParts['store']['accept']> {
  const account = event.owner
  const noted = await keepDecided(store, {
    id,
    guards: outcome.guards.map(({ key, until, renew }) => ({ account, key, until, renews: renew })),
    decisions:
      steps.length === 0
        ? []
        : [
            {
              account,
              recipient: owner.address,
              steps: [`by IMAP (${event.cause}) in ${mailbox}`, ...steps],
            },
          ],
    trace: {
      connection: 'imap-script',
      ip: '127.0.0.1',
      helo: rules.hostname,
      sender: user,
      at: clock.now(),
    },
  })
  if (noted.kind === 'later') log.warn('imap-script.later', { account, reason: noted.reason })
  return noted
}
