import type { Settings } from './table.ts'

/** OIDC_*; undefined where it is switched off. */
export function externalPart(settings: Settings, origin: string) {
  const { OIDC_ENABLED: isOn, OIDC_PROVIDER_INFO_URL: infoUrl } = settings
  if (!isOn || infoUrl === undefined) return undefined
  return {
    infoUrl,
    clientId: settings.OIDC_CLIENT_ID,
    clientSecret: settings.OIDC_CLIENT_SECRET,
    redirectUrl: `${origin}/sso/oidc`,
    creates: settings.OIDC_CREATE,
    trustsEmail: settings.OIDC_TRUST_EMAIL,
  }
}

export function aboutExternal({
  OIDC_ENABLED: isOn,
  OIDC_PROVIDER_INFO_URL: infoUrl,
  OIDC_CLIENT_ID: clientId,
}: Partial<Settings>): string[] {
  const isWhole = infoUrl !== undefined && clientId !== ''
  return isOn && !isWhole
    ? ['OIDC_ENABLED: expected together with OIDC_PROVIDER_INFO_URL and OIDC_CLIENT_ID']
    : []
}
