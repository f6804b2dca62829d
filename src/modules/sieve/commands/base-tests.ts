import { parseAddressList } from '../../../lib/mime/address-list.ts'
import {
  type Checked,
  type Checking,
  constantsOf,
  type Family,
  numberOf,
  type TagSpec,
} from '../language/spec.ts'
import type { HeaderBlock } from '../message/header-block.ts'
import type { PartView } from '../message/message-view.ts'
import type { Machine } from '../run/machine.ts'
import { quotedLocal } from './addresses.ts'
import { contentOption } from './content-options.ts'
import { checkMatching, matches, matchTags, valueMatcher } from './matching.ts'
import { checkIndex, indexTags, mimeTags, partsLookedAt, picked } from './parts.ts'

const addressTests = ['address', 'envelope']

/** RFC 5228 §2.7.4, RFC 5233 §4. */
const addressPartTags: readonly TagSpec[] = [
  ...['all', 'localpart', 'domain'].map((tag) => ({ tag, group: 'part', on: addressTests })),
  ...['user', 'detail'].map((tag) => ({ tag, group: 'part', extension: 'subaddress', on: addressTests })),
]

/** The tests of RFC 5228 §5, and what other documents add to them. */
export const baseTests: Family<Machine> = {
  extensions: [
    'envelope',
    'subaddress',
    'relational',
    'regex',
    'index',
    'mime',
    'envelope-dsn',
    'envelope-deliverby',
    'comparator-i;octet',
    'comparator-i;ascii-casemap',
    'comparator-i;ascii-numeric',
    'comparator-i;unicode-casemap',
  ],
  tags: [
    ...matchTags,
    ...addressPartTags,
    ...mimeTags,
    ...indexTags,
    { tag: 'over', group: 'limit', on: ['size'] },
    { tag: 'under', group: 'limit', on: ['size'] },
  ],
  tests: [
    {
      name: 'header',
      arguments: [
        { name: 'header names', type: 'strings' },
        { name: 'key list', type: 'strings' },
      ],
      check: (node, checking) => {
        checkMatching(1)(node, checking)
        checkIndex(node, checking)
        checkMime(node, checking)
        warnOfNames(node, checking)
      },
      run: header,
    },
    {
      name: 'address',
      arguments: [
        { name: 'header list', type: 'strings', check: checkAddressField },
        { name: 'key list', type: 'strings' },
      ],
      check: (node, checking) => {
        checkMatching(1)(node, checking)
        checkIndex(node, checking)
        checkMime(node, checking)
      },
      run: address,
    },
    {
      name: 'envelope',
      extension: 'envelope',
      arguments: [
        { name: 'envelope parts', type: 'strings' },
        { name: 'key list', type: 'strings' },
      ],
      check: checkEnvelope,
      run: envelope,
    },
    {
      name: 'exists',
      arguments: [{ name: 'header names', type: 'strings' }],
      check: (node, checking) => {
        checkMime(node, checking)
        warnOfNames(node, checking)
      },
      run: (node, machine) => {
        const parts = partsLookedAt(node, machine)
        return machine
          .texts(node.values[0])
          .every((name) => parts.some((part) => headerOf(part, machine).has(name.toLowerCase())))
      },
    },
    {
      name: 'size',
      arguments: [{ name: 'limit', type: 'number' }],
      check: (node, checking) => {
        if (node.options['limit'] === undefined)
          checking.error(node.at, 'the size test requires :over or :under')
      },
      // RFC 5228 §5.9: neither holds for a message of just this size
      run: (node, machine) => {
        const limit = numberOf(node.values[0]) ?? 0
        machine.spend(1 + (machine.message.header.fields.length >> 2))
        return node.options['limit']?.tag === 'over'
          ? machine.message.size > limit
          : machine.message.size < limit
      },
    },
  ],
}

/** Nothing has such a name, so nothing is ever found. */
function warnOfNames(node: Checked, checking: Checking): void {
  for (const name of constantsOf(node.values[0])) {
    const isName = /^[\x21-\x39\x3b-\x7e]+$/.test(name)
    if (!isName) checking.warn(node.at, `specified header field name '${name}' is invalid`)
  }
}

/** RFC 5228 §5.1: fields that hold addresses. */
const addressFields = new Set([
  ...['from', 'to', 'cc', 'bcc', 'sender', 'reply-to', 'resent-from', 'resent-to', 'resent-cc', 'resent-bcc'],
  ...['resent-sender', 'resent-reply-to', 'return-path', 'delivered-to', 'envelope-to', 'x-envelope-to'],
  ...['x-original-to', 'apparently-to', 'errors-to', 'return-receipt-to', 'disposition-notification-to'],
  ...[
    'mail-reply-to',
    'mail-followup-to',
    'for-approval',
    'for-handling',
    'for-comment',
    'apparently-resent-to',
  ],
  ...['abuse-reports-to', 'x-complaints-to', 'x-report-abuse-to', 'x-beenthere', 'x-admin', 'list-post'],
  ...['original-recipient', 'x-original-from', 'author', 'x-forwarded-to', 'x-forwarded-for', 'list-id'],
])

