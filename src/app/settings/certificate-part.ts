import { join } from 'node:path'
import { postmasterOf } from './parts.ts'
import type { Settings } from './table.ts'

/** Undefined where nothing is encrypted. */
export const certificatePart = (settings: Settings) =>
  settings.TLS_FLAVOR === 'notls'
    ? undefined
    : {
        folder: join(settings.DATA_DIR, 'certs'),
        certificate: settings.TLS_CERT_FILENAME,
        key: settings.TLS_KEYPAIR_FILENAME,
        names: settings.HOSTNAMES,
        traefikFile: settings.TRAEFIK_ACME_FILE,
        leavesOutRoots: settings.LETSENCRYPT_SHORTCHAIN,
        authority: asksAuthority(settings.TLS_FLAVOR) ? authorityPart(settings) : undefined,
      }

const asksAuthority = (flavor: Settings['TLS_FLAVOR'] | undefined) =>
  flavor === 'letsencrypt' || flavor === 'mail-letsencrypt'

function authorityPart(settings: Settings) {
  const { ACME_EAB_KID: kid, ACME_EAB_HMAC: hmacKey, ACME_DNS_SERVER: server, ACME_DNS_KEY: key } = settings
  return {
    directory: settings.ACME_DIRECTORY,
    challenge: settings.ACME_CHALLENGE,
    contact: postmasterOf(settings),
    binding: kid === undefined || hmacKey === undefined ? undefined : { kid, hmacKey },
    update: server && key && { ip: server.ip, port: server.port, key },
    prefixes: settings.ACME_DOMAIN_NAMES,
  }
}

/** What only shows when several settings are read together. */
export function aboutAuthority(values: Partial<Settings>): string[] {
  const { TLS_FLAVOR, ACME_CHALLENGE, PORTS = [], ACME_EAB_KID, ACME_EAB_HMAC } = values
  if (!asksAuthority(TLS_FLAVOR)) return []
  const mistakes: string[] = []
  if (ACME_CHALLENGE === 'http-01' && !PORTS.includes(80)) {
    mistakes.push('ACME_CHALLENGE: expected tls-alpn-01 or dns-01, because 80 is not among PORTS')
  }
  if (ACME_CHALLENGE === 'tls-alpn-01' && (!PORTS.includes(443) || TLS_FLAVOR === 'mail-letsencrypt')) {
    mistakes.push('ACME_CHALLENGE: expected http-01 or dns-01, because port 443 is not open')
  }
  if (ACME_CHALLENGE === 'dns-01' && !(values.ACME_DNS_SERVER && values.ACME_DNS_KEY)) {
    mistakes.push(
      'ACME_CHALLENGE: expected together with ACME_DNS_SERVER and ACME_DNS_KEY, where it is dns-01',
    )
  }
  if ((ACME_EAB_KID === undefined) !== (ACME_EAB_HMAC === undefined)) {
    mistakes.push('ACME_EAB_KID: expected together with ACME_EAB_HMAC')
  }
  return mistakes
}

/** Whether records of DNS speak of Let's Encrypt. */
export const asksLetsEncrypt = ({ TLS_FLAVOR, ACME_DIRECTORY }: Settings) =>
  asksAuthority(TLS_FLAVOR) && new URL(ACME_DIRECTORY).hostname.endsWith('.letsencrypt.org')

/** Where the certificates are that everybody is shown, in files. */
export function certificateFiles(settings: Settings): readonly string[] {
  const folder = join(settings.DATA_DIR, 'certs')
  if (!asksAuthority(settings.TLS_FLAVOR)) return [join(folder, settings.TLS_CERT_FILENAME)]
  return ['mailu-ecdsa', 'mailu'].map((id) => join(folder, 'letsencrypt', 'live', id, 'fullchain.pem'))
}
