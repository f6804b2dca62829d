import type { SieveMailbox } from '../../../ports/sieve.ts'
import { type Checked, type Checking, constantsOf, type Family, isGiven } from '../language/spec.ts'
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
      arguments: [{ name: 'mailbox-names', type: 'strings' }],
      check: (node, checking) => warnOf(node, 0, checkMailboxName, checking),
      run: (node, machine) => machine.texts(node.values[0]).every((name) => isMailbox(machine, name)),
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
        { name: 'mailbox', type: 'string', optional: true },
        { name: 'special-use-flags', type: 'strings', check: checkUse },
      ],
      check: (node, checking) => warnOf(node, 0, checkMailboxName, checking),
      run: specialUseExists,
    },
    {
      name: 'metadata',
      extension: 'mboxmetadata',
      arguments: [
        { name: 'mailbox', type: 'string' },
        { name: 'annotation-name', type: 'string' },
        { name: 'key list', type: 'strings' },
      ],
      check: (node, checking) => {
        checkMatching(2)(node, checking)
        warnOfMetadata(node, checking)
      },
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
        { name: 'mailbox', type: 'string' },
        { name: 'annotation-names', type: 'strings' },
      ],
      check: warnOfMetadata,
      run: (node, machine) => {
        const mailbox = machine.string(node.values[0]) ?? ''
        return machine.texts(node.values[1]).every((name) => metadata(machine, mailbox, name) !== undefined)
      },
    },
    {
      name: 'servermetadata',
      extension: 'servermetadata',
      arguments: [
        { name: 'annotation-name', type: 'string' },
        { name: 'key list', type: 'strings' },
      ],
      check: (node, checking) => {
        checkMatching(1)(node, checking)
        warnOf(node, 0, checkAnnotation, checking)
      },
      run: (node, machine) => {
        const value = annotation(serverOf(machine), machine.string(node.values[0]) ?? '')
        return value !== undefined && matches(node, machine, [value], machine.texts(node.values[1]))
      },
    },
    {
      name: 'servermetadataexists',
      extension: 'servermetadata',
      arguments: [{ name: 'annotation-names', type: 'strings' }],
      check: (node, checking) => warnOf(node, 0, checkAnnotation, checking),
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
  if (wrong !== undefined) return machine.fail(`invalid folder name: ${wrong}`)
  return inbox.test(text) ? 'INBOX' : text.normalize('NFC')
}

/** A name that cannot be one belongs to no mailbox. */
function mailboxNamed(machine: Machine, text: string): SieveMailbox | undefined {
  if (checkMailboxName(text) !== undefined) return undefined
  const name = mailboxName(machine, text)
  return machine.facts.mailboxes.find((mailbox) => mailbox.name === name)
}

function isMailbox(machine: Machine, text: string): boolean {
  return inbox.test(text) || mailboxNamed(machine, text) !== undefined
}

/** What no test can find is worth a word, and no error: RFC 5490 §3. */
function warnOf(
  node: Checked,
  place: number,
  wrong: (text: string) => string | undefined,
  checking: Checking,
): void {
  for (const text of constantsOf(node.values[place])) {
    const message = wrong(text)
    if (message !== undefined) checking.warn(node.at, message)
  }
}

function warnOfMetadata(node: Checked, checking: Checking): void {
  warnOf(node, 0, checkMailboxName, checking)
  warnOf(node, 1, checkAnnotation, checking)
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
  if (!isGiven(mailbox)) return uses.every((use) => specialMailbox(machine, use) !== undefined)
  const found = mailboxNamed(machine, machine.string(mailbox) ?? '')
  return found !== undefined && uses.every((use) => hasUse(found, use))
}

function serverOf(machine: Machine): SieveMailbox | undefined {
  return machine.facts.mailboxes.find(({ name }) => name === '')
}

function metadata(machine: Machine, mailbox: string, name: string): string | undefined {
  return annotation(mailboxNamed(machine, mailbox), name)
}

function annotation(mailbox: SieveMailbox | undefined, name: string): string | undefined {
  return mailbox?.metadata[name.toLowerCase()]
}

/** The tags that name a mailbox for a copy of what is sent; see `fcc.ts`. */
