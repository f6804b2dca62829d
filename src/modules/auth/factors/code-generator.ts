const digits = 6
const stepSeconds = 30
/** 160 bits, as RFC 4226 §4 R6 recommends. */
const secretBytes = 20
/** Of clocks that go wrong: RFC 6238 §6 recommends one step at most. */
const drift = 1

/** On first use: not everybody has one. */
const load = () => import('otpauth')

export async function newCodeSecret(
  label: string,
  issuer: string,
): Promise<{ readonly secret: string; readonly uri: string }> {
  const { Secret, TOTP } = await load()
  const secret = new Secret({ size: secretBytes })
  const uri = new TOTP({ issuer, label, digits, period: stepSeconds, algorithm: 'SHA1', secret }).toString()
  return { secret: secret.base32, uri }
}

/** Whether it is one of ours, and not whatever a form held. */
export const isCodeSecret = (text: string): boolean => /^[A-Z2-7]{32}$/.test(text)

/** The step that the code is of; undefined where it is none of now. RFC 6238 §4 */
export async function stepOf(secret: string, code: string, now: number): Promise<number | undefined> {
  const { Secret, TOTP } = await load()
  const generator = new TOTP({
    digits,
    period: stepSeconds,
    algorithm: 'SHA1',
    secret: Secret.fromBase32(secret),
  })
  const delta = generator.validate({ token: code, timestamp: now, window: drift })
  return delta === null ? undefined : Math.floor(now / 1000 / stepSeconds) + delta
}
