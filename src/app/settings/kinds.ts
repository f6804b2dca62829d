import { isIP } from 'node:net'
import { type Address, type DomainName, parseAddress, parseDomain } from '../../lib/address.ts'
import { ownPaths } from '../../lib/own-paths.ts'
import { parseRate, type Rate } from '../../lib/rate-text.ts'

/** What a text from outside (a setting, a command's argument) has to be, and how it is read: once, at the edge. */
export interface Kind<T> {
  /** Ends the sentence "expected …". */
  readonly expected: string
  /** Undefined where the text is none of this kind. Wrapped, because the value itself may be undefined. */
  read(text: string): { readonly value: T } | undefined
}

/** Mailu's list of languages, which an index of all letters does not need; `off` is what counts. */
export const languages: Kind<boolean> = {
  expected: 'languages such as en or de, or off',
  read: (value) => {
    // Not `no`: that is Norwegian.
    if (/^(off|false|0)$/i.test(value)) return { value: false }
    return /^(on|true|1|)$|^[a-z]{2,3}([\s,]+[a-z]{2,3})*$/i.test(value) ? { value: true } : undefined
  },
}

export const text: Kind<string> = { expected: 'a text', read: (value) => ({ value }) }

/** A text that is never shown again. */
export const secret: Kind<string> = { expected: 'a text', read: (value) => ({ value }) }

/** Parsed once, so that `False` is never taken for true. */
export const yesNo: Kind<boolean> = {
  expected: 'true or false',
  read: (value) => {
    if (/^(true|yes|on|1)$/i.test(value)) return { value: true }
    return /^(false|no|off|0)$/i.test(value) ? { value: false } : undefined
  },
}

export function wholeNumber(from: number, to: number): Kind<number> {
  return {
    expected: `a whole number from ${from} to ${to}`,
    read: (value) => {
      const number = /^-?\d{1,16}$/.test(value) ? Number(value) : Number.NaN
      return number >= from && number <= to ? { value: number } : undefined
    },
  }
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 }

/** Octets, as a number or with a decimal unit: `50000000`, `2G`. */
export const size: Kind<number> = {
  expected: 'a number of bytes, such as 50000000, 500M or 2G',
  read: (value) => {
    const [, digits = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,3})?)\s*([KMGT]?)B?$/i.exec(value) ?? []
    const bytes = Math.round(Number(digits) * (unitBytes[unit.toUpperCase()] ?? 1))
    return digits !== '' && Number.isSafeInteger(bytes) ? { value: bytes } : undefined
  },
}

export const domain: Kind<DomainName> = {
  expected: 'a domain name, such as example.org',
  read: (value) => wrap(parseDomain(value)),
}

export const address: Kind<Address> = {
  expected: 'an address, such as ann@example.org',
  read: (value) => wrap(parseAddress(value)),
}

export const localPart: Kind<string> = {
  expected: 'the part of an address in front of the @',
  read: (value) => (parseAddress(`${value}@example.org`) ? { value: value.toLowerCase() } : undefined),
}

/** `10.0.0.0/8`, `192.0.2.7`, `[2001:db8::]/32`: brought into the form `address/prefix`. */
export const network: Kind<string> = {
  expected: 'a network or an IP address, such as 192.168.0.0/16',
  read: (value) => {
    const [, ip = '', prefix] = /^\[?([\da-fA-F.:]+)\]?(?:\/(\d{1,3}))?$/.exec(value) ?? []
    const bits = { 0: -1, 4: 32, 6: 128 }[isIP(ip)] ?? -1
    const length = prefix === undefined ? bits : Number(prefix)
    return bits > 0 && length <= bits ? { value: `${ip.toLowerCase()}/${length}` } : undefined
  },
}

export const ipAddress: Kind<string> = {
  expected: 'an IP address',
  read: (value) => (isIP(value) === 0 ? undefined : { value }),
}

