import { mailboxesOf, parseAddressList } from '../../../src/lib/mime/address-list.ts'
import { fieldValue, readHeader } from '../../../src/lib/mime/header.ts'
import { MessageState } from '../../../src/modules/sieve/message/message-state.ts'
import type { Machine } from '../../../src/modules/sieve/run/machine.ts'
import type { SieveAction, SieveFacts, SieveVersion } from '../../../src/ports/sieve.ts'
import { sieveFacts, sieveMessage } from '../../support/sieve-facts.ts'
import { factsOfConfig } from './sieve-suite-config.ts'

/** What a script decided and nobody carried out yet. */
export interface Pending {
  readonly actions: readonly SieveAction[]
  readonly versions: readonly SieveVersion[]
  readonly original: Buffer
}

interface Stored {
  readonly message: Buffer
  readonly flags: readonly string[]
}

const defaultMessage = 'From: sender@example.com\nTo: recipient@example.com\nSubject: Frop!\n\nFriep!\n'

/** The world that a test script sets up and looks at: a message, settings, mailboxes and what was sent. */
export class SieveStage {
  readonly config = new Map<string, string>()
  readonly metadata = new Map<string, Record<string, string>>()
  readonly seen = new Set<string>()
  errors: string[] = []
  /** To whom it was sent before it was handed on. */
  originalTo: string | undefined
  facts: SieveFacts = sieveFacts(defaultMessage)
  /** The one that runs the test script itself. */
  machine: Machine | undefined
  readonly #mailboxes = new Map<string, Stored[]>([['INBOX', []]])
  #sent: { readonly from: string; readonly to: string; readonly message: Buffer }[] = []

  constructor() {
    this.setMessage(defaultMessage)
  }

  /** The sender and the recipient follow from the message. */
  setMessage(text: string | Buffer): void {
    const message = sieveMessage(text)
    const to = firstAddress(message.bytes, 'envelope-to', 'to') ?? 'recipient@example.com'
    const from = firstAddress(message.bytes, 'return-path', 'sender', 'from') ?? 'sender@example.com'
    const envelope = { from, to, auth: undefined, parameters: {} }
    this.originalTo = undefined
    this.facts = { ...this.facts, message, envelope }
    this.refresh()
    if (this.machine !== undefined) {
      Object.assign(this.machine, { message: new MessageState(message.bytes, message.index) })
    }
  }

  setEnvelope(change: Partial<SieveFacts['envelope']>): void {
    this.facts = { ...this.facts, envelope: { ...this.facts.envelope, ...change } }
    this.refresh()
  }

  setOriginalTo(address: string): void {
    this.originalTo = address
    this.refresh()
  }

  configure(name: string, value: string | undefined): void {
    if (value === undefined) this.config.delete(name)
    else this.config.set(name, value)
    this.refresh()
  }

  createMailbox(name: string): void {
    this.#mailboxes.set(name, [])
    this.refresh()
  }

  deleteMailbox(name: string): void {
    this.#mailboxes.delete(name)
    this.refresh()
  }

  setMetadata(mailbox: string, name: string, value: string): void {
    this.metadata.set(mailbox, { ...this.metadata.get(mailbox), [name.toLowerCase()]: value })
    this.refresh()
  }

  forgetSent(): void {
    this.#sent = []
  }

