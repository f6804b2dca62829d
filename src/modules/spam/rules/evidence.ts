import { type ListMailbox, mailboxesOf, parseAddressList } from '../../../lib/mime/address-list.ts'
import { fieldText, rawValue } from '../../../lib/mime/header.ts'
import type { MessageContent } from '../content/message-content.ts'

/** Limits of what is looked at; far beyond honest mail. */
const mostValues = 8
const longestValue = 500
const longestList = 8 * 1024
const mostPeople = 200
const mostAuthors = 10
const longestName = 200
const longestLocal = 100
const longestDomain = 255

/** What rules look at in a message itself. */
export interface Evidence {
  readonly content: MessageContent
  readonly from: readonly ListMailbox[]
  readonly replyTo: readonly ListMailbox[]
  readonly to: readonly ListMailbox[]
  readonly cc: readonly ListMailbox[]
  /** Values of a field as they stand, unfolded; lower-case name. Not more than a few, nor very long ones. */
  readonly values: (name: string) => readonly string[]
}

export function collectEvidence(content: MessageContent): Evidence {
  const values = new Map<string, string[]>()
  for (const field of content.header.fields) {
    const known = values.get(field.name) ?? []
    if (known.length >= mostValues) continue
    known.push(rawValue(content.header, field).slice(0, longestValue))
    values.set(field.name, known)
  }
  const people = (name: string) => {
    const field = content.header.fields.find((one) => one.name === name)
    return field ? readPeople(fieldText(content.header, field)) : []
  }
  return {
    content,
    from: people('from').slice(0, mostAuthors),
    replyTo: people('reply-to').slice(0, mostAuthors),
    to: people('to'),
    cc: people('cc'),
    values: (name) => values.get(name) ?? [],
  }
}

/** Addresses of a field. What is longer than any honest address is cut: a stranger must not say how long we read. */
export function readPeople(text: string): ListMailbox[] {
  const found = mailboxesOf(parseAddressList(text.slice(0, longestList)))
  return found.slice(0, mostPeople).map((one) => ({
    ...one,
    name: one.name?.slice(0, longestName),
    local: one.local.slice(0, longestLocal),
    domain: one.domain.slice(0, longestDomain),
  }))
}

/** The part of a domain that somebody registers, by a rough rule: two labels, three under a short second one (co.uk). */
export function registeredPart(domain: string): string {
  const labels = domain.toLowerCase().split('.')
  const short =
    /^(?:co|com|net|org|gov|edu|ac|or|ne|go)$/.test(labels.at(-2) ?? '') && labels.at(-1)?.length === 2
  return labels.slice(short ? -3 : -2).join('.')
}
