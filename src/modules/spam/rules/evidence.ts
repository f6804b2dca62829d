import { type ListMailbox, mailboxesOf, parseAddressList } from '../../../lib/mime/address-list.ts'
import { fieldText, rawValue } from '../../../lib/mime/header.ts'
import type { MessageContent } from '../content/message-content.ts'

/** What rules look at in a message itself. */
export interface Evidence {
  readonly content: MessageContent
  readonly from: readonly ListMailbox[]
  readonly replyTo: readonly ListMailbox[]
  readonly to: readonly ListMailbox[]
  readonly cc: readonly ListMailbox[]
  /** All values of a field as they stand, unfolded; lower-case name. */
  readonly values: (name: string) => readonly string[]
}

export function collectEvidence(content: MessageContent): Evidence {
  const values = new Map<string, string[]>()
  for (const field of content.header.fields) {
    const known = values.get(field.name)
    const value = rawValue(content.header, field)
    if (known) known.push(value)
    else values.set(field.name, [value])
  }
  const people = (name: string) => {
    const field = content.header.fields.find((one) => one.name === name)
    return field ? mailboxesOf(parseAddressList(fieldText(content.header, field))) : []
  }
  return {
    content,
    from: people('from'),
    replyTo: people('reply-to'),
    to: people('to'),
    cc: people('cc'),
    values: (name) => values.get(name) ?? [],
  }
}

/** The part of a domain that somebody registers, by a rough rule: two labels, three under a short second one (co.uk). */
export function registeredPart(domain: string): string {
  const labels = domain.toLowerCase().split('.')
  const short =
    /^(?:co|com|net|org|gov|edu|ac|or|ne|go)$/.test(labels.at(-2) ?? '') && labels.at(-1)?.length === 2
  return labels.slice(short ? -3 : -2).join('.')
}
