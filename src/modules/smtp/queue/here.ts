import type { DomainName } from '../../../lib/address.ts'
import type { LocalDomains } from '../../../ports/addresses.ts'
import type { Intake } from '../../../ports/intake.ts'
import type { MessageBytes, MessageRef } from '../../../ports/message.ts'
import type { OutgoingMessage, OutgoingQueue, Way } from '../../../ports/outgoing-queue.ts'
import type { Clock } from '../../../ports/runtime.ts'
import { ourFailure, type Sent } from '../client/outcome.ts'
import type { Batch } from './batch.ts'
import { octetsOf } from './octets.ts'

interface Parts {
  readonly queue: Pick<OutgoingQueue, 'message' | 'bytes'>
  readonly intake: Intake
  readonly domains: LocalDomains
  readonly bytes: MessageBytes
  readonly hostname: string
  readonly clock: Clock
}

/** Recipients in the queue whose domain is ours: their message waited for its hour, or the domain came to us meanwhile. */
export interface Here {
  isOurs(way: Way): Promise<boolean>
  deliver(batch: Batch): Promise<readonly Sent[]>
}

export function createHere(parts: Parts): Here {
  return {
    isOurs: async (way) => (await parts.domains.list()).includes(way as DomainName),
    async deliver(batch) {
      const [{ message: id, size }] = batch
      const message = await parts.queue.message(id)
      if (!message) return batch.map(() => later('4.3.0', 'Not there'))
      const ref = await copyOf(parts, id, size)
      return ref
        ? takeIn(parts, batch, message, ref)
        : batch.map(() => later('4.3.1', 'No room to take it in now'))
    },
  }
}

async function copyOf({ queue, bytes }: Parts, id: number, size: number): Promise<MessageRef | undefined> {
  const draft = await bytes.begin()
  for await (const piece of octetsOf(queue, id, size)) {
    if ((await bytes.write(draft, Uint8Array.from(piece))).kind === 'written') continue
    await bytes.discard(draft)
    return undefined
  }
  const sealed = await bytes.seal(draft)
  if (sealed.kind === 'sealed') return sealed.ref
  await bytes.discard(draft)
  return undefined
}

async function takeIn(
  { intake, hostname, clock }: Parts,
  batch: Batch,
  message: OutgoingMessage,
  ref: MessageRef,
): Promise<readonly Sent[]> {
  const { arrival, sender, requireTls, smtpUtf8, envelopeId, returnContent } = message
  const accepted = await intake.accept({
    id: `${arrival}.${clock.now().toString(36)}`,
    connection: 'queue',
    // Whoever sent it has shown who he is when it was taken.
    origin: { kind: 'trusted' },
    sender,
    recipients: batch,
    message: ref,
    trace: '',
    client: { ip: '127.0.0.1', helo: hostname, tls: false },
    requireTls,
    smtpUtf8,
    envelopeId,
    returnContent,
    receivedAt: clock.now(),
  })
  return batch.map((_, index) => {
    const outcome = accepted.kind === 'accepted' ? accepted.outcomes[index] : accepted
    if (outcome?.kind === 'done')
      // RFC 3461 §4: the intake has told of success, where that was asked for.
      return { kind: 'done', code: 250, status: '2.0.0', text: 'Delivered here', reportsDelivery: true }
    if (outcome?.kind !== 'refused') return later('4.3.0', outcome?.text ?? 'Not taken in')
    const kind = outcome.code >= 500 ? 'never' : 'later'
    return { kind, ...ourFailure('permanent', 'delivery', outcome.status, outcome.text) }
  })
}

function later(status: string, text: string): Sent {
  return { kind: 'later', ...ourFailure('temporary', 'delivery', status, text) }
}
