import { type Address, type DomainName, domainOf, parseAddress, parseDomain } from '../../../lib/address.ts'
import type { AliasRow, DomainRow, NewUser, Refusal, UserSettings } from '../../../ports/directory-admin.ts'
import { newPasswordProblem } from '../sign-in/password.ts'

const maxDestinations = 1_000
const maxNameLength = 160
const maxCommentLength = 255

function refusal(reason: Refusal['reason'], text: string): Refusal {
  return { kind: 'refused', reason, text }
}

/** What is wrong with the values themselves, before anything is looked up. Undefined where nothing is. */
export function checkDomain(domain: Partial<DomainRow>): Refusal | undefined {
  const { name, alternatives = [], maxUsers = -1, maxAliases = -1, maxQuotaBytes = 0, comment } = domain
  const wrong = [...(name === undefined ? [] : [name]), ...alternatives].find(
    (text) => parseDomain(text) !== text,
  )
  if (wrong !== undefined)
    return refusal('invalid', `“${wrong}” is no domain name. Write it like example.org.`)
  if (!isCount(maxUsers) || !isCount(maxAliases)) {
    return refusal('invalid', 'The largest numbers of users and aliases are whole numbers; -1 is unlimited.')
  }
  if (!isBytes(maxQuotaBytes)) {
    return refusal('invalid', 'The largest quota is a whole number of bytes; 0 is no ceiling.')
  }
  return checkTexts({ comment })
}

export function checkUser(user: Partial<NewUser>): Refusal | undefined {
  if (user.address !== undefined && parseAddress(user.address) !== user.address)
    return noAddress(user.address)
  const passwordProblem = user.password === undefined ? undefined : newPasswordProblem(user.password)
  if (passwordProblem !== undefined) return refusal('invalid', passwordProblem)
  if (user.quotaBytes !== undefined && !isBytes(user.quotaBytes)) {
    return refusal('invalid', 'The quota is a whole number of bytes; 0 is unlimited.')
  }
  return checkDestinations(user.forwardDestination ?? []) ?? checkTexts(user)
}

/** Who forwards needs somewhere to forward to. */
export function checkForwarding(
  user: Pick<UserSettings, 'forwardEnabled' | 'forwardDestination'>,
): Refusal | undefined {
  if (!user.forwardEnabled || user.forwardDestination.length > 0) return undefined
  return refusal('invalid', 'Forwarding has no destination. Name at least one address, or switch it off.')
}

export function checkAlias(alias: Partial<AliasRow>): Refusal | undefined {
  const { address, destination } = alias
  if (address !== undefined && parseAddress(address) !== address) return noAddress(address)
  if (destination?.length === 0) {
    return refusal('invalid', 'The alias leads nowhere. Name at least one destination.')
  }
  if (address !== undefined && destination?.every((to) => to === address)) {
    return refusal('invalid', 'The alias leads only to itself. Name another destination.')
  }
  return checkDestinations(destination ?? []) ?? checkTexts(alias)
}

export function noSuchDomain(domain: DomainName, main: DomainName | undefined, address: string): Refusal {
  const advice =
    main === undefined
      ? `${domain} is not one of our domains. Add it first: homepost domain add ${domain}`
      : `${domain} is another name of ${main}. Use ${address.slice(0, address.lastIndexOf('@'))}@${main}: it works under both.`
  return refusal('missing-domain', advice)
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

function noAddress(text: string): Refusal {
  return refusal('invalid', `“${text}” is no mail address. Write it like name@example.org.`)
}

function checkDestinations(destination: readonly Address[]): Refusal | undefined {
  const wrong = destination.find((to) => parseAddress(to) !== to)
  if (wrong !== undefined) return noAddress(wrong)
  if (destination.length > maxDestinations) {
    return refusal('invalid', `More than ${maxDestinations} destinations. Split them over several aliases.`)
  }
  return undefined
}

function checkTexts({
  displayedName = '',
  comment = '',
}: {
  displayedName?: string | undefined
  comment?: string | undefined
}): Refusal | undefined {
  if (/\p{Cc}/u.test(displayedName))
    return refusal('invalid', 'The name has a line end or a control character. Leave it out.')
  if (displayedName.length > maxNameLength) {
    return refusal('invalid', `The name is longer than ${maxNameLength} characters. Shorten it.`)
  }
  if (comment.length > maxCommentLength) {
    return refusal('invalid', `The comment is longer than ${maxCommentLength} characters. Shorten it.`)
  }
  return undefined
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= -1
}

function isBytes(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
