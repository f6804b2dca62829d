import type { Accepted, Refused, Throttled } from '../../../ports/credentials.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import type { CodeAttempt, SecondFactors } from '../../../ports/second-factors.ts'
import type { Directory } from '../directory/directory.ts'
import type { Repository } from '../directory/repository.ts'
import type { User } from '../directory/rows.ts'
import { orLater } from '../directory/trouble.ts'
import type { Secrets } from '../secrets.ts'
import type { SignInThrottle } from '../sign-in/throttle.ts'
import type { Tickets } from '../sign-in/tickets.ts'
import { stepOf } from './code-generator.ts'
import { readFactors, useRecoveryCode, useStep } from './factor-rows.ts'
import { recoveryDigest } from './recovery-codes.ts'

export interface CodeNeeds {
  readonly directory: Directory
  readonly secrets: Pick<Secrets, 'unseal'>
  readonly throttle: SignInThrottle
  readonly tickets: Tickets
  readonly clock: Clock
  readonly log: Log
}

/**
 * The second step of a sign-in. Codes are short, so wrong ones lock the account's second step for a day, from wherever they
 * come (RFC 4226 §7.3); recovery codes are never guessed, and work all the same.
 */
export function createCodeCheck(needs: CodeNeeds): SecondFactors['check'] {
  const { directory, throttle, tickets, log } = needs

  return (attempt) =>
    orLater(async () => {
      const proven = tickets.read(attempt.ticket)
      const user = proven && (await directory.snapshot()).byAccount.get(proven.account)
      if (user?.enabled !== true || user.signInVersion !== proven?.version) return { kind: 'over' } as const
      const fields = { login: user.address, service: 'web', ip: attempt.ip, connection: attempt.connection }
      const verdict = await decide(needs, user, attempt, proven.by)
      if (verdict.kind === 'accepted') {
        throttle.succeeded({ login: user.address, ip: attempt.ip })
        log.info('sign-in.accepted', { ...fields, account: user.account, with: verdict.with })
      } else if (verdict.kind === 'throttled')
        log.warn('sign-in.throttled', {
          ...fields,
          by: 'codes',
          retryAfterSeconds: verdict.retryAfterSeconds,
        })
      else log.warn('sign-in.refused', { ...fields, reason: verdict.reason })
      return verdict
    })
}

async function decide(
  needs: CodeNeeds,
  user: User,
  { code: typed }: CodeAttempt,
  by: Accepted['with'],
): Promise<Accepted | Refused | Throttled> {
  const { directory, throttle, tickets, clock } = needs
  const { account, address } = user
  const accepted = (): Accepted => {
    return {
      kind: 'accepted',
      account,
      address,
      with: 'second factor',
      ticket: tickets.issue(user, { shown: 'all', by }),
    }
  }
  // Others write while this reads only if they go first: a code that comes twice at once counts once.
  const alone = (use: (rows: Repository) => Promise<boolean>) =>
    directory.writeQuietly(async (rows) => {
      await rows.holdVersion()
      return use(rows)
    })
  const recovery = recoveryDigest(account, typed)
  if (recovery !== undefined && (await alone((rows) => useRecoveryCode(rows, recovery)))) return accepted()
  const retryAfterSeconds = throttle.codesLockedFor(address)
  if (retryAfterSeconds > 0) return { kind: 'throttled', retryAfterSeconds }
  const code = typed.replaceAll(/\s/g, '')
  const tried = throttle.codeTried(address)
  const [factor] = (await readFactors(directory.repository.db, account)).filter(
    ({ kind }) => kind === 'codes',
  )
  const secret = factor && needs.secrets.unseal(factor.secret)
  if (!factor || secret === undefined || !/^\d{6}$/.test(code))
    return { kind: 'refused', reason: 'wrong-code' }
  const step = await stepOf(secret, code, clock.now())
  const { id } = factor
  const isFresh = step !== undefined && (await alone((rows) => useStep(rows, id, step)))
  if (!isFresh) return { kind: 'refused', reason: 'wrong-code' }
  tried.undo()
  return accepted()
}
