import { type DomainName, parseAddress, parseDomain } from '../../lib/address.ts'
import { here, oldServerExpected, parseOldServer } from '../../lib/old-server.ts'
import { rateText } from '../../lib/rate-text.ts'
import { parseRelayTarget, relayTargetExpected } from '../../lib/relay-target.ts'
import type { Day, MessageRate } from '../../ports/directory-rows.ts'
import { type Kind, network, rate } from '../settings/kinds.ts'

/** A list whose items are read one by one: on the command line separated by commas, in a file also as a list. */
export interface ListKind<T> extends Kind<readonly T[]> {
  readonly item: Kind<T>
}

/** Only commas separate: the name of a folder may have blanks. */
export function list<T>(item: Kind<T>): ListKind<T> {
  return {
    expected: `a comma-separated list, each ${item.expected}`,
    item,
    read: (value) => {
      const items = value
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
      const read = items.flatMap((part) => item.read(part) ?? [])
      return read.length === items.length ? { value: read.map((part) => part.value) } : undefined
    },
  }
}

/** The local part may be a pattern: `%@example.org` catches all. */
export const aliasAddress: Kind<string> = {
  expected: 'an address, such as info@example.org, or with a wildcard a pattern, such as %@example.org',
  read: (value) => {
    const at = value.lastIndexOf('@')
    const local = value.slice(0, at).normalize('NFC').toLowerCase()
    const name = at > 0 ? parseDomain(value.slice(at + 1)) : undefined
    const plain = parseAddress(`${local.replaceAll('%', 'x')}@example.org`)
    return name !== undefined && plain !== undefined ? { value: `${local}@${name}` } : undefined
  },
}

/** Kept as it was written; a network without its length is one address. */
export const networkText: Kind<string> = {
  expected: network.expected,
  read: (value) => (network.read(value) ? { value: value.toLowerCase() } : undefined),
}

export const day: Kind<Day> = {
  expected: 'a day, such as 2027-01-31',
  read: (value) => {
    // Mailu's older files have a time behind it.
    const [, found = ''] = /^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$/.exec(value) ?? []
    const ms = Date.parse(`${found}T00:00:00Z`)
    return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(found) ? { value: found } : undefined
  },
}

/** A day is its first moment in UTC. */
export const instant: Kind<number> = {
  expected: 'a day or a time, such as 2027-01-31 or 2027-01-31T12:00:00Z',
  read: (value) => {
    const form = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?)?$/i
    if (!form.test(value)) return undefined
    const zoned = value.length === 10 || /(Z|[+-]\d{2}:\d{2})$/i.test(value) ? value : `${value}Z`
    const ms = Date.parse(zoned.replace(' ', 'T'))
    return ms >= 0 ? { value: ms } : undefined
  },
}

export const instantOrNever: Kind<number | 'never'> = {
  expected: `${instant.expected}, or never`,
  read: (value) => (value.toLowerCase() === 'never' ? { value: 'never' } : instant.read(value)),
}

/** Empty is the server's. */
export const timeZone: Kind<string> = {
  expected: 'a time zone, such as Europe/Berlin, or nothing',
  read: (value) => {
    if (value === '') return { value }
    try {
      return { value: new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone }
    } catch {
      return undefined
    }
  },
}

export const messageRate: Kind<MessageRate> = {
  expected: 'standard, unlimited, or a rate such as 100/day',
  read: (value) => {
    const word = value.toLowerCase()
    if (word === 'standard' || word === 'unlimited') return { value: word }
    const read = rate.read(value)
    return read?.value && read.value.count > 0 && read.value.seconds > 0 ? { value: read.value } : undefined
  },
}

export const messageRateText = (value: MessageRate): string =>
  typeof value === 'string' ? value : rateText(value)

export const relayTarget: Kind<string> = {
  expected: relayTargetExpected,
  read: (value) =>
    parseRelayTarget(value, 'example.org' as DomainName) ? { value: value.trim().toLowerCase() } : undefined,
}

export const oldServer: Kind<string> = {
  expected: `nothing, or ${oldServerExpected}`,
  read: (value) => {
    const text = value.trim().replace(/\s+/g, ' ')
    return text === '' || parseOldServer(text) ? { value: text } : undefined
  },
}

/** `here` is for who has moved before the rest of the domain. */
export const oldServerOrHere: Kind<string> = {
  expected: `${oldServer.expected}, or here`,
  read: (value) => (value.trim() === here ? { value: here } : oldServer.read(value)),
}

export const port: Kind<number> = {
  expected: 'a port, from 1 to 65535',
  read: (value) => {
    const number = /^\d{1,5}$/.test(value) ? Number(value) : 0
    return number > 0 && number <= 65_535 ? { value: number } : undefined
  },
}

/** A host by name or address; what it is in the end, the one who connects finds out. */
export const host: Kind<string> = {
  expected: 'the name or the IP address of a server',
  read: (value) => (/^[^\s,/@]{1,255}$/.test(value) ? { value: value.toLowerCase() } : undefined),
}

export const filled: Kind<string> = {
  expected: 'a text that is not empty',
  read: (value) => (value === '' ? undefined : { value }),
}
