import type { DomainName } from '../../lib/address.ts'
import { keyText, publicKeyOf } from '../../lib/dkim-record.ts'
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
  return {
    ...mail,
    publicKey: publicKeyOf(key.pem).base64,
    dkim: `${key.selector}._domainkey.${domain}. 600 IN TXT ${quoted(keyText(key.pem))}`,
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

/** A text of a zone holds 255 octets; several are one. RFC 1035 §3.3.14. */
export function quoted(text: string): string {
  return (text.match(/.{1,250}/g) ?? []).map((part) => `"${part}"`).join(' ')
}
