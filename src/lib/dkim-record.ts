import { createPublicKey } from 'node:crypto'

/** The public half of a key that signs, as its DNS record says it. */
export function publicKeyOf(pem: string): { readonly type: string; readonly base64: string } {
  const key = createPublicKey(pem)
  const der = key.export({ type: 'spki', format: 'der' })
  // RFC 8463 §4: Ed25519 as the 32 octets themselves, the end of it. RFC 6376 §3.6.1: RSA as SubjectPublicKeyInfo.
  if (key.asymmetricKeyType === 'ed25519')
    return { type: 'ed25519', base64: der.subarray(-32).toString('base64') }
  return { type: 'rsa', base64: der.toString('base64') }
}

/** The text of the TXT record. RFC 6376 §3.6.1. */
export function keyText(pem: string): string {
  const { type, base64 } = publicKeyOf(pem)
  return `v=DKIM1; k=${type}; p=${base64}`
}