  /** What the configuration, the mailboxes and the envelope say now. */
  refresh(): void {
    const names = new Set([...this.#mailboxes.keys(), ...this.metadata.keys()])
    const mailboxes = [...names].map((name) => ({
      name,
      id: `id-${name}`,
      specialUse: [],
      metadata: this.metadata.get(name) ?? {},
    }))
    this.facts = factsOfConfig(
      { ...this.facts, mailboxes, seen: [...this.seen] },
      this.config,
      this.originalTo,
    )
    if (this.machine !== undefined) Object.assign(this.machine, { facts: this.facts })
  }

  /** False where the mailbox is not there; the message is kept then. */
  execute({ actions, versions, original }: Pending): boolean {
    const done = new Set<string>()
    for (const action of actions) {
      const message = 'version' in action ? versionOf(versions[action.version], original) : original
      if (!this.#carryOut(action, message, done)) return false
    }
    this.refresh()
    return true
  }

  takeSent(index: number): boolean {
    const sent = this.#sent[index]
    if (sent === undefined) return false
    this.setMessage(sent.message)
    this.setEnvelope({ from: sent.from, to: sent.to })
    return true
  }

  takeStored(mailbox: string, index: number, machine: Machine): boolean {
    const stored = this.#mailboxes.get(mailbox)?.[index]
    if (stored === undefined) return false
    this.setMessage(stored.message)
    machine.flags = stored.flags
    return true
  }

  #carryOut(action: SieveAction, message: Buffer, done: Set<string>): boolean {
    switch (action.kind) {
      case 'file':
        return this.#file(action, message, done)
      case 'redirect':
        this.#sent.push({ from: this.#redirectSender(), to: action.to, message: withSieveField(message) })
        return true
      case 'send':
        if (action.once !== undefined && this.seen.has(action.once.key)) return true
        for (const to of action.to) {
          this.#sent.push({ from: action.from, to, message: Buffer.from(action.message) })
        }
        return true
      case 'reject':
        this.#refuse(action.reason)
        return true
      case 'discard':
        return true
    }
  }

  #file(action: SieveAction & { kind: 'file' }, message: Buffer, done: Set<string>): boolean {
    const name = action.mailbox ?? 'INBOX'
    const folder = this.#mailboxes.get(name) ?? (action.create ? [] : undefined)
    if (folder === undefined) {
      this.errors = [`failed to store into mailbox '${name}': Mailbox doesn't exist: ${name}`]
      const original = { message: Buffer.from(this.facts.message.bytes), flags: [] }
      this.#mailboxes.get('INBOX')?.push(original)
      return false
    }
    if (done.has(name)) folder.pop()
    this.#mailboxes.set(name, [...folder, { message, flags: action.flags }])
    done.add(name)
    return true
  }

  #refuse(reason: string): void {
    const to = this.facts.envelope.from ?? ''
    // RFC 5429 §2.1: nobody to tell
    if (to === '') return
    const lines = [
      'From: Mail Delivery Subsystem <postmaster@example.com>',
      `To: <${to}>`,
      'Subject: Automatically rejected mail',
      'MIME-Version: 1.0',
      '',
      reason,
      '',
    ]
    this.#sent.push({ from: '', to, message: Buffer.from(lines.join('\r\n')) })
  }

  /** `sieve_redirect_envelope_from`; here the delivery decides it. */
  #redirectSender(): string {
    const { from = '', to = '' } = this.facts.envelope
    const policy = (this.config.get('sieve_redirect_envelope_from') ?? 'sender').trim()
    if (from === '') return ''
    switch (policy) {
      case 'recipient':
        return to
      case 'orig_recipient':
        return this.originalTo ?? to
      case 'user_email':
        return this.config.get('sieve_user_email')?.replace(/[<>]/g, '') ?? to
      case 'postmaster':
        return 'postmaster@example.com'
      case 'sender':
        return from
      default:
        return policy.replace(/^.*<|>.*$/g, '')
    }
  }
}

function firstAddress(bytes: Uint8Array, ...names: readonly string[]): string | undefined {
  const header = readHeader(bytes)
  for (const name of names) {
    const [found] = mailboxesOf(parseAddressList(fieldValue(header, name) ?? ''))
    if (found !== undefined && found.local !== '') return `${found.local}@${found.domain}`
  }
  return undefined
}

/** A message as an action met it. */
export function versionOf(version: SieveVersion | undefined, original: Buffer): Buffer {
  const bodyStart = readHeader(original).end
  const header = version?.header ?? original.subarray(0, bodyStart)
  return Buffer.concat([header, version?.body ?? original.subarray(bodyStart)])
}

const withSieveField = (message: Buffer) => Buffer.concat([Buffer.from('X-Sieve: homepost\r\n'), message])
