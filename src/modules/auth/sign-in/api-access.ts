import { isSameSecret } from '../../../lib/same-secret.ts'
import type { ApiAccess } from '../../../ports/api-access.ts'
import type { Log, Meter } from '../../../ports/runtime.ts'
import type { FindApiKey } from '../api-keys.ts'
import { orLater } from '../directory/trouble.ts'
import type { SignInThrottle } from './throttle.ts'

interface Parts {
  /** API_TOKEN; undefined: there is none that would do. */
  readonly token: string | undefined
  readonly find: FindApiKey
  readonly throttle: SignInThrottle
  readonly log: Log
  readonly meter: Meter
}

/** Mailu: `api_token_authorization`. Every wrong token counts against the network it came from. */
export function createApiAccess({ token: known, find, throttle, log, meter }: Parts): ApiAccess {
  const decide: ApiAccess['verify'] = async ({ token, ip, connection }) => {
    // Before any lock: a key is never guessed, and so no number of guesses by others keeps its owner out.
    const key = await find(token, ip)
    if (typeof key === 'object') {
      const { name, scopes, domain } = key
      return { kind: 'accepted', actor: `api (${name})`, scopes, domain: domain ?? undefined }
    }
    const locked = throttle.lockOn({ login: '', ip })
    if (locked) {
      log.warn('api.throttled', { ip, connection, ...locked })
      return { kind: 'throttled', retryAfterSeconds: locked.retryAfterSeconds }
    }
    if (known !== undefined && isSameSecret(token, known))
      return { kind: 'accepted', actor: 'api', scopes: 'everything', domain: undefined }
    throttle.strike(ip)
    log.warn('api.refused', { ip, connection, reason: key ?? 'unknown' })
    return { kind: 'refused' }
  }
  return {
    async verify(attempt) {
      const verdict = await orLater(() => decide(attempt))
      meter.count('sign_ins_total', { service: 'api', outcome: verdict.kind })
      return verdict
    },
  }
}
