import { constants, createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'

/** How strict a listener is. `permissive` is for port 25, where the other choice would be no encryption at all. */
export type TlsProfile = 'intermediate' | 'permissive'

export interface KeyPair {
  /** PEM, the server's own certificate first. */
  readonly certificate: string
  readonly key: string
}

/** Mozilla's "intermediate" recommendation 5.7: TLS 1.2 and 1.3, forward secrecy, authenticated encryption. */
const intermediateSuites = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'DHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-CHACHA20-POLY1305',
]

const legacySuites = [
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'DHE-RSA-AES128-SHA256',
  'DHE-RSA-AES256-SHA256',
  'DHE-RSA-AES128-SHA',
  'DHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA256',
  'AES256-SHA256',
  'AES128-SHA',
  'AES256-SHA',
  // OpenSSL refuses TLS 1.0 and 1.1, which sign with SHA-1, at its usual level.
  '@SECLEVEL=0',
]

const profiles: Readonly<Record<TlsProfile, SecureContextOptions>> = {
  intermediate: { minVersion: 'TLSv1.2', ciphers: intermediateSuites.join(':') },
  permissive: { minVersion: 'TLSv1', ciphers: [...intermediateSuites, ...legacySuites].join(':') },
}

/** One kind of key beside another, RSA beside ECDSA: each client gets what it can read. Throws where a certificate and its key are none, or not of each other. */
export function secureContext(profile: TlsProfile, pairs: readonly KeyPair[]): SecureContext {
  for (const pair of pairs) checkPair(pair)
  return createSecureContext({
    ...profiles[profile],
    cert: pairs.map(({ certificate }) => certificate),
    key: pairs.map(({ key }) => key),
    dhparam: 'auto',
    honorCipherOrder: profile === 'permissive',
    // No tickets: their key would have to be changed often to keep forward secrecy. RFC 5246 §F.1.1.3 on renegotiation.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  })
}

/** Throws where they are none, or not of each other: createSecureContext takes an empty key for none and fails at the first handshake. */
export function checkPair({ certificate, key }: KeyPair): X509Certificate {
  const own = new X509Certificate(certificate)
  if (!own.checkPrivateKey(createPrivateKey(key))) {
    throw new Error('the private key belongs to another certificate')
  }
  return own
}
