import { createHash } from 'node:crypto'
import { mailboxesOf, parseAddressList } from '../../../lib/mime/address-list.ts'
import { decodeWords } from '../../../lib/mime/encoded-word.ts'
import {
  type Checked,
  type Checking,
  constantOf,
  constantsOf,
  type Family,
  numberOf,
} from '../language/spec.ts'
import { namedAddress, writeOutgoing } from '../message/outgoing.ts'
import type { Machine } from '../run/machine.ts'
import { refuseAfterReject } from './actions.ts'
import { addressesOf, bareAddress, oneMailbox } from './addresses.ts'
import { checkFcc, copyOf } from './fcc.ts'

/** RFC 5230, RFC 6131. */
export const vacation: Family<Machine> = {
  extensions: ['vacation', 'vacation-seconds'],
  tags: [
    { tag: 'days', extension: 'vacation', group: 'period', value: 'number', on: ['vacation'] },
    { tag: 'seconds', extension: 'vacation-seconds', group: 'period', value: 'number', on: ['vacation'] },
    { tag: 'subject', extension: 'vacation', value: 'string', on: ['vacation'] },
    { tag: 'from', extension: 'vacation', value: 'string', on: ['vacation'], check: checkAddress },
    { tag: 'addresses', extension: 'vacation', value: 'strings', on: ['vacation'] },
    { tag: 'mime', extension: 'vacation', on: ['vacation'] },
    { tag: 'handle', extension: 'vacation', value: 'string', on: ['vacation'] },
  ],
  commands: [
    {
      name: 'vacation',
      extension: 'vacation',
      arguments: [{ name: 'reason', type: 'string' }],
      check,
      run,
    },
  ],
}

function checkAddress(text: string): string | undefined {
  return bareAddress(text) === undefined
    ? `specified :from address '${text}' is invalid for vacation action`
    : undefined
}

function check(node: Checked, checking: Checking): void {
  checkFcc(node, checking)
  for (const address of constantsOf(node.options['addresses']?.value)) {
    if (bareAddress(address) === undefined) {
      checking.error(node.at, `specified :addresses item '${address}' is invalid for vacation action`)
    }
  }
  if (node.options['mime'] === undefined) return
  const reason = constantOf(node.values[0])
  // RFC 5230 §4.3: it is a MIME entity
  if (reason !== undefined && !/^(?:content-|mime-version:|\r?\n|x-)/i.test(reason)) {
    checking.warn(node.at, "the reason does not begin with MIME fields, as ':mime' says that it does")
  }
}

function run(node: Checked, machine: Machine): undefined {
  refuseAfterReject(machine, 'vacation')
  const earlier = machine.actions.find((action) => action.kind === 'send' && action.purpose === 'vacation')
  // RFC 5230 §4.7
  if (earlier !== undefined) machine.fail('vacation is used more than once')
  const sender = senderOf(machine)
  const why = reasonForSilence(node, machine, sender)
  if (sender === undefined || why !== undefined) {
    machine.warn(`no vacation reply: ${why ?? 'nobody to answer'}`)
    return undefined
  }
  answer(node, machine, sender)
}

/** To whom: the envelope's sender, or where that was rewritten on its way the header's. */
function senderOf(machine: Machine): string | undefined {
  const { from } = machine.facts.envelope
  if (!machine.facts.settings.vacation.toHeader || from === undefined || from === '') return from
  const header = machine.message.view.root.header
  for (const name of ['sender', 'resent-from', 'reply-to', 'from']) {
    const [first] = header.named(name).flatMap(({ text }) => addressesOf(text))
    if (first !== undefined && first.domain !== '') return `${first.local}@${first.domain}`
  }
  return from
}

