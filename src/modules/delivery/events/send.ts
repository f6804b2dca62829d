import { type Address, parseAddress } from '../../../lib/address.ts'
import type { Arrival } from '../../../ports/intake.ts'
import type { MessageRef } from '../../../ports/message.ts'
import type { TryLater } from '../../../ports/runtime.ts'
import type { SieveAction, SieveVersion } from '../../../ports/sieve.ts'
import { withoutReturnPath } from '../content.ts'
import { sealPieces } from '../making.ts'
import { type MetMessage, storedPieces } from './met-message.ts'
import type { EventParts, ScriptRun } from './prepare.ts'

type Sending = Extract<SieveAction, { kind: 'redirect' | 'send' }>

export interface Sent {
  readonly met: MetMessage
  readonly id: string
  readonly versions: readonly SieveVersion[]
  readonly action: Sending
}

/** What a script sends takes the way of what its owner sends: signed, counted, and through the rules of who gets it. */
export async function send(parts: EventParts, run: ScriptRun, sent: Sent): Promise<boolean> {
  const { intake, log } = parts
  const sealed = await sealPieces(parts.bytes, octetsOf(parts, run, sent))
  if (sealed.kind === 'later') return false
  const accepted = await intake.accept(arrivalOf(parts, run, sent, sealed.ref))
  const isDone = accepted.kind === 'accepted' && accepted.outcomes.every(({ kind }) => kind === 'done')
  if (!isDone) log.warn('imap-script.not-sent', { account: run.event.owner, id: sent.id })
  return isDone && (await keepCopy(parts, run, sent))
}

function arrivalOf(
  { clock, rules }: EventParts,
  { owner }: ScriptRun,
  { id, action }: Sent,
  message: MessageRef,
): Arrival {
  const to = action.kind === 'redirect' ? [action.to] : action.to
  const recipients = to.flatMap((text) => parseAddress(text) ?? [])
  return {
    id,
    connection: 'imap-script',
    origin: { kind: 'submitted', account: owner.account, login: owner.address },
    sender: senderOf(action, owner.address),
    recipients: recipients.map((address) => ({
      address,
      notify: noticesOf(action),
      originalRecipient: undefined,
    })),
    message,
    // So that it is known when it comes back.
    trace: action.kind === 'redirect' ? `Delivered-To: ${owner.address}\r\n` : '',
    client: { ip: '127.0.0.1', helo: rules.hostname, tls: true },
    requireTls: false,
    smtpUtf8: recipients.some((address) => /[^\0-\x7f]/.test(address)),
    envelopeId: undefined,
    returnContent: undefined,
    receivedAt: clock.now(),
  }
}

/** There is no envelope that it came with. */
function senderOf(action: Sending, owner: Address): Address | undefined {
  return action.kind === 'redirect' ? owner : parseAddress(action.from)
}

/** RFC 3834 §4: nobody is told what became of a notification. */
function noticesOf(action: Sending): Arrival['recipients'][number]['notify'] {
  if (action.kind === 'send') return ['never']
  const said = action.notify?.toLowerCase().split(',')
  return said as Arrival['recipients'][number]['notify']
}

async function* octetsOf(
  { store }: EventParts,
  { event }: ScriptRun,
  { met, versions, action }: Sent,
): AsyncGenerator<Uint8Array> {
  if (action.kind === 'send') {
    yield new TextEncoder().encode(action.message)
    return
  }
  const { header, body } = versions[action.version] ?? {}
  const { headerBytes, size } = met.index
  yield withoutReturnPath(header ?? met.bytes.subarray(0, headerBytes))
  if (body !== undefined) yield Uint8Array.from(body)
  else yield* storedPieces(store, { ...event, uid: met.uid }, { from: headerBytes, to: size })
}

/** RFC 8580: for the owner. */
async function keepCopy(parts: EventParts, { event }: ScriptRun, { action }: Sent): Promise<boolean> {
  if (action.kind === 'redirect' || !action.copy) return true
  const { store, bytes, clock } = parts
  const mailbox = await store.mailbox(event.owner, action.copy.mailbox)
  if (!mailbox) return true
  const sealed = await sealPieces(bytes, oneText(action.message))
  if (sealed.kind === 'later') return false
  const message = { message: sealed.ref, flags: action.copy.flags, receivedAt: clock.now() }
  const appended: { kind: string } | TryLater = await store.append(event.owner, mailbox.id, [message])
  return appended.kind === 'appended'
}

async function* oneText(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}
