import type { Address } from '../../lib/address.ts'
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
import type { MailSigner } from '../../ports/mail-signing.ts'
import type { MailReader, MailWriter, Usage } from '../../ports/mail-store.ts'
import type { MessageBytes, MessageRef } from '../../ports/message.ts'
import type { ReturnPaths } from '../../ports/routes.ts'
import type { Clock, Log, Meter, TryLater } from '../../ports/runtime.ts'
import type { SpamJudge } from '../../ports/spam-judge.ts'
import type { SuccessReports } from '../../ports/success-reports.ts'
import { confirm } from './confirm.ts'
import type { LeavingRules } from './leaving.ts'
import { plan } from './plan.ts'
import { refusalOf, refusals } from './refusals.ts'
import { type Expansion, expandRecipient } from './resolve.ts'
import { vouch } from './vouch.ts'

export interface IntakeParts {
  readonly addresses: AddressResolver
  readonly senders: Pick<SenderPolicy, 'spendAllowance'>
  readonly returnPaths: ReturnPaths
  readonly store: Pick<MailReader, 'usage'> & Pick<MailWriter, 'accept'>
  readonly bytes: MessageBytes
  readonly authenticator: MailAuthenticator
  readonly signer: MailSigner
  readonly judge: SpamJudge
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly rules: LeavingRules
  readonly reports: SuccessReports
}

/** What is known of a message on its way, wherever it ends. */
interface Held {
  score: number
  /** To be released where it is not kept. */
  message: MessageRef
  checks: AuthChecks | undefined
}

/** The road that every message takes: authenticate, judge, plan, accept. */
export class MailIntake implements Intake {
  readonly #parts: IntakeParts

  constructor(parts: IntakeParts) {
    this.#parts = parts
  }

  async recipient({ recipient, origin, size }: RecipientQuestion): Promise<RecipientAnswer> {
    const expansion = await expandRecipient(this.#parts.addresses, recipient)
    if (expansion.kind === 'later') return expansion
    return refusalOf(expansion, origin) ?? (await this.#room(expansion, size)) ?? { kind: 'ok' }
  }

  async accept(arrival: Arrival): Promise<Accepted> {
    const began = this.#parts.clock.now()
    const held: Held = { score: 0, message: arrival.message, checks: undefined }
    let accepted: Accepted | undefined
    try {
      accepted = await this.#carry(arrival, held)
      return accepted
    } finally {
      // The store takes the message over only when it keeps it.
      if (accepted?.kind !== 'accepted') await this.#parts.bytes.release(held.message)
      this.#report(arrival, accepted, held, this.#parts.clock.now() - began)
    }
  }

  async #carry(received: Arrival, held: Held): Promise<Accepted> {
    const { addresses, store, judge, clock, rules } = this.#parts
    const vouched = await vouch(this.#parts, received)
    if (vouched.kind === 'later') return vouched
    const { arrival, report } = vouched
    held.message = arrival.message
    held.checks = report.checks
    const judgement = await judge.judge(arrival, report)
    held.score = judgement.score
    const expanded = await Promise.all(
      arrival.recipients.map(({ address }) => expandRecipient(addresses, address)),
    )
    const expansions = expanded.filter((expansion) => expansion.kind === 'expansion')
    const later = expanded.find((expansion) => expansion.kind === 'later')
    if (later) return later
    const senders = await this.#senders(arrival.sender, expansions)
    if (senders.kind === 'later') return senders
    const snapshot = { now: clock.now(), expansions, senders: senders.senders }
    const planned = plan({ arrival, report, judgement, snapshot, rules })
    if (planned.kind === 'refused') return planned
    const spent = await this.#spend(arrival)
    if (spent) return spent
    const confirmed = await confirm(this.#parts.reports, arrival, expansions)
    if ('kind' in confirmed) return confirmed
    const { beside = [] } = planned.delivery
    const stored = await store.accept({ ...planned.delivery, beside: [...beside, ...confirmed] })
    if (stored.kind === 'known') throw new Error('a plan without guards met a known key')
    return stored.kind === 'accepted' ? { kind: 'accepted', outcomes: planned.outcomes } : stored
  }

  /** Where a foreign sender's message goes on to another server, its bounces come back here first. */
  async #senders(
    sender: Address | undefined,
    expansions: readonly Expansion[],
  ): Promise<{ kind: 'senders'; senders: ReadonlyMap<Address, Address | undefined> } | TryLater> {
    const senders = new Map<Address, Address | undefined>()
    for (const address of expansions.flatMap(({ outside }) => outside)) {
      const path = await this.#parts.returnPaths.leaving(sender, address)
      if (path.kind === 'later') return path
      if (path.sender !== sender) senders.set(address, path.sender)
    }
    return { kind: 'senders', senders }
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
  async #room(
    { recipient, mailboxes, outside }: Expansion,
    size: number,
  ): Promise<RecipientAnswer | undefined> {
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
