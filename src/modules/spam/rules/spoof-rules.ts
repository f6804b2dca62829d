import { domainOf, parseDomain } from '../../../lib/address.ts'
import { thisMachine } from '../../../lib/networks.ts'
import type { AuthChecks } from '../../../ports/mail-authentication.ts'
import type { ArrivalSight } from './arrival-rules.ts'
import { readPeople } from './evidence.ts'
import type { Force, Rule } from './rule.ts'

/** A message that a stranger brought, and whose names are ours. */
export interface SpoofSight extends ArrivalSight {
  /** Domains that we take mail for. */
  readonly ours: ReadonlySet<string>
}

const howTo = 'sign in to send it, or have the server that sends it named by SPF or DKIM of that domain'
const refuse = (why: string): Force => ({ action: 'reject', text: `${why}; ${howTo}` })

/**
 * Nobody writes in the name of our own people without having signed in, or being named by their domain. Mailu's forced actions; a
 * mailing list may carry what our people wrote, where it has a name of its own.
 */
export const spoofRules: readonly Rule<SpoofSight>[] = [
  {
    symbol: 'ANTISPOOF_NOAUTH',
    weight: 0,
    group: 'policies',
    why: 'says it is from us, and nothing speaks for that',
    forces: refuse('Message refused: it names a sender of ours, and nothing proves it'),
    test: (sight) => {
      const { checks, from } = sight
      if (!checks || isExempt(sight, checks) || waitsForDns(checks)) return []
      if (from.length === 0) return ourSender(sight)
      return provesNothing(checks) ? ourAuthors(sight) : []
    },
  },
  {
    symbol: 'ANTISPOOF_DMARC_ENFORCE_LOCAL',
    weight: 0,
    group: 'policies',
    why: 'says it is from us, and was not sent by a server that we name',
    forces: refuse('Message refused: it names a sender of ours, and is not from a server of his domain'),
    test: (sight) => {
      const { checks } = sight
      return checks && !isExempt(sight, checks) && !waitsForDns(checks) ? pretended(sight, checks) : []
    },
  },
  {
    symbol: 'ANTISPOOF_UNCERTAIN',
    weight: 0,
    group: 'policies',
    why: 'says it is from us, which cannot be checked at the moment',
    forces: {
      action: 'later',
      text: 'Message not accepted yet: its sender cannot be checked, try again later',
    },
    test: (sight) => {
      const { checks } = sight
      return checks && !isExempt(sight, checks) && waitsForDns(checks) ? pretended(sight, checks) : []
    },
  },
]

/** Domains of ours that the message names without right. */
function pretended(sight: SpoofSight, checks: AuthChecks): readonly string[] {
  const { spf, dmarc } = checks
  const isProven = dmarc.result === 'pass'
  const authors = ourAuthors(sight).filter(
    (domain) => !(isProven && dmarc.author === domain) && !speaksFor(checks, domain),
  )
  const sender = ourSender(sight).filter(
    (domain) => !isProven && !(spf.result === 'pass' && spf.domain === domain),
  )
  return [...new Set([...authors, ...sender])]
}

/** Of every From field: which one a reader is shown nobody knows. */
function ourAuthors({ from, values, ours }: SpoofSight): readonly string[] {
  const fields = values('from')
  const named = fields.length > 1 ? [...from, ...fields.flatMap(readPeople)] : from
  return named.map(({ domain }) => parseDomain(domain) ?? '').filter((domain) => ours.has(domain))
}

function ourSender({ arrival: { sender }, ours }: SpoofSight): readonly string[] {
  const domain = sender === undefined ? '' : domainOf(sender)
  return ours.has(domain) ? [domain] : []
}

/** What DMARC would say if the domain had a record: a good signature of it, or SPF. */
function speaksFor({ spf, dkim }: AuthChecks, domain: string): boolean {
  return (
    (spf.result === 'pass' && isKin(spf.domain, domain)) ||
    dkim.some((one) => one.result === 'pass' && isKin(one.domain, domain))
  )
}

const isKin = (one: string, other: string): boolean =>
  one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`)

function provesNothing({ spf, dkim, dmarc, arc }: AuthChecks): boolean {
  return spf.result === 'none' && dkim.length === 0 && dmarc.result === 'none' && arc.result === 'none'
}

function waitsForDns({ spf, dkim, dmarc }: AuthChecks): boolean {
  return [spf, dmarc, ...dkim].some(({ result }) => result === 'temperror')
}

/** A list bears our people's names; it must at least have shown whose list it is. */
function isExempt({ values, arrival }: SpoofSight, { spf, dkim, arc }: AuthChecks): boolean {
  if (arrival.repliesEach || thisMachine.has(arrival.client.ip)) return true
  const isList = values('list-id').length > 0 && values('list-post').length > 0
  return isList && [spf, arc, ...dkim].some(({ result }) => result === 'pass')
}
