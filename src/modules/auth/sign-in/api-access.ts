import { isSameSecret } from '../../../lib/same-secret.ts'
import type { ApiAccess } from '../../../ports/api-access.ts'
import type { Log, Meter } from '../../../ports/runtime.ts'
import type { SignInThrottle } from './throttle.ts'

interface Parts {
  /** API_TOKEN; undefined: there is none that would do. */
  readonly token: string | undefined
  readonly throttle: SignInThrottle
  readonly log: Log
  readonly meter: Meter
}

/** Mailu: `api_token_authorization`. Every wrong token counts against the network it came from. */
export function createApiAccess({ token: known, throttle, log, meter }: Parts): ApiAccess {
  return {
    async verify({ token, ip, connection }) {
      const told = (kind: 'accepted' | 'refused' | 'throttled') =>
        meter.count('sign_ins_total', { service: 'api', outcome: kind })
      const locked = throttle.lockOn({ login: '', ip })
      if (locked) {
        told('throttled')
        log.warn('api.throttled', { ip, connection, ...locked })
        return { kind: 'throttled', retryAfterSeconds: locked.retryAfterSeconds }
      }
      if (known !== undefined && isSameSecret(token, known)) {
        told('accepted')
        return { kind: 'accepted', actor: 'api' }
      }
      throttle.strike(ip)
      told('refused')
      log.warn('api.refused', { ip, connection })
      return { kind: 'refused' }
    },
  }
}
