import { createPublicKey } from 'node:crypto'
import type { DomainName } from '../../lib/address.ts'
import type { SigningKey } from '../../ports/dkim-keys.ts'

/** DNS records that a domain should have, as lines of a zone. Mailu's, word by word. */
export interface DnsRecords {
  readonly mx: string
  readonly spf: string
  /** Only where there is a key. */
  readonly dkim?: string
  readonly dmarc?: string
  readonly publicKey?: string
}

export function dnsRecords(domain: DomainName, hostname: string, key: SigningKey | undefined): DnsRecords {
  const mail = {
    mx: `${domain}. 600 IN MX 10 ${hostname}.`,
    spf: `${domain}. 600 IN TXT "v=spf1 mx a:${hostname} ~all"`,
  }
  if (!key) return mail
  const { type, base64 } = publicKeyOf(key.pem)
  return {
    ...mail,
    publicKey: base64,
    dkim: `${key.selector}._domainkey.${domain}. 600 IN TXT ${quoted(`v=DKIM1; k=${type}; p=${base64}`)}`,
    dmarc: `_dmarc.${domain}. 600 IN TXT "v=DMARC1; p=reject; adkim=s; aspf=s"`,
  }
}

// RFC 6376 §3.6.1: RSA as SubjectPublicKeyInfo. RFC 8463 §4: Ed25519 as the 32 bytes themselves, the end of it.
function publicKeyOf(pem: string): { readonly type: string; readonly base64: string } {
  const key = createPublicKey(pem)
  const der = key.export({ type: 'spki', format: 'der' })
  if (key.asymmetricKeyType === 'ed25519')
    return { type: 'ed25519', base64: der.subarray(-32).toString('base64') }
  return { type: 'rsa', base64: der.toString('base64') }
}

/** A text of a zone holds 255 octets; several are one. RFC 1035 §3.3.14. */
function quoted(text: string): string {
  return (text.match(/.{1,250}/g) ?? []).map((part) => `"${part}"`).join(' ')
}
