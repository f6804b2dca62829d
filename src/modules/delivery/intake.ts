import type { AddressResolver, SenderPolicy } from '../../ports/addresses.ts'
import type {
  Accepted,
  Arrival,
  Intake,
  RecipientAnswer,
  RecipientQuestion,
  Refused,
} from '../../ports/intake.ts'
import type { AuthChecks, MailAuthenticator } from '../../ports/mail-authentication.ts'
import type { MailFilter } from '../../ports/mail-filter.ts'
import type { ArrivalWitness } from '../../ports/mail-reports.ts'
import type { MailSigner } from '../../ports/mail-signing.ts'
import type { MailReader, MailWriter, Usage } from '../../ports/mail-store.ts'
import type { MessageBytes, MessageRef } from '../../ports/message.ts'
import type { ReturnPaths } from '../../ports/routes.ts'
import type { Clock, Log, Meter, TryLater } from '../../ports/runtime.ts'
import type { SieveEngine } from '../../ports/sieve.ts'
import type { Judgement, SpamJudge } from '../../ports/spam-judge.ts'
import type { SuccessReports } from '../../ports/success-reports.ts'
import { wasTakenIn } from './collected.ts'
import { confirm } from './confirm.ts'
import { heldDelivery, isHeld } from './held.ts'
import { type Inspecting, inspect } from './inspect.ts'
import { introduce } from './introduce.ts'
import type { LeavingRules } from './leaving.ts'
import { giveUp, makeMessages } from './making.ts'
import { keepDecided } from './noting.ts'
import type { TurnedAway } from './plan.ts'
import type { PlanRules } from './plan-facts.ts'
import { endless, type Planned, Planner } from './planner.ts'
import { notJudged } from './posting.ts'
import { refusalOf, refusals } from './refusals.ts'
import { type Expansion, expandRecipient, followForwards } from './resolve.ts'
import { People, type PeopleParts } from './rules/person.ts'
import { sieveSettings } from './rules/sieve-settings.ts'
import { witness } from './witnessing.ts'

export interface IntakeParts extends Omit<PeopleParts, 'store'>, Pick<Inspecting, 'scanner'> {
  readonly addresses: AddressResolver
  readonly senders: Pick<SenderPolicy, 'spendAllowance'>
  readonly returnPaths: ReturnPaths
  readonly store: Pick<MailReader, 'usage'> & Pick<MailWriter, 'accept'> & PeopleParts['store']
  readonly bytes: MessageBytes
  readonly engine: SieveEngine
  readonly authenticator: MailAuthenticator
  readonly signer: MailSigner
  readonly judge: Pick<SpamJudge, 'judge'>
  /** Undefined: nobody else is asked. */
  readonly filter?: MailFilter | undefined
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly rules: LeavingRules &
    Inspecting['rules'] & {
      readonly hostname: string
      /** A set of characters. */
      readonly recipientDelimiter: string
    }
  readonly reports: SuccessReports
  /** Undefined: nobody reports. */
  readonly witness?: ArrivalWitness
}

/** A rule that looks for what it has seen needs one plan more for each thing that it saw. */
const mostPlans = 50
const longestReason = 2_000
type Question = Parameters<Planner['plan']>[0]

/** What is known of a message on its way, wherever it ends. */
interface Held {
  score: number
  /** To be released where it is not kept. */
  message: MessageRef
  checks: AuthChecks | undefined
  action: Judgement['action']
  isReport: boolean
}

/** The road that every message takes: authenticate, inspect, judge, plan, accept. */
export class MailIntake implements Intake {
  readonly #parts: IntakeParts
  readonly #planner: Planner
  readonly #rules: PlanRules

  constructor(parts: IntakeParts) {
    this.#parts = parts
    this.#rules = { ...parts.rules, sieve: sieveSettings(parts.rules.recipientDelimiter) }
    this.#planner = new Planner({ ...parts, people: new People(parts) })
  }

