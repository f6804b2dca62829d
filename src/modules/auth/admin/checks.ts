import { isIP } from 'node:net'
import { type Address, parseAddress, parseDomain } from '../../../lib/address.ts'
import { isDay } from '../../../lib/day.ts'
import { parseNetworks } from '../../../lib/networks.ts'
import { here, oldServerExpected, parseOldServer } from '../../../lib/old-server.ts'
import { parseRelayTarget, relayTargetExpected } from '../../../lib/relay-target.ts'
import type { AliasRow, DomainRow, RelayRow, SettingRow } from '../../../ports/directory-rows.ts'
import type { Refusal } from '../../../ports/directory-writer.ts'
import type { Fetch, Token, User } from '../directory/rows.ts'
import { notKnownYet } from '../elsewhere.ts'
import { readStoredHash } from '../sign-in/schemes/stored-hash.ts'
import { refusal } from './refusals.ts'

const maxDestinations = 1_000
const maxNameLength = 160
const maxTextLength = 255
const maxReplyLength = 65_536
const maxRelayText = 255

/** What is wrong with the values of a row, before anything is looked up. Undefined where nothing is. */
type Check<Row> = (row: Row) => Refusal | undefined

const invalid = (text: string) => refusal('invalid', text)

export const checkDomain: Check<DomainRow> = ({ name, alternatives, ...row }) => {
  const wrong = [name, ...alternatives].find((text) => parseDomain(text) !== text)
  if (wrong !== undefined) return invalid(`“${wrong}” is no domain name. Write it like example.org.`)
  if (!isCount(row.maxUsers) || !isCount(row.maxAliases)) {
    return invalid('The largest numbers of users and aliases are whole numbers; -1 is unlimited.')
  }
  if (!isBytes(row.maxQuotaBytes))
    return invalid('The largest quota is a whole number of bytes; 0 is no ceiling.')
  return checkOldServer(row.oldServer) ?? checkTexts({ comment: row.comment })
}

function checkOldServer(text: string): Refusal | undefined {
  if (text === '' || (text.length <= maxTextLength && parseOldServer(text))) return undefined
  return invalid(`“${text.slice(0, 80)}” is no old server. Write ${oldServerExpected}.`)
}

export const checkRelay: Check<RelayRow> = ({ name, target, comment }) => {
  if (parseDomain(name) !== name) return invalid(`“${name}” is no domain name. Write it like example.org.`)
  if (target.length > maxRelayText || !parseRelayTarget(target, name))
    return invalid(`“${target.slice(0, 80)}” is no target of a relay. Write ${relayTargetExpected}.`)
  return checkTexts({ comment })
}

export const checkUser: Check<User> = (user) => {
  const unfit = checkName(user.address)
  if (unfit) return unfit
  if (!isBytes(user.quotaBytes)) return invalid('The quota is a whole number of bytes; 0 is unlimited.')
  if (user.passwordHash === '') return invalid('A new user needs a password.')
  return (
    checkDestinations(user.forwardDestination) ??
    checkForwarding(user) ??
    checkReply(user) ??
    checkRest(user) ??
    checkOldServer(user.oldServer === here ? '' : user.oldServer) ??
    checkTexts(user)
  )
}

/** Who forwards needs somewhere to forward to. */
const checkForwarding: Check<User> = ({ forwardEnabled, forwardDestination }) =>
  forwardEnabled && forwardDestination.length === 0
    ? invalid('Forwarding has no destination. Name at least one address, or switch it off.')
    : undefined

const checkReply: Check<User> = ({ replyStart, replyEnd, replySubject, replyBody }) => {
  const wrong = [replyStart, replyEnd].find((day) => !isDay(day))
  if (wrong !== undefined) return invalid(`“${wrong}” is no day. Write it like 2027-01-31.`)
  if (replySubject.length > maxTextLength || /\p{Cc}/u.test(replySubject))
    return invalid(`The subject of the reply is one line of at most ${maxTextLength} characters.`)
  if (replyBody.includes('\0')) return invalid('The reply has a NUL, which is no text. Leave it out.')
  return replyBody.length > maxReplyLength
    ? invalid(`The reply is longer than ${maxReplyLength} characters. Shorten it.`)
    : undefined
}

