import { type Address, type DomainName, domainOf } from '../../../lib/address.ts'
import type { Refusal } from '../../../ports/directory-writer.ts'

/** Why a change cannot be, and what to do about it. */
export function refusal(reason: Refusal['reason'], text: string): Refusal {
  return { kind: 'refused', reason, text }
}

export function noSuchDomain(domain: DomainName, main: DomainName | undefined, address: string): Refusal {
  const advice =
    main === undefined
      ? `${domain} is not one of our domains. Add it first: homepost domain add ${domain}`
      : `${domain} is another name of ${main}. Use ${address.slice(0, address.lastIndexOf('@'))}@${main}: it works under both.`
  return refusal('missing-domain', advice)
}

export function noSuchUser(address: Address): Refusal {
  return refusal('missing-user', `There is no user ${address}. Add him first, or name another.`)
}

export function inUse(name: string): Refusal {
  return refusal('exists', `${name} exists already. Choose another name, or change or delete what has it.`)
}

/** `limit` of -1 is unlimited. */
export function tooMany(what: 'users' | 'aliases', domain: DomainName, limit: number): Refusal {
  return refusal(
    'limit',
    `${domain} may have ${limit} ${what} and has them. Raise its limit, or delete some.`,
  )
}

export function quotaAboveCeiling(address: Address, ceiling: number): Refusal {
  return refusal(
    'limit',
    `${domainOf(address)} gives a user at most ${ceiling} bytes. Choose a smaller quota, or raise the domain's ceiling.`,
  )
}
