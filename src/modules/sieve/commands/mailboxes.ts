import type { SieveMailbox } from '../../../ports/sieve.ts'
import type { Checked, Family } from '../language/spec.ts'
import { hasStray } from '../match/octets.ts'
import type { Machine } from '../run/machine.ts'
import { checkMatching, matches } from './matching.ts'

const inbox = /^inbox$/i

/** RFC 5490, RFC 8579, RFC 9042: what mailboxes there are, and what is known of them. */
export const mailboxes: Family<Machine> = {
  extensions: ['mailbox', 'mboxmetadata', 'servermetadata', 'special-use', 'mailboxid'],
  tests: [
    {
      name: 'mailboxexists',
      extension: 'mailbox',
      arguments: [{ name: 'mailbox-names', type: 'strings', check: checkMailboxName }],
      run: (node, machine) =>
        machine.texts(node.values[0]).every((name) => mailboxExists(machine, mailboxName(machine, name))),
    },
    {
      name: 'mailboxidexists',
      extension: 'mailboxid',
      arguments: [{ name: 'mailbox-objectids', type: 'strings' }],
      run: (node, machine) =>
        machine
          .texts(node.values[0])
          .every((id) => machine.facts.mailboxes.some((mailbox) => mailbox.id === id)),
    },
    {
      name: 'specialuse_exists',
      extension: 'special-use',
      arguments: [
        { name: 'mailbox', type: 'string', optional: true, check: checkMailboxName },
        { name: 'special-use-flags', type: 'strings', check: checkUse },
      ],
      run: specialUseExists,
    },
    {
      name: 'metadata',
      extension: 'mboxmetadata',
      arguments: [
        { name: 'mailbox', type: 'string', check: checkMailboxName },
        { name: 'annotation-name', type: 'string', check: checkAnnotation },
        { name: 'key list', type: 'strings' },
      ],
      check: checkMatching(2),
      run: (node, machine) => {
        const [mailbox, name, keys] = node.values
        const value = metadata(machine, machine.string(mailbox) ?? '', machine.string(name) ?? '')
        return value !== undefined && matches(node, machine, [value], machine.texts(keys))
      },
    },
    {
      name: 'metadataexists',
      extension: 'mboxmetadata',
      arguments: [
        { name: 'mailbox', type: 'string', check: checkMailboxName },
        { name: 'annotation-names', type: 'strings', check: checkAnnotation },
      ],
      run: (node, machine) => {
        const mailbox = machine.string(node.values[0]) ?? ''
        return machine.texts(node.values[1]).every((name) => metadata(machine, mailbox, name) !== undefined)
      },
    },
    {
      name: 'servermetadata',
      extension: 'servermetadata',
      arguments: [
        { name: 'annotation-name', type: 'string', check: checkAnnotation },
        { name: 'key list', type: 'strings' },
      ],
      check: checkMatching(1),
      run: (node, machine) => {
        const value = annotation(serverOf(machine), machine.string(node.values[0]) ?? '')
        return value !== undefined && matches(node, machine, [value], machine.texts(node.values[1]))
      },
    },
    {
      name: 'servermetadataexists',
      extension: 'servermetadata',
      arguments: [{ name: 'annotation-names', type: 'strings', check: checkAnnotation }],
      run: (node, machine) =>
        machine.texts(node.values[0]).every((name) => annotation(serverOf(machine), name) !== undefined),
    },
  ],
}

/** What is wrong with a name of a mailbox. */
export function checkMailboxName(name: string): string | undefined {
  if (hasStray(name)) return 'the name of the mailbox is not valid UTF-8'
  if (name === '' || Buffer.byteLength(name) > 500) return 'the name of the mailbox is empty or too long'
  return /[\0-\x1f\x7f\ufffd]/.test(name) ? 'the name of the mailbox holds control characters' : undefined
}

function checkUse(flag: string): string | undefined {
  return /^\\[A-Za-z]+$/.test(flag) ? undefined : `'${flag}' is no special-use flag`
}

/** RFC 5464 §3.2. */
function checkAnnotation(name: string): string | undefined {
  return /^\/(?:private|shared)\/[^*%/\0-\x1f]+(?:\/[^*%/\0-\x1f]+)*$/i.test(name)
    ? undefined
    : `invalid annotation name '${name}'`
}

/** NFC, the INBOX in capitals; a bad one stops the script. */
export function mailboxName(machine: Machine, text: string): string {
  const wrong = checkMailboxName(text)
  if (wrong !== undefined) return machine.fail(wrong)
  return inbox.test(text) ? 'INBOX' : text.normalize('NFC')
}

export function mailboxExists(machine: Machine, name: string): boolean {
  return name === 'INBOX' || machine.facts.mailboxes.some((mailbox) => mailbox.name === name)
}

export function specialMailbox(machine: Machine, use: string): SieveMailbox | undefined {
  return machine.facts.mailboxes.find((mailbox) => mailbox.name !== '' && hasUse(mailbox, use))
}

const hasUse = ({ specialUse }: SieveMailbox, use: string) =>
  specialUse.some((one) => one.toLowerCase() === use.toLowerCase())

/** RFC 8579 §3.1. */
function specialUseExists(node: Checked, machine: Machine): boolean {
  const [mailbox, flags] = node.values
  const uses = machine.texts(flags)
  if (mailbox === undefined) return uses.every((use) => specialMailbox(machine, use) !== undefined)
  const name = mailboxName(machine, machine.string(mailbox) ?? '')
  const found = machine.facts.mailboxes.find((one) => one.name === name)
  return found !== undefined && uses.every((use) => hasUse(found, use))
}

function serverOf(machine: Machine): SieveMailbox | undefined {
  return machine.facts.mailboxes.find(({ name }) => name === '')
}

function metadata(machine: Machine, mailbox: string, name: string): string | undefined {
  const found = machine.facts.mailboxes.find((one) => one.name === mailboxName(machine, mailbox))
  return annotation(found, name)
}

function annotation(mailbox: SieveMailbox | undefined, name: string): string | undefined {
  return mailbox?.metadata[name.toLowerCase()]
}

/** The tags that name a mailbox for a copy of what is sent; see `fcc.ts`. */