const checkRest: Check<User> = ({ spamThreshold, timeZone, messageRate }) => {
  if (!Number.isInteger(spamThreshold) || spamThreshold < 0 || spamThreshold > 100)
    return invalid('The spam threshold is a whole number from 0 to 100.')
  if (timeZone !== '' && !isTimeZone(timeZone))
    return invalid(`“${timeZone}” is no time zone. Write it like Europe/Berlin.`)
  if (
    typeof messageRate === 'object' &&
    !(isAtLeastOne(messageRate.count) && isAtLeastOne(messageRate.seconds))
  )
    return invalid('A sending limit is a number of messages in a number of seconds.')
  return undefined
}

export const checkAlias: Check<AliasRow> = (alias) => {
  const { address, destination } = alias
  const unfit = checkName(address)
  if (unfit) return unfit
  if (destination.length === 0) return invalid('The alias leads nowhere. Name at least one destination.')
  if (destination.every((to) => to === address))
    return invalid('The alias leads only to itself. Name another destination.')
  return checkDestinations(destination) ?? checkTexts(alias)
}

export const checkToken: Check<Token> = ({ networks, expires, comment }) => {
  const [wrong] = parseNetworks(networks).wrong
  if (wrong !== undefined)
    return invalid(`“${wrong}” is no network. Write it like 192.0.2.0/24 or 2001:db8::/32.`)
  if (expires !== 'never' && !isBytes(expires)) return invalid('A token expires at an instant, or never.')
  return checkTexts({ comment })
}

export const checkFetch: Check<Fetch> = ({ host, port, username, sealedPassword, comment }) => {
  if (isIP(host) === 0 && parseDomain(host) === undefined)
    return invalid(`“${host}” is no host. Write it like mail.example.org.`)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return invalid('The port is a whole number from 1 to 65535.')
  if (username === '' || /\p{Cc}/u.test(username))
    return invalid('The user name is missing, or no line of text.')
  return sealedPassword === '' ? invalid('A fetch needs the password.') : checkTexts({ comment })
}

export const checkSetting: Check<SettingRow> = ({ name, value }) => {
  if (name === '' || name.length > maxTextLength)
    return invalid('A setting has a name of at most 255 characters.')
  return value === undefined ? invalid(`The setting ${name} has no value.`) : undefined
}

/** That it is one of a scheme that can be verified. */
export function checkHash(hash: string): Refusal | undefined {
  return hash !== notKnownYet && readStoredHash(hash).kind === 'unusable'
    ? invalid('The password hash is of no scheme that is known here, or was made too costly to check.')
    : undefined
}

/** Of somebody here. As in Mailu, no mail finds one in quotes: whoever adds it should hear of that now. */
function checkName(text: string): Refusal | undefined {
  if (parseAddress(text) !== text) return noAddress(text)
  return text.startsWith('"')
    ? invalid(`“${text}” only works in quotes, and no mail would find it. Choose another name.`)
    : undefined
}

function noAddress(text: string): Refusal {
  return invalid(`“${text}” is no mail address. Write it like name@example.org.`)
}

function checkDestinations(destination: readonly Address[]): Refusal | undefined {
  const wrong = destination.find((to) => parseAddress(to) !== to)
  if (wrong !== undefined) return noAddress(wrong)
  return destination.length > maxDestinations
    ? invalid(`More than ${maxDestinations} destinations. Split them over several aliases.`)
    : undefined
}

function checkTexts({ displayedName = '', comment = '', hostname = '' }): Refusal | undefined {
  if (/\p{Cc}/u.test(displayedName))
    return invalid('The name has a line end or a control character. Leave it out.')
  if (displayedName.length > maxNameLength) {
    return invalid(`The name is longer than ${maxNameLength} characters. Shorten it.`)
  }
  if (hostname.length > maxTextLength || /\p{Cc}/u.test(hostname))
    return invalid('The web site is no host name.')
  if (comment.includes('\0')) return invalid('The comment has a NUL, which is no text. Leave it out.')
  if (comment.length > maxTextLength) {
    return invalid(`The comment is longer than ${maxTextLength} characters. Shorten it.`)
  }
  return undefined
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= -1
}

function isBytes(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

const isAtLeastOne = (value: number) => Number.isSafeInteger(value) && value > 0

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