  async recipient({ recipient, origin, size }: RecipientQuestion): Promise<RecipientAnswer> {
    const expansion = await expandRecipient(this.#parts.addresses, recipient)
    if (expansion.kind === 'later') return expansion
    return refusalOf(expansion, origin) ?? (await this.#room(expansion, size)) ?? { kind: 'ok' }
  }

  async accept(arrival: Arrival): Promise<Accepted> {
    const began = this.#parts.clock.now()
    const held: Held = {
      score: 0,
      message: arrival.message,
      checks: undefined,
      action: 'accept',
      isReport: false,
    }
    let accepted: Accepted | undefined
    try {
      accepted = await this.#carry(arrival, held)
      return accepted
    } finally {
      // The store takes the message over only when it keeps it.
      if (accepted?.kind !== 'accepted') await this.#parts.bytes.release(held.message)
      witness(this.#parts.witness, arrival, { accepted, ...held })
      this.#report(arrival, accepted, held, this.#parts.clock.now() - began)
    }
  }

  async #carry(received: Arrival, held: Held): Promise<Accepted> {
    const introduced = await introduce(this.#parts, received, held)
    if (introduced.kind !== 'introduced') return introduced
    const { report, isSuspect } = introduced
    held.checks = report.checks
    if (received.origin.kind === 'fetched')
      return this.#deliver({
        arrival: introduced.arrival,
        report,
        judgement: notJudged,
        rules: this.#rules,
      })
    const inspected = await inspect(this.#parts, introduced.arrival)
    if (inspected.kind === 'refused') return inspected
    const { arrival } = inspected
    const judged = await this.#parts.judge.judge(arrival, report)
    const judgement = milder(judged, arrival, isSuspect)
    held.score = judgement.score
    held.action = judgement.action
    // Before the store takes it over; a refused one has nothing to tell.
    if (judgement.action === 'accept' || judgement.action === 'junk')
      held.isReport = (await this.#parts.witness?.read(arrival, report.checks)) ?? false
    if (judgement.action === 'accept' && isHeld(arrival, this.#parts.clock.now())) return this.#hold(arrival)
    return this.#deliver({ arrival, report, judgement, rules: this.#rules })
  }

  /** What is to go out later is asked for its way then. */
  async #hold(arrival: Arrival): Promise<Accepted> {
    const { store, clock } = this.#parts
    const spent = await this.#spend(arrival)
    if (spent) return spent
    const stored = await store.accept(heldDelivery(arrival, clock.now(), this.#rules))
    if (stored.kind === 'later') return stored
    return { kind: 'accepted', outcomes: arrival.recipients.map(() => ({ kind: 'done' })) }
  }

  /** Carries a plan out; another where rules have seen the message already. */
  async #deliver(question: Question): Promise<Accepted> {
    let isSpent = false
    let planned = await this.#planner.plan(question)
    for (let attempt = 0; attempt < mostPlans; attempt++) {
      if (planned.kind === 'refused') return this.#turnAway(question.arrival, planned)
      if (planned.kind !== 'deliver') return planned
      const spent = isSpent ? undefined : await this.#spend(question.arrival)
      if (spent) return spent
      isSpent = true
      const stored = await this.#store(question.arrival, planned)
      if (stored.kind === 'later') return stored
      if (stored.kind === 'accepted') return { kind: 'accepted', outcomes: planned.outcomes }
      if (wasTakenIn(question.arrival, stored.keys)) {
        await this.#parts.bytes.release(question.arrival.message)
        return { kind: 'accepted', outcomes: planned.outcomes }
      }
      planned = await this.#planner.again(question, planned.snapshot, stored.keys)
    }
    return endless
  }

  /** Why stays, for those who look for the message; whoever sent it hears no more than before. */
  async #turnAway(
    { id, connection, client, sender }: Arrival,
    { decisions = [], ...refused }: TurnedAway,
  ): Promise<Refused> {
    if (decisions.length === 0) return refused
    const { store, clock, log } = this.#parts
    const { ip, helo } = client
    const trace = { connection, ip, helo, sender: sender ?? '', at: clock.now() }
    const kept = await keepDecided(store, { id, decisions, trace })
    if (kept.kind === 'later') log.warn('message.decision-lost', { id, reason: kept.reason })
    return refused
  }

  async #store(
    arrival: Arrival,
    { delivery: { made, ...delivery }, outcomes, snapshot }: Extract<Planned, { kind: 'deliver' }>,
  ): ReturnType<MailWriter['accept']> {
    const { store, bytes, log, reports } = this.#parts
    const { id, message } = arrival
    const others = await makeMessages(this.#parts, message, made)
    if (others.kind === 'later') return others
    const taken = snapshot.expansions.map((one, index) =>
      outcomes[index]?.kind === 'done' ? one : undefined,
    )
    const confirmed = await confirm(reports, arrival, taken)
    const beside = [...others.beside, ...('kind' in confirmed ? [] : confirmed)]
    const stored = 'kind' in confirmed ? confirmed : await store.accept({ ...delivery, beside })
    if (stored.kind !== 'accepted') {
      await giveUp(bytes, beside)
      return stored
    }
    for (const { account, recipient, steps } of delivery.decisions) {
      const why = steps.join('; ').slice(0, longestReason)
      log.info('message.decided', { id, account, to: recipient, why })
    }
    return stored
  }

  async #spend({ origin, recipients }: Arrival): Promise<Refused | TryLater | undefined> {
    if (origin.kind !== 'submitted') return undefined
    const allowance = await this.#parts.senders.spendAllowance(origin.account, recipients.length)
    switch (allowance.kind) {
      case 'granted':
        return undefined
      case 'spent':
        return refusals.allowance(allowance.retryAfterSeconds)
      case 'later':
        return allowance
    }
  }

  /**
   * Refused where nobody has room. Where an alias leads to several, one full mailbox does not keep the mail from the others;
   * it takes a message more than it may, which loses nothing.
   */
  async #room(expansion: Expansion, size: number): Promise<RecipientAnswer | undefined> {
    const { recipient } = expansion
    const { mailboxes, outside } = followForwards(expansion)
    const usages = await Promise.all(mailboxes.map(({ account }) => this.#parts.store.usage(account)))
    if (usages.some(({ active }) => !active)) {
      return {
        kind: 'later',
        reason: 'not-there-yet',
        text: `<${recipient}>: the mailbox is not ready, try again later`,
      }
    }
    if (outside.length > 0) return undefined
    return usages.every((usage) => isFull(usage, size)) ? refusals.full(recipient) : undefined
  }

  #report(arrival: Arrival, accepted: Accepted | undefined, { score, checks }: Held, ms: number): void {
    const { log, meter } = this.#parts
    const outcome = accepted?.kind ?? 'failed'
    meter.count('messages_total', { origin: arrival.origin.kind, outcome })
    meter.observeSeconds('intake_seconds', ms / 1000, { outcome })
    const fields = { ...messageFields(arrival), ...checksSaid(checks), score, ms }
    switch (accepted?.kind) {
      case 'accepted':
        log.info('message.accepted', fields)
        break
      case 'refused':
        log.info('message.refused', {
          ...fields,
          code: accepted.code,
          status: accepted.status,
          text: accepted.text,
        })
        break
      case 'later':
        log.warn('message.later', { ...fields, reason: accepted.reason, text: accepted.text })
        break
      // What was thrown is logged where it is answered.
      case undefined:
        log.warn('message.failed', fields)
    }
  }
}

/** What another filter doubts goes to Junk; so does what was fetched, since nobody would hear of a refusal. */
function milder(judged: Judgement, { collected }: Arrival, isSuspect: boolean): Judgement {
  const isJunk =
    judged.action === 'accept' ? isSuspect : judged.action === 'reject' && collected !== undefined
  return isJunk ? { ...judged, action: 'junk' } : judged
}

/** `size` of 0 is unknown: then a mailbox with any room has room. A quota of 0 is unlimited. */
function isFull({ quotaBytes, usedBytes }: Usage, size: number): boolean {
  if (quotaBytes === 0) return false
  return size === 0 ? usedBytes >= quotaBytes : usedBytes + size > quotaBytes
}

/** What the checks came to, where there were any. */
function checksSaid(checks: AuthChecks | undefined) {
  if (!checks) return {}
  const { spf, dkim, dmarc } = checks
  const signed = dkim.map(({ result, domain }) => `${result} ${domain}`)
  return { spf: spf.result, dkim: signed.join(', ') || 'none', dmarc: dmarc.result }
}

const loggedRecipients = 20

function messageFields({ id, connection, origin, sender, recipients, message, client }: Arrival) {
  return {
    id,
    connection,
    origin: origin.kind,
    ip: client.ip,
    from: sender ?? '<>',
    to: recipients
      .slice(0, loggedRecipients)
      .map(({ address }) => address)
      .join(' '),
    recipients: recipients.length,
    size: message.size,
  }
}
