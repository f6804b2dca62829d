import { createHash, type X509Certificate } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'

const exportedOctets = 32
/** RFC 5929 §4.1: by the hash of the certificate's signature; the two oldest are replaced. */
const hashes: Readonly<Record<string, string>> = {
  md5: 'sha256',
  sha1: 'sha256',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
}

/** What both ends of a TLS connection know and nobody between them does. Undefined where there is none of that type. */
export function channelBindingOf(stream: Duplex, type: string): Uint8Array | undefined {
  if (!(stream instanceof TLSSocket)) return undefined
  switch (type) {
    case 'tls-exporter':
      // RFC 9266 §3: an older version may lack what this stands on, which cannot be seen from here.
      return stream.getProtocol() === 'TLSv1.3'
        ? stream.exportKeyingMaterial(exportedOctets, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
        : undefined
    case 'tls-server-end-point':
      return endPoint(stream.getX509Certificate())
    default:
      return undefined
  }
}

function endPoint(certificate: X509Certificate | undefined): Uint8Array | undefined {
  if (!certificate) return undefined
  const [, name = ''] = /(md5|sha\d+)/i.exec(certificate.signatureAlgorithm ?? '') ?? []
  const hash = hashes[name.toLowerCase()]
  return hash === undefined ? undefined : createHash(hash).update(certificate.raw).digest()
}