/** RFC 5230 §4.5, §4.6; RFC 3834 §2. Undefined where nothing speaks against an answer. */
function reasonForSilence(node: Checked, machine: Machine, sender: string | undefined): string | undefined {
  if (sender === undefined || sender === '' || sender === '<>')
    return 'the message came from the null reverse-path'
  const own = ownAddresses(node, machine)
  if (own.has(sender.toLowerCase())) return 'the sender is the owner of this mailbox'
  if (isRobot(sender)) return `'${sender}' is no person`
  const fromHeader = headerReason(machine)
  if (fromHeader !== undefined) return fromHeader
  const { answersAliases } = machine.facts.settings.vacation
  return answersAliases || addressedTo(machine, own) !== undefined
    ? undefined
    : 'none of the own addresses stands among the recipients in the header'
}

function ownAddresses(node: Checked, machine: Machine): Set<string> {
  const { owner } = machine.facts
  const given = machine.texts(node.options['addresses']?.value).flatMap((text) => bareAddress(text) ?? [])
  const all = [owner.address, ...owner.addresses, ...given]
  return new Set(all.map((text) => text.toLowerCase()))
}

function isRobot(address: string): boolean {
  const local = address.slice(0, address.lastIndexOf('@')).toLowerCase()
  return /^(?:mailer-daemon|listserv|majordomo|owner-.*|.*-(?:request|owner|bounces))$/.test(local)
}

function headerReason(machine: Machine): string | undefined {
  const { header } = machine.message.view.root
  const list = listFields.find((name) => header.has(name))
  if (list !== undefined) return `the message came through a mailing list (${list})`
  const automatic = header.named('auto-submitted').some(({ text }) => !/^no\b/i.test(text))
  if (automatic) return 'the message was sent automatically (Auto-Submitted)'
  const precedence = header.named('precedence').find(({ text }) => /^(?:junk|bulk|list)\b/i.test(text))
  if (precedence !== undefined) return `the message was sent in bulk (Precedence: ${precedence.text})`
  const suppressed = header
    .named('x-auto-response-suppress')
    .some(({ text }) => /\b(?:all|oof)\b/i.test(text))
  return suppressed ? 'the sender wants no automatic answers (X-Auto-Response-Suppress)' : undefined
}

/** RFC 2369, RFC 2919. */
const listFields = [
  'list-id',
  'list-owner',
  'list-subscribe',
  'list-post',
  'list-unsubscribe',
  'list-archive',
  'list-help',
]

/** RFC 5230 §4.5: the fields where an own address has to stand. */
function addressedTo(machine: Machine, own: ReadonlySet<string>): string | undefined {
  const { header } = machine.message.view.root
  for (const name of ['to', 'cc', 'bcc', 'resent-to', 'resent-cc', 'resent-bcc']) {
    for (const { text } of header.named(name)) {
      const found = addressesOf(text).find(({ local, domain }) => own.has(`${local}@${domain}`.toLowerCase()))
      if (found !== undefined) return `${found.local}@${found.domain}`
    }
  }
  return undefined
}

function answer(node: Checked, machine: Machine, sender: string): void {
  const { facts } = machine
  const from = ownSender(node, machine)
  const reason = machine.string(node.values[0]) ?? ''
  const isMime = node.options['mime'] !== undefined
  const message = writeOutgoing({
    now: facts.now,
    seed: `${facts.seed}\0${sender}`,
    domain: domainOf(facts.owner.address),
    fields: [
      ['From', namedAddress(from.name, from.address)],
      ['To', replyTo(machine, sender)],
      ['Subject', subjectOf(node, machine)],
      ...threadFields(machine),
      // RFC 3834 §5.2
      ['Auto-Submitted', 'auto-replied (vacation)'],
      ['Precedence', 'bulk'],
      ['X-Auto-Response-Suppress', 'All'],
    ],
    body: reason,
    isMime,
  })
  machine.act({
    kind: 'send',
    purpose: 'vacation',
    // RFC 5230 §5.1: null, so that nobody answers the answer, where the settings do not say otherwise
    from: facts.settings.vacation.fromOwner ? facts.owner.address : '',
    to: [sender],
    message,
    once: memoryOf(node, machine, { sender, reason }),
    copy: copyOf(node, machine),
  })
}