/** As TZ has it: `Europe/Berlin`, `:/usr/share/zoneinfo/Europe/Berlin`; what names no zone is this machine's. */
export const timeZone: Kind<string> = {
  expected: 'a time zone, such as Europe/Berlin',
  read: (value) => {
    const name = value.replace(/^:?(.*\/zoneinfo\/)?/, '')
    if (name === '' || name.startsWith('/'))
      return { value: Intl.DateTimeFormat().resolvedOptions().timeZone }
    try {
      return { value: new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone }
    } catch {
      return undefined
    }
  },
}

/** `5/hour`, `10 per 2 minutes`; `none` is no limit. Of several (`5/hour;50/day`) the first counts, as in Mailu. */
export const rate: Kind<Rate | undefined> = {
  expected: 'a number per second, minute, hour, day, month or year, such as 5/hour, or none',
  read: (value) => {
    if (/^(none|0)$/i.test(value)) return { value: undefined }
    const read = parseRate(value)
    return read && { value: read }
  },
}

/** One of some words, in any case. Each stands for a value. */
export function oneOf<T>(words: Readonly<Record<string, T>>): Kind<T> {
  const listed = Object.keys(words).filter((word) => word !== '')
  return {
    expected: `one of ${listed.join(', ')}`,
    read: (value) => {
      const word = value.toLowerCase()
      return Object.hasOwn(words, word) ? { value: words[word] as T } : undefined
    },
  }
}

/** Separated by commas or blanks; an empty text is an empty list. */
/** `ann@example.org:QRESYNC`, `*:COMPRESS=DEFLATE` */
export const switchedOff: Kind<{ readonly who: Address | '*'; readonly capability: string }> = {
  expected: 'an address or *, a colon and the name of a capability, such as ann@example.org:QRESYNC',
  read: (value) => {
    const [, who = '', name = ''] = /^(.+):([A-Za-z0-9+=._-]{1,64})$/.exec(value) ?? []
    const known = who === '*' ? who : parseAddress(who)
    return known && { value: { who: known, capability: name.toUpperCase() } }
  },
}

export function listOf<T>(kind: Kind<T>): Kind<readonly T[]> {
  return {
    expected: `a comma-separated list, each ${kind.expected}`,
    read: (value) => {
      const items = value.split(/[\s,]+/).filter((item) => item !== '')
      const read = items.flatMap((item) => kind.read(item) ?? [])
      return read.length === items.length ? { value: read.map((item) => item.value) } : undefined
    },
  }
}

export function atLeastOne<T>(kind: Kind<readonly T[]>): Kind<readonly T[]> {
  return {
    expected: kind.expected,
    read: (value) => {
      const read = kind.read(value)
      return read && read.value.length > 0 ? read : undefined
    },
  }
}

/** Nothing at all is allowed, and stands for undefined. */
export function optional<T>(kind: Kind<T>): Kind<T | undefined> {
  return {
    expected: `${kind.expected}, or nothing`,
    read: (value) => (value === '' ? { value: undefined } : kind.read(value)),
  }
}

/** Where something is on the web, without a slash at its end; what is there already is taken, and so is `other`. */
export function webPath(other: string): Kind<string> {
  const taken = [...ownPaths, other]
  return {
    expected: `a path, none of /${taken.join(', /')}`,
    read: (value) => {
      const [, path = '', first = ''] = /^(\/([a-z0-9_-]+)(?:\/[a-z0-9_-]+)*)\/?$/i.exec(value) ?? []
      return path !== '' && !taken.includes(first.toLowerCase()) ? { value: path } : undefined
    },
  }
}

function wrap<T>(value: T | undefined): { value: T } | undefined {
  return value === undefined ? undefined : { value }
}

/** Mailu's DKIM_PATH. The selector has to be in the file's own name: keys that are prepared and retired lie beside it. */
export const keyPath: Kind<string> = {
  expected: 'an absolute path with {domain} in it and {selector} in its last part',
  read: (value) =>
    /^\/.*\{selector\}[^/]*$/.test(value) && value.includes('{domain}') ? { value } : undefined,
}
