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

/** `reports` are tags that say where reports go, with a blank in front: ` rua=mailto:dmarc@example.org;`. */
export function dnsRecords(
  domain: DomainName,
  hostname: string,
  key: SigningKey | undefined,
  reports = '',
): DnsRecords {
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
    dmarc: `_dmarc.${domain}. 600 IN TXT "v=DMARC1; p=reject;${reports} adkim=s; aspf=s"`,
  }
}

/** Where DMARC's reports go: local parts at the main domain. Mailu's DMARC_RUA and DMARC_RUF. */
export function reportTags(
  mainDomain: DomainName,
  aggregate: string | undefined,
  failure: string | undefined,
): string {
  const tag = (name: string, local: string | undefined) =>
    local === undefined ? '' : ` ${name}=mailto:${local}@${mainDomain};`
  return tag('rua', aggregate) + tag('ruf', failure)
}

// RFC 6376 §3.6.1: RSA as SubjectPublicKeyInfo. RFC 8463 §4: Ed25519 as the 32 bytes themselves, the end of it.
export function publicKeyOf(pem: string): { readonly type: string; readonly base64: string } {
  const key = createPublicKey(pem)
  const der = key.export({ type: 'spki', format: 'der' })
  if (key.asymmetricKeyType === 'ed25519')
    return { type: 'ed25519', base64: der.subarray(-32).toString('base64') }
  return { type: 'rsa', base64: der.toString('base64') }
}

/** A text of a zone holds 255 octets; several are one. RFC 1035 §3.3.14. */
export function quoted(text: string): string {
  return (text.match(/.{1,250}/g) ?? []).map((part) => `"${part}"`).join(' ')
}
