import { type Failure, failureOf, lostFailure, ourFailure } from './outcome.ts'
import type { Talk } from './talk.ts'

/** How we sign in at a relay. */
export interface RelayLogin {
  readonly user: string
  readonly password: string
  /** A relay in our own network, over plain connections. */
  readonly evenUnencrypted: boolean
}

interface LoginRules {
  /** What the server offers. */
  readonly mechanisms: readonly string[]
  readonly encrypted: boolean
  readonly limitMs: number
}

/** RFC 4954. Undefined when we are in. A relay that refuses us is asked again later: somebody mends the password. */
export async function login(
  talk: Talk,
  { user, password, evenUnencrypted }: RelayLogin,
  { mechanisms, encrypted, limitMs }: LoginRules,
): Promise<Failure | undefined> {
  if (!encrypted && !evenUnencrypted)
    return ourFailure(
      'login',
      'AUTH',
      '4.7.11',
      'The relay offers no encryption, so the password was not sent',
    )
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  // RFC 4616; LOGIN is for old Exchange servers.
  const answers = mechanisms.includes('PLAIN')
    ? [`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`]
    : ['AUTH LOGIN', base64(user), base64(password)]
  if (!mechanisms.includes('PLAIN') && !mechanisms.includes('LOGIN'))
    return ourFailure(
      'login',
      'AUTH',
      '4.7.0',
      'The relay offers no way to sign in that we know (PLAIN, LOGIN)',
    )
  for (const answer of answers) {
    await talk.write(`${answer}\r\n`, limitMs)
    const heard = await talk.reply(limitMs)
    if (heard.kind === 'lost') return lostFailure(heard, 'AUTH')
    if (heard.reply.code === 235) return undefined
    if (heard.reply.code !== 334) return { ...failureOf(heard.reply, 'AUTH'), why: 'login' }
  }
  return ourFailure('login', 'AUTH', '4.5.0', 'The relay goes on asking after the password')
}
