import type { Arrival } from '../../ports/intake.ts'
import type { AuthReport, MailAuthenticator } from '../../ports/mail-authentication.ts'
import type { MailSigner } from '../../ports/mail-signing.ts'

interface Vouching {
  readonly authenticator: MailAuthenticator
  readonly signer: MailSigner
}

interface Vouched {
  readonly arrival: Arrival
  readonly report: AuthReport
}

/**
 * The first step of the road. What came from anywhere is asked who it is from; who signed in, or sends from a trusted network,
 * has shown who he is, and we say so to the world.
 */
export async function vouch({ authenticator, signer }: Vouching, arrival: Arrival): Promise<Vouched> {
  if (arrival.origin.kind === 'arrived') return { arrival, report: await authenticator.authenticate(arrival) }
  const { origin, sender } = arrival
  // Without a sender it is the login that says for whom he may write.
  const by = sender ?? (origin.kind === 'submitted' ? origin.login : undefined)
  const { header } = await signer.sign(arrival.message, by)
  return { arrival: { ...arrival, trace: header + arrival.trace }, report: { header: '' } }
}
