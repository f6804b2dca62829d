import { type Checked, type Checking, constantOf, type TagSpec } from '../language/spec.ts'
import type { Machine } from '../run/machine.ts'
import { flagWords } from './flags.ts'
import { checkMailboxName, mailboxExists, mailboxName, specialMailbox } from './mailboxes.ts'

const senders = ['vacation', 'notify']

/** RFC 8580: a copy of what is sent, for the sender. */
export const fccTags: readonly TagSpec[] = [
  { tag: 'fcc', extension: 'fcc', value: 'string', on: senders, check: checkMailboxName },
  { tag: 'flags', extension: 'imap4flags', value: 'strings', on: senders },
  { tag: 'create', extension: 'mailbox', on: senders },
  { tag: 'specialuse', extension: 'special-use', value: 'string', on: senders },
  { tag: 'mailboxid', extension: 'mailboxid', value: 'string', on: senders },
]

export function checkFcc(node: Checked, checking: Checking): void {
  const { create, specialuse, mailboxid, flags, fcc } = node.options
  const extra = create ?? specialuse ?? mailboxid ?? flags
  if (extra !== undefined && fcc === undefined) {
    checking.error(extra.at, `the ':${extra.tag}' tag of the ${node.name} command needs ':fcc'`)
  }
  if (constantOf(fcc?.value) === '') checking.error(node.at, "the ':fcc' mailbox is empty")
}

export function copyOf(node: Checked, machine: Machine) {
  const { fcc, create, specialuse, mailboxid, flags } = node.options
  if (fcc === undefined) return undefined
  const named = mailboxName(machine, machine.string(fcc.value) ?? '')
  const id = machine.string(mailboxid?.value)
  const use = machine.string(specialuse?.value)
  const byId = id === undefined ? undefined : machine.facts.mailboxes.find((mailbox) => mailbox.id === id)
  const byUse = use === undefined ? undefined : specialMailbox(machine, use)
  const mailbox = byId?.name ?? byUse?.name ?? named
  return {
    mailbox,
    create: create !== undefined && !mailboxExists(machine, mailbox),
    flags: flagWords(machine.texts(flags?.value)),
  }
}