function checkAddressField(name: string): string | undefined {
  return addressFields.has(name.toLowerCase())
    ? undefined
    : `specified header '${name}' is not allowed for the address test: it holds no addresses`
}

/** RFC 5703 §4: the others make sense with :mime alone. */
function checkMime(node: Checked, checking: Checking): void {
  if (node.options['mime'] !== undefined) return
  const other = node.options['anychild'] ?? node.options['mimeopt']
  if (other !== undefined)
    checking.error(other.at, `the ':${other.tag}' tag of the ${node.name} test needs ':mime'`)
}

function headerOf(part: PartView, machine: Machine): HeaderBlock {
  return machine.message.headerOf(part)
}

function header(node: Checked, machine: Machine): boolean {
  const keys = machine.texts(node.values[1])
  const fits = valueMatcher(node, machine, keys)
  const names = machine.texts(node.values[0])
  const parts = partsLookedAt(node, machine)
  const option = node.options['mimeopt']
  const isCount = node.options['match']?.tag === 'count'
  const all: string[] = []
  for (const part of parts) {
    for (const name of names) {
      machine.spend(1)
      const fields = picked(node, headerOf(part, machine).decoded(name.toLowerCase()))
      const values = option === undefined ? fields : contentOption(option, name, fields, machine)
      if (isCount) all.push(...values)
      else if (fits(values)) return true
    }
  }
  return isCount && fits(all)
}

/** An address, or text that is none: then there are no parts of it. */
interface FoundAddress {
  readonly local: string
  readonly domain: string
}

function address(node: Checked, machine: Machine): boolean {
  const values: string[] = []
  for (const part of partsLookedAt(node, machine)) {
    for (const name of machine.texts(node.values[0])) {
      machine.spend(1)
      const fields = headerOf(part, machine).named(name.toLowerCase())
      const found = picked(node, fields).flatMap(({ text }) => {
        machine.spend(text.length >> 4)
        return addressesIn(text)
      })
      values.push(...found.flatMap((one) => addressPart(node, machine, one)))
    }
  }
  return matches(node, machine, values, machine.texts(node.values[1]))
}

function addressesIn(field: string): FoundAddress[] {
  return parseAddressList(field).flatMap((entry) => (entry.kind === 'group' ? entry.members : [entry]))
}

/** RFC 5233 §4: an address without detail has no such value. */
function addressPart(node: Checked, machine: Machine, { local, domain }: FoundAddress): string[] {
  const whole = domain === '' ? local : `${quotedLocal(local)}@${domain}`
  switch (node.options['part']?.tag ?? 'all') {
    case 'localpart':
      return domain === '' ? [] : [local]
    case 'domain':
      return domain === '' ? [] : [domain]
    case 'user':
      return [splitDetail(local, machine).user]
    case 'detail': {
      const { detail } = splitDetail(local, machine)
      return detail === undefined ? [] : [detail]
    }
    default:
      return [whole]
  }
}

function splitDetail(local: string, machine: Machine): { user: string; detail: string | undefined } {
  const marks = machine.facts.settings.recipientDelimiters
  const at = Array.from(local).findIndex((character, index) => index > 0 && marks.includes(character))
  if (at < 0) return { user: local, detail: undefined }
  return { user: local.slice(0, at), detail: local.slice(at + 1) }
}

const dsnParts = ['notify', 'orcpt', 'ret', 'envid']
const deliverByParts = ['bytimeabsolute', 'bytimerelative', 'bymode', 'bytrace']

function checkEnvelope(node: Checked, checking: Checking): void {
  checkMatching(1)(node, checking)
  for (const part of constantsOf(node.values[0])) {
    const name = part.toLowerCase()
    const isKnown =
      ['from', 'to', 'auth'].includes(name) ||
      (dsnParts.includes(name) && checking.has('envelope-dsn')) ||
      (deliverByParts.includes(name) && checking.has('envelope-deliverby'))
    if (!isKnown) {
      checking.error(node.at, `unknown envelope part '${part}'`)
      return
    }
  }
}

/** RFC 5228 §5.4. */
function envelope(node: Checked, machine: Machine): boolean {
  const values = machine
    .texts(node.values[0])
    .flatMap((part) => envelopeValues(node, machine, part.toLowerCase()))
  return matches(node, machine, values, machine.texts(node.values[1]))
}

function envelopeValues(node: Checked, machine: Machine, part: string): string[] {
  const { from, to, auth, parameters } = machine.facts.envelope
  const asAddress = (text: string | undefined) => {
    if (text === undefined) return []
    // the null reverse-path is empty in all its parts
    if (text === '' || text === '<>') return node.options['part']?.tag === 'detail' ? [] : ['']
    return addressesIn(text).flatMap((one) => addressPart(node, machine, one))
  }
  switch (part) {
    case 'from':
      return asAddress(from)
    case 'to':
      return asAddress(to)
    case 'auth':
      return auth === undefined ? [] : [auth]
    default: {
      const value = parameters[part]
      if (value === undefined) return []
      // RFC 6009 §3: each of the NOTIFY values is one
      return part === 'notify' ? value.split(',') : [value]
    }
  }
}
