import { createHash } from 'node:crypto'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { AccountId } from '../../../ports/accounts.ts'
import type { Accepted, Refused } from '../../../ports/credentials.ts'
import type {
  NewPasskey,
  NotRegistered,
  PasskeySite,
  Passkeys,
  ShownPasskey,
} from '../../../ports/passkeys.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import type { TurnedOn } from '../../../ports/second-factors.ts'
import type { Directory } from '../directory/directory.ts'
import type { User } from '../directory/rows.ts'
import { orLater } from '../directory/trouble.ts'
import type { SignInThrottle } from '../sign-in/throttle.ts'
import type { Tickets } from '../sign-in/tickets.ts'
import type { Challenges } from './challenges.ts'
import { addFactor, type Factor, factorWith, noteFactor, readFactors, useCounter } from './factor-rows.ts'

export interface PasskeyNeeds {
  readonly directory: Directory
  readonly challenges: Challenges
  readonly throttle: SignInThrottle
  readonly tickets: Tickets
  /** SITENAME. */
  readonly siteName: string
  readonly clock: Clock
  readonly log: Log
}

/** As it is kept; §4 calls it a credential record. */
interface Kept {
  readonly id: string
  readonly publicKey: string
  readonly transports: readonly string[]
}

const most = 20
const longestName = 100
/** EdDSA, ES256 and RS256: what every authenticator knows one of. WebAuthn §5.4 */
const algorithms = [-8, -7, -257]
const waitMs = 5 * 60_000

/** On first use: not everybody has one. */
const load = () => import('@simplewebauthn/server')

export function createPasskeys(needs: PasskeyNeeds): Passkeys {
  const { directory, challenges } = needs
  return {
    creation: async (account, { hostname }) => {
      const [{ byAccount }, rows] = await Promise.all([
        directory.snapshot(),
        readFactors(directory.repository.db, account),
      ])
      const name = byAccount.get(account)?.address ?? ''
      return JSON.stringify({
        rp: { id: hostname, name: needs.siteName },
        user: { id: Buffer.from(String(account)).toString('base64url'), name, displayName: name },
        challenge: challenges.issue(purposeOf(account)),
        pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
        timeout: waitMs,
        excludeCredentials: passkeysOf(rows).map((row) => ({ type: 'public-key', id: keptOf(row).id })),
        authenticatorSelection: {
          residentKey: 'required',
          requireResidentKey: true,
          userVerification: 'required',
        },
        attestation: 'none',
      })
    },
    register: (account, made) => orLater(() => register(needs, account, made)),
    request: async ({ hostname }) =>
      JSON.stringify({
        rpId: hostname,
        challenge: challenges.issue('sign in'),
        userVerification: 'required',
        timeout: waitMs,
      }),
    check: (shown) => orLater(() => check(needs, shown)),
  }
}

const purposeOf = (account: AccountId) => `register ${account}`
const passkeysOf = (rows: readonly Factor[]) => rows.filter(({ kind }) => kind === 'passkey')
const keptOf = ({ secret }: Factor) => JSON.parse(secret) as Kept
/** Whatever its length, it has one that fits a key. */
const rowIdOf = (credentialId: string) => createHash('sha256').update(credentialId).digest('hex')

async function register(
  { directory, challenges }: PasskeyNeeds,
  account: AccountId,
  { answer, name, site }: NewPasskey,
): Promise<TurnedOn | NotRegistered> {
  const credential = await registered(challenges, account, { answer, site })
  if (!credential) return { kind: 'refused' }
  const { id, publicKey, counter, transports = [] } = credential
  const kept: Kept = { id, publicKey: Buffer.from(publicKey).toString('base64url'), transports }
  return directory.writeFor(account, async (rows) => {
    const before = await readFactors(rows.db, account)
    if (passkeysOf(before).length >= most) return { kind: 'too-many', most }
    if (await factorWith(rows, rowIdOf(id))) return { kind: 'refused' }
    const shown = name
      .replaceAll(/\p{Cc}/gu, ' ')
      .toWellFormed()
      .trim()
      .slice(0, longestName)
    const row = {
      id: rowIdOf(id),
      account,
      kind: 'passkey',
      name: shown,
      secret: JSON.stringify(kept),
    } as const
    const recoveryCodes = await addFactor(
      rows,
      { ...row, counter, createdAt: rows.now() },
      before.length === 0,
    )
    const key = (await directory.snapshot()).byAccount.get(account)?.address ?? ''
    await noteFactor(rows, { address: key, actor: key, to: `passkey ${shown}` })
    return { kind: 'on', recoveryCodes }
  })
}