function ownSender(node: Checked, machine: Machine): { name: string | undefined; address: string } {
  const given = machine.string(node.options['from']?.value)
  const mailbox = given === undefined ? undefined : oneMailbox(given)
  if (mailbox !== undefined) return mailbox
  const { owner } = machine.facts
  const name = owner.displayedName === '' ? undefined : owner.displayedName
  return { name, address: addressedTo(machine, ownAddresses(node, machine)) ?? owner.address }
}

function replyTo(machine: Machine, sender: string): string {
  const name = nameOf(machine, sender)
  return name === undefined ? `<${sender}>` : namedAddress(name, sender)
}

/** As the message itself calls the sender. */
function nameOf(machine: Machine, sender: string): string | undefined {
  const { header } = machine.message.view.root
  for (const field of ['sender', 'resent-from', 'from', 'reply-to']) {
    for (const { text } of header.named(field)) {
      const found = mailboxesOf(parseAddressList(text)).find(
        ({ local, domain }) => `${local}@${domain}`.toLowerCase() === sender.toLowerCase(),
      )
      if (found?.name !== undefined) return decodeWords(found.name)
    }
  }
  return undefined
}

/** RFC 5230 §5.3, with the words of the settings. */
function subjectOf(node: Checked, machine: Machine): string {
  const { subject, subjectTemplate, subjectCharacters } = machine.facts.settings.vacation
  const given = machine.string(node.options['subject']?.value)
  const [original] = machine.message.view.root.header.decoded('subject')
  const text = given ?? (original === undefined ? subject : subjectTemplate.replaceAll('%s', () => original))
  const characters = Array.from(text.replace(/[\r\n]+/g, ' '))
  return characters.length <= subjectCharacters
    ? characters.join('')
    : `${characters.slice(0, Math.max(0, subjectCharacters - 1)).join('')}…`
}

const mostReferences = 50

/** RFC 5230 §5.7, RFC 5322 §3.6.4. */
function threadFields(machine: Machine): (readonly [string, string])[] {
  const { header } = machine.message.view.root
  const [id] = idsIn(header.named('message-id')[0]?.text)
  if (id === undefined) return []
  const references = idsIn(header.named('references')[0]?.text)
  const inReplyTo = idsIn(header.named('in-reply-to')[0]?.text)
  const before = references.length > 0 || inReplyTo.length !== 1 ? references : inReplyTo
  return [
    ['In-Reply-To', id],
    ['References', [...before.slice(-mostReferences), id].join(' ')],
  ]
}

function idsIn(text: string | undefined): string[] {
  return text?.match(/<[^<>\s]{1,900}>/g) ?? []
}

/** RFC 5230 §4.2: once for each sender, and anew where what is said has changed; RFC 6131 §2: 0 seconds always. */
function memoryOf(node: Checked, machine: Machine, { sender, reason }: { sender: string; reason: string }) {
  const seconds = periodOf(node, machine)
  if (seconds === 0) return undefined
  const { handle, subject, from, mime } = node.options
  const said = [
    machine.string(subject?.value),
    machine.string(from?.value),
    mime === undefined ? 'text' : 'mime',
    reason,
  ]
  const identity = machine.string(handle?.value) ?? said.map((text) => text ?? '').join('\0')
  const hash = createHash('sha256').update(`${identity}\0${sender.toLowerCase()}`).digest('base64url')
  return { key: `vacation:${hash}`, until: machine.facts.now + seconds * 1000, renew: false }
}

function periodOf(node: Checked, machine: Machine): number {
  const { minSeconds, maxSeconds, defaultSeconds } = machine.facts.settings.vacation
  const period = node.options['period']
  const number = numberOf(period?.value)
  const asked = number === undefined ? defaultSeconds : number * (period?.tag === 'days' ? 86_400 : 1)
  return Math.min(Math.max(asked, minSeconds), maxSeconds)
}

const domainOf = (address: string) => address.slice(address.lastIndexOf('@') + 1)
