import { createDomainSignUp } from '../modules/auth/index.ts'
import type { Clock, Log } from '../ports/runtime.ts'
import type { DomainSignUp } from '../ports/sign-up.ts'
import type { Container } from './container.ts'
import { outgoingPart } from './settings/outgoing-parts.ts'
import { authPart } from './settings/parts.ts'
import type { Settings } from './settings/table.ts'
import * as t from './tokens.ts'

interface Ground {
  readonly settings: Settings
  readonly ambient: { readonly clock: Clock; readonly log: Log }
}

/** Undefined where nobody registers a domain by himself. */
export function composeDomainSignUp(
  get: Container['get'],
  { settings, ambient: { clock, log } }: Ground,
): DomainSignUp | undefined {
  if (!settings.DOMAIN_REGISTRATION) return undefined
  const { defaultQuota, authRatelimitIpV4Mask, authRatelimitIpV6Mask } = authPart(settings)
  return createDomainSignUp({
    admin: get(t.directoryAdmin),
    breached: get(t.auth).breached,
    dns: get(t.dns),
    settings: {
      hostnames: outgoingPart(settings).hostnames,
      defaultQuota,
      networkSizes: { v4Bits: authRatelimitIpV4Mask, v6Bits: authRatelimitIpV6Mask },
    },
    ...{ clock, log },
  })
}
