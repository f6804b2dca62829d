import { formatMessageDate } from '../../../lib/mime/date.ts'
import type { MessageBytes, MessageRef } from '../../../ports/message.ts'
import type { OwnLetter, OwnMail } from '../../../ports/own-mail.ts'
import type { Clock } from '../../../ports/runtime.ts'

export interface LetterParts {
  readonly bytes: MessageBytes
  readonly ownMail: OwnMail
  readonly hostname: string
  readonly clock: Clock
}

/** Finds out where it goes. Nothing is left behind where it goes nowhere. */
export async function planLetter(parts: LetterParts, letter: OwnLetter): ReturnType<OwnMail['plan']> {
  const { bytes, ownMail } = parts
  const ref = await seal(bytes, letter.whole)
  if (!ref) return { kind: 'later', reason: 'disk-full', text: 'The report cannot be written now' }
  const planned = await ownMail.plan(arrivalOf(parts, letter, ref))
  if (planned.kind !== 'planned') await bytes.release(ref)
  return planned
}

async function seal(bytes: MessageBytes, whole: Uint8Array): Promise<MessageRef | undefined> {
  const draft = await bytes.begin()
  const written = await bytes.write(draft, whole)
  const sealed = written.kind === 'written' ? await bytes.seal(draft) : written
  if (sealed.kind === 'sealed') return sealed.ref
  await bytes.discard(draft)
  return undefined
}

function arrivalOf(
  { hostname, clock }: LetterParts,
  { id, to, requireTls, smtpUtf8 }: OwnLetter,
  message: MessageRef,
): Parameters<OwnMail['plan']>[0] {
  const now = clock.now()
  return {
    id,
    connection: 'queue',
    origin: { kind: 'trusted' },
    sender: undefined,
    // RFC 3461 §5.2: nobody hears of a report that is lost.
    recipients: [{ address: to, notify: ['never'], originalRecipient: undefined }],
    message,
    // Written by ourselves, it still counts for whoever looks for a loop.
    trace: `Received: by ${hostname} (Homepost) id ${id};\r\n\t${formatMessageDate(now)}\r\n`,
    client: { ip: '127.0.0.1', helo: hostname, tls: false },
    requireTls,
    smtpUtf8,
    envelopeId: undefined,
    returnContent: undefined,
    receivedAt: now,
  }
}
