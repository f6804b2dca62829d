import type { Arrival } from '../../ports/intake.ts'
import type { AuthReport, MailAuthenticator } from '../../ports/mail-authentication.ts'
import type { MailSigner } from '../../ports/mail-signing.ts'
import type { MessageBytes } from '../../ports/message.ts'
import type { TryLater } from '../../ports/runtime.ts'
import { rewrite } from './rewrite.ts'

export interface Vouching {
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
  if (origin.kind === 'arrived' || origin.kind === 'fetched') return check(parts, arrival)
  // Without a sender it is the login that says for whom he may write.
  const by = sender ?? (origin.kind === 'submitted' ? origin.login : undefined)
  const { header } = await parts.signer.sign(arrival.message, by)
  return { kind: 'vouched', arrival: { ...arrival, trace: header + arrival.trace }, report: { header: '' } }
}

async function check({ authenticator, bytes }: Vouching, arrival: Arrival): Promise<Vouched> {
  const report = await authenticator.authenticate(arrival)
  const { forged = [] } = report
  if (forged.length === 0) return { kind: 'vouched', arrival, report }
  const edits = forged.map((range) => ({ ...range, text: '' }))
  const cleaned = await rewrite(bytes, arrival.message, edits)
  if (cleaned.kind === 'later') return cleaned
  await bytes.release(arrival.message)
  return { kind: 'vouched', arrival: { ...arrival, message: cleaned.ref }, report }
}
