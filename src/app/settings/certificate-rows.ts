import { listOf, oneOf, optional, secret, text, yesNo } from './kinds.ts'
import { dnsServer, tsigKey, wholeWebAddress } from './network-kinds.ts'
import { row } from './row.ts'

/** Where certificates come from. */
export const certificateRows = {
  TLS_FLAVOR: row(
    oneOf({
      cert: 'cert' as const,
      letsencrypt: 'letsencrypt' as const,
      notls: 'notls' as const,
      mail: 'mail' as const,
      'mail-letsencrypt': 'mail-letsencrypt' as const,
    }),
    'cert',
    'cert: files in DATA_DIR/certs, or a self-signed certificate where there are none; letsencrypt: fetched from ACME_DIRECTORY, and renewed; mail and mail-letsencrypt: the same without port 443, for a web server in front; notls: no encryption',
  ),
  TLS_CERT_FILENAME: row(text, 'cert.pem', 'Certificate chain in DATA_DIR/certs'),
  TLS_KEYPAIR_FILENAME: row(text, 'key.pem', 'Its private key in DATA_DIR/certs'),
  TRAEFIK_ACME_FILE: row(
    optional(text),
    '',
    'Traefik’s acme.json: its certificates for HOSTNAMES are used, and used anew when they change',
  ),
  ACME_DIRECTORY: row(
    wholeWebAddress,
    'https://acme-v02.api.letsencrypt.org/directory',
    'Who issues certificates with TLS_FLAVOR=letsencrypt: any authority that speaks ACME',
  ),
  ACME_CHALLENGE: row(
    oneOf({
      'http-01': 'http-01' as const,
      'tls-alpn-01': 'tls-alpn-01' as const,
      'dns-01': 'dns-01' as const,
    }),
    'http-01',
    'How it sees that the names are ours: http-01 on port 80, tls-alpn-01 on port 443, dns-01 in DNS',
  ),
  ACME_EAB_KID: row(optional(text), '', 'Account there, where the authority wants one that was made before'),
  ACME_EAB_HMAC: row(optional(secret), '', 'Its key, in base64'),
  ACME_DNS_SERVER: row(
    optional(dnsServer),
    '',
    'For dns-01: the name server that takes changes (RFC 2136), such as 192.0.2.1 or 192.0.2.1@5353',
  ),
  ACME_DNS_KEY: row(
    optional(tsigKey),
    '',
    'And the key it knows us by, as nsupdate has it: hmac-sha256:name:secret in base64',
  ),
  ACME_DOMAIN_NAMES: row(
    listOf(
      oneOf({
        autoconfig: 'autoconfig' as const,
        autodiscover: 'autodiscover' as const,
        'mta-sts': 'mta-sts' as const,
      }),
    ),
    '',
    'Names that each domain gets a certificate for, where DNS leads them to this server: autoconfig, autodiscover, mta-sts',
  ),
  LETSENCRYPT_SHORTCHAIN: row(
    yesNo,
    'false',
    'Leave Let’s Encrypt’s roots out of what is sent; port 25 always sends them, for DANE',
  ),
}