async function registered(
  challenges: Challenges,
  account: AccountId,
  { answer, site }: Pick<NewPasskey, 'answer' | 'site'>,
) {
  const { verifyRegistrationResponse } = await load()
  let asked = ''
  try {
    const { registrationInfo } = await verifyRegistrationResponse({
      response: JSON.parse(answer) as RegistrationResponseJSON,
      expectedChallenge: (challenge) => {
        asked = challenge
        return challenges.isGood(purposeOf(account), challenge)
      },
      expectedOrigin: site.origin,
      expectedRPID: site.hostname,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    })
    return registrationInfo && challenges.use(asked) ? registrationInfo.credential : undefined
  } catch {
    // Whatever a browser, or somebody who is none, has sent: the package throws for each kind of mistake.
    return undefined
  }
}

async function check(
  needs: PasskeyNeeds,
  { answer, site, ip, connection }: ShownPasskey,
): Promise<Accepted | Refused> {
  const { directory, tickets, throttle, log } = needs
  const response = readAnswer(answer)
  const factor = response && (await factorWith(directory.repository, rowIdOf(response.id)))
  const user = factor && (await directory.snapshot()).byAccount.get(factor.account)
  const fields = { login: user?.address ?? '', service: 'web', ip, connection }
  const reason = await problemOf(needs, { response, factor, user, site })
  if (reason !== undefined || !user) {
    const refused: Refused = { kind: 'refused', reason: reason ?? 'unknown' }
    log.warn('sign-in.refused', { ...fields, reason: refused.reason, with: 'passkey' })
    return refused
  }
  const { account, address } = user
  throttle.succeeded({ login: address, ip })
  log.info('sign-in.accepted', { ...fields, account, with: 'passkey' })
  return {
    kind: 'accepted',
    account,
    address,
    with: 'passkey',
    ticket: tickets.issue(user, { shown: 'all', by: 'passkey' }),
  }
}

interface Shown {
  readonly response: AuthenticationResponseJSON | undefined
  readonly factor: Factor | undefined
  readonly user: User | undefined
  readonly site: PasskeySite
}

/** Why it opens nothing; undefined where it does. */
async function problemOf(
  { directory, challenges }: PasskeyNeeds,
  { response, factor, user, site }: Shown,
): Promise<Refused['reason'] | undefined> {
  if (!response || !factor || !user) return 'unknown'
  const counter = await verified(challenges, { response, factor, site })
  if (counter === undefined) return 'wrong-secret'
  if (!user.enabled) return 'disabled'
  const isFresh = await directory.writeQuietly(async (rows) => {
    await rows.holdVersion()
    return useCounter(rows, factor.id, counter)
  })
  return isFresh ? undefined : 'wrong-secret'
}

/** How often it was used, where the signature is right: 0 where it does not count. */
async function verified(
  challenges: Challenges,
  { response, factor, site }: { response: AuthenticationResponseJSON; factor: Factor; site: PasskeySite },
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await load()
  const { id, publicKey } = keptOf(factor)
  let asked = ''
  try {
    const { verified: isRight, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: (challenge) => {
        asked = challenge
        return challenges.isGood('sign in', challenge)
      },
      expectedOrigin: site.origin,
      expectedRPID: site.hostname,
      credential: {
        id,
        publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')),
        counter: factor.counter,
      },
      requireUserVerification: true,
    })
    return isRight && challenges.use(asked) ? authenticationInfo.newCounter : undefined
  } catch {
    // As above.
    return undefined
  }
}

function readAnswer(text: string): AuthenticationResponseJSON | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    const isOne =
      typeof answer === 'object' && answer !== null && 'id' in answer && typeof answer.id === 'string'
    return isOne ? (answer as AuthenticationResponseJSON) : undefined
  } catch {
    return undefined
  }
}
