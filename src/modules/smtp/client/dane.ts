import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto'

/** A TLSA record: RFC 6698 §2.1. */
export interface TlsaRecord {
  readonly usage: number
  readonly selector: number
  readonly matching: number
  readonly association: Uint8Array
}

/**
 * Those that mail can use. RFC 7672 §3.1.3: only DANE-TA(2) and DANE-EE(3), as no CA is trusted by both sides. Where there are
 * records and none of these, the connection is encrypted and nobody proves anything (RFC 7672 §2.2).
 */
export function usableRecords(records: readonly TlsaRecord[]): readonly TlsaRecord[] {
  return records.filter(
    ({ usage, selector, matching, association }) =>
      (usage === 2 || usage === 3) &&
      (selector === 0 || selector === 1) &&
      hasRightLength(matching, association),
  )
}

export type DaneVerdict =
  | { readonly kind: 'verified' }
  | {
      readonly kind: 'refused'
      readonly why: 'validation-failure' | 'certificate-host-mismatch' | 'certificate-expired'
    }

/**
 * Does the chain that the server showed, its own certificate first, answer one of the records? `names` are those that a
 * certificate below a trust anchor may bear: the host's, and the domain's whose MX record was secure (RFC 7672 §3.2.2).
 */
export function matchDane(
  records: readonly TlsaRecord[],
  chain: readonly X509Certificate[],
  names: readonly string[],
  now: number,
): DaneVerdict {
  const [own] = chain
  if (!own) return { kind: 'refused', why: 'validation-failure' }
  // RFC 7672 §3.1.1: neither names nor dates count; the record says it all.
  if (records.some((record) => record.usage === 3 && matches(record, own))) return { kind: 'verified' }
  const anchors = records.filter(({ usage }) => usage === 2)
  const path = anchoredPath(own, chain.slice(1).concat(anchorsInDns(anchors)), anchors)
  if (!path) return { kind: 'refused', why: 'validation-failure' }
  if (path.some((certificate) => !isCurrent(certificate, now)))
    return { kind: 'refused', why: 'certificate-expired' }
  // RFC 9525 §6.3: names of the extension alone, never the common name.
  if (!names.some((name) => own.checkHost(name, { subject: 'never' }) !== undefined))
    return { kind: 'refused', why: 'certificate-host-mismatch' }
  return { kind: 'verified' }
}

/** From the server's own certificate up to one that a record names; undefined where none leads there. */
function anchoredPath(
  own: X509Certificate,
  others: readonly X509Certificate[],
  anchors: readonly TlsaRecord[],
): readonly X509Certificate[] | undefined {
  const path = [own]
  const unused = new Set(others)
  for (let at = own; ; ) {
    const issuer = [...unused].find((other) => isIssuer(other, at))
    if (!issuer) return undefined
    unused.delete(issuer)
    path.push(issuer)
    if (anchors.some((anchor) => matches(anchor, issuer))) return path
    at = issuer
  }
}

function isIssuer(issuer: X509Certificate, subject: X509Certificate): boolean {
  return issuer.ca && subject.checkIssued(issuer) && subject.verify(issuer.publicKey)
}

/** RFC 7671 §5.2.2: a server may leave the anchor out when the record holds the whole certificate. */
function anchorsInDns(anchors: readonly TlsaRecord[]): readonly X509Certificate[] {
  return anchors
    .filter(({ selector, matching }) => selector === 0 && matching === 0)
    .flatMap(({ association }) => readCertificate(association) ?? [])
}

function readCertificate(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der)
  } catch {
    return undefined
  }
}

function matches({ selector, matching, association }: TlsaRecord, certificate: X509Certificate): boolean {
  const selected =
    selector === 0 ? certificate.raw : certificate.publicKey.export({ type: 'spki', format: 'der' })
  const found =
    matching === 0
      ? selected
      : createHash(matching === 1 ? 'sha256' : 'sha512')
          .update(selected)
          .digest()
  return found.length === association.length && timingSafeEqual(found, association)
}

function hasRightLength(matching: number, { length }: Uint8Array): boolean {
  if (matching === 0) return length > 0
  return (matching === 1 && length === 32) || (matching === 2 && length === 64)
}

function isCurrent({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now <= validToDate.getTime()
}
