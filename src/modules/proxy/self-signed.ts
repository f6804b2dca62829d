import { createHash, generateKeyPair, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import type { KeyPair } from './tls-profile.ts'

type Asn1 = typeof import('node-forge').asn1
type Node = ReturnType<Asn1['create']>

const dayMs = 24 * 3600 * 1000
/** Apple's devices take no longer life. */
const lifeDays = 825
const renewDays = 30

/** Every machine knows itself by these. */
const ownNames = ['localhost', '127.0.0.1', '::1']

/** Makes a P-256 key and a certificate for `names` and this machine. node-forge writes the DER; Node makes key and signature. */
export async function makeSelfSigned(names: readonly string[], now: number): Promise<KeyPair> {
  const [{ publicKey, privateKey }, forge] = await Promise.all([
    promisify(generateKeyPair)('ec', { namedCurve: 'P-256' }),
    import('node-forge'),
  ])
  const writer = new CertificateWriter(forge.default.asn1)
  const body = writer.body({ names: allNames(names), now, publicKey })
  const signature = sign('sha256', Buffer.from(writer.der(body), 'latin1'), privateKey)
  const der = Buffer.from(writer.der(writer.signed(body, signature)), 'latin1')
  return {
    certificate: new X509Certificate(der).toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** False where it ends soon, or names changed since it was made. */
export function isStillGood(certificate: string, names: readonly string[], now: number): boolean {
  const read = new X509Certificate(certificate)
  const has = (name: string) => (isIP(name) === 0 ? read.checkHost(name) : read.checkIP(name)) !== undefined
  return Date.parse(read.validTo) - now > renewDays * dayMs && allNames(names).every(has)
}

function allNames(names: readonly string[]): readonly string[] {
  return [...new Set([...names, ...ownNames])]
}

interface CertificateFacts {
  readonly names: readonly string[]
  readonly now: number
  readonly publicKey: KeyObject
}

/** RFC 5280 §4.1, one method per structure. */
class CertificateWriter {
  readonly #asn1: Asn1

  constructor(asn1: Asn1) {
    this.#asn1 = asn1
  }

  der(node: Node): string {
    return this.#asn1.toDer(node).getBytes()
  }

  signed(body: Node, signature: Buffer): Node {
    return this.#sequence(body, this.#algorithm(), this.#bits(signature))
  }

  body({ names, now, publicKey }: CertificateFacts): Node {
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    const name = this.#name(names[0] ?? 'localhost')
    return this.#sequence(
      this.#tagged(0, true, [this.#integer(2)]), // version 3
      this.#primitive(this.#asn1.Type.INTEGER, this.#serial()),
      this.#algorithm(),
      name,
      this.#sequence(this.#time(now - dayMs), this.#time(now + lifeDays * dayMs)),
      name,
      this.#asn1.fromDer(spki.toString('latin1')),
      this.#tagged(3, true, [this.#extensions(names, spki)]),
    )
  }

  #serial(): string {
    const octets = randomBytes(16)
    octets.writeUInt8((octets.readUInt8(0) & 0x3f) | 0x40, 0) // positive, no leading zero
    return octets.toString('latin1')
  }

  // RFC 5758 §3.2: ecdsa-with-SHA256, no parameters
  #algorithm(): Node {
    return this.#sequence(this.#oid('1.2.840.10045.4.3.2'))
  }

  #name(commonName: string): Node {
    // RFC 5280 appendix A: a common name has at most 64 characters
    const text = this.#primitive(this.#asn1.Type.UTF8, commonName.slice(0, 64))
    return this.#sequence(this.#set(this.#sequence(this.#oid('2.5.4.3'), text)))
  }

  #extensions(names: readonly string[], spki: Buffer): Node {
    const identifier = createHash('sha1').update(spki).digest().toString('latin1')
    return this.#sequence(
      this.#extension('2.5.29.17', this.#sequence(...names.map((name) => this.#alternative(name)))),
      // It may be imported as trusted on a phone or desktop: it is its own authority there.
      this.#extension(
        '2.5.29.19',
        this.#sequence(this.#primitive(this.#asn1.Type.BOOLEAN, '\xff')),
        'critical',
      ),
      this.#extension('2.5.29.37', this.#sequence(this.#oid('1.3.6.1.5.5.7.3.1'))), // server authentication
      this.#extension('2.5.29.14', this.#primitive(this.#asn1.Type.OCTETSTRING, identifier)),
    )
  }

  // RFC 5280 §4.2.1.6
  #alternative(name: string): Node {
    if (isIP(name) === 0) return this.#tagged(2, false, name)
    return this.#tagged(7, false, Buffer.from(addressOctets(name)).toString('latin1'))
  }

  #extension(oid: string, value: Node, critical?: 'critical'): Node {
    const flag = critical === undefined ? [] : [this.#primitive(this.#asn1.Type.BOOLEAN, '\xff')]
    return this.#sequence(
      this.#oid(oid),
      ...flag,
      this.#primitive(this.#asn1.Type.OCTETSTRING, this.der(value)),
    )
  }

  // RFC 5280 §4.1.2.5: UTCTime until 2049
  #time(ms: number): Node {
    const date = new Date(ms)
    return date.getUTCFullYear() < 2050
      ? this.#primitive(this.#asn1.Type.UTCTIME, this.#asn1.dateToUtcTime(date))
      : this.#primitive(this.#asn1.Type.GENERALIZEDTIME, this.#asn1.dateToGeneralizedTime(date))
  }

  #oid(text: string): Node {
    return this.#primitive(this.#asn1.Type.OID, this.#asn1.oidToDer(text).getBytes())
  }

  #integer(value: number): Node {
    return this.#primitive(this.#asn1.Type.INTEGER, String.fromCharCode(value))
  }

  #bits(octets: Buffer): Node {
    return this.#primitive(this.#asn1.Type.BITSTRING, `\0${octets.toString('latin1')}`)
  }

  #sequence(...parts: Node[]): Node {
    return this.#asn1.create(this.#asn1.Class.UNIVERSAL, this.#asn1.Type.SEQUENCE, true, parts)
  }

  #set(...parts: Node[]): Node {
    return this.#asn1.create(this.#asn1.Class.UNIVERSAL, this.#asn1.Type.SET, true, parts)
  }

  #tagged(tag: number, constructed: boolean, value: string | Node[]): Node {
    return this.#asn1.create(this.#asn1.Class.CONTEXT_SPECIFIC, tag, constructed, value)
  }

  #primitive(type: number, value: string): Node {
    return this.#asn1.create(this.#asn1.Class.UNIVERSAL, type, false, value)
  }
}

/** URL spells an address in its short form, without dotted parts. */
function addressOctets(ip: string): number[] {
  if (isIP(ip) === 4) return ip.split('.').map(Number)
  const [head = '', tail = ''] = new URL(`http://[${ip}]`).hostname.slice(1, -1).split('::')
  const first = groupOctets(head)
  const last = groupOctets(tail)
  return [...first, ...Array<number>(16 - first.length - last.length).fill(0), ...last]
}

function groupOctets(groups: string): number[] {
  const values = groups === '' ? [] : groups.split(':').map((group) => Number.parseInt(group, 16))
  return values.flatMap((value) => [value >> 8, value & 0xff])
}
