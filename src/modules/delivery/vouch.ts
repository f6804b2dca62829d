import type { Arrival } from '../../ports/intake.ts'
import type { AuthReport, MailAuthenticator } from '../../ports/mail-authentication.ts'
import type { MailSigner } from '../../ports/mail-signing.ts'
import type { ByteRange, MessageBytes, MessageRef } from '../../ports/message.ts'
import type { TryLater } from '../../ports/runtime.ts'

interface Vouching {
  readonly authenticator: MailAuthenticator
  readonly signer: MailSigner
  readonly bytes: MessageBytes
}

type Vouched = { readonly kind: 'vouched'; readonly arrival: Arrival; readonly report: AuthReport } | TryLater

/**
 * The first step of the road. What came from anywhere is asked who it is from; who signed in, or sends from a trusted network,
 * has shown who he is, and we say so to the world. The message of the arrival that comes out is the one to go on with: where it
 * is another, the first was released.
 */
export async function vouch(parts: Vouching, arrival: Arrival): Promise<Vouched> {
  const { origin, sender } = arrival
  if (origin.kind === 'arrived') return check(parts, arrival)
  // Without a sender it is the login that says for whom he may write.
  const by = sender ?? (origin.kind === 'submitted' ? origin.login : undefined)
  const { header } = await parts.signer.sign(arrival.message, by)
  return { kind: 'vouched', arrival: { ...arrival, trace: header + arrival.trace }, report: { header: '' } }
}

async function check({ authenticator, bytes }: Vouching, arrival: Arrival): Promise<Vouched> {
  const report = await authenticator.authenticate(arrival)
  const { forged = [] } = report
  if (forged.length === 0) return { kind: 'vouched', arrival, report }
  const cleaned = await without(bytes, arrival.message, forged)
  if (cleaned.kind === 'later') return cleaned
  await bytes.release(arrival.message)
  return { kind: 'vouched', arrival: { ...arrival, message: cleaned.ref }, report }
}

/** Read and written in pieces of this size. */
const pieceOctets = 256 * 1024

/** A copy of the message that leaves some of it out. */
async function without(
  bytes: MessageBytes,
  message: MessageRef,
  left: readonly ByteRange[],
): Promise<{ kind: 'sealed'; ref: MessageRef } | TryLater> {
  const draft = await bytes.begin()
  const starts = [0, ...left.map(({ to }) => to)]
  const ends = [...left.map(({ from }) => from), message.size]
  for (const [index, start] of starts.entries()) {
    const end = ends[index] ?? start
    for (let from = start; from < end; from += pieceOctets) {
      const piece = await bytes.read(message, { from, to: Math.min(from + pieceOctets, end) })
      // The writer may keep the octets, and these are still another message's.
      const written = await bytes.write(draft, Uint8Array.from(piece))
      if (written.kind === 'later') {
        await bytes.discard(draft)
        return written
      }
    }
  }
  return bytes.seal(draft)
}
