import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'

interface Signer {
  /** PEM: its own certificate, then those that lead up from it. */
  readonly chain: readonly string[]
  /** PEM. */
  readonly key: string
}

const signWith = promisify(sign)

/**
 * The document within CMS SignedData (RFC 5652 §5), DER: as Apple's devices and `openssl cms` read it. With RSA and ECDSA keys;
 * undefined for others. Node signs, and writing DER is less than node-forge's PKCS #7, which knows RSA alone.
 */
export async function signedDocument(
  document: Uint8Array,
  { chain, key: pem }: Signer,
  now: number,
): Promise<Buffer | undefined> {
  const key = createPrivateKey(pem)
  const algorithm = signatureAlgorithms.get(key.asymmetricKeyType ?? '')
  const certificates = chain.map((each) => new X509Certificate(each).raw)
  const [own] = certificates
  if (!algorithm || !own) return undefined
  const attributes = signedAttributes(document, now)
  // §5.4: signed as a SET, whatever it is tagged with in its place
  const signature = await signWith('sha256', set(...attributes), key)
  const signer = sequence(
    version1,
    sequence(...issuerAndSerial(own)),
    sha256,
    tagged(0, ...attributes),
    algorithm,
    der(0x04, signature),
  )
  return sequence(
    oid('1.2.840.113549.1.7.2'),
    tagged(
      0,
      sequence(
        version1,
        set(sha256),
        sequence(oid(data), tagged(0, der(0x04, document))),
        tagged(0, ...certificates),
        set(signer),
      ),
    ),
  )
}

// §11: what is signed is that these stand for the document. DER (X.690 §11.6) has them in the order of their octets.
function signedAttributes(document: Uint8Array, now: number): readonly Buffer[] {
  const digest = createHash('sha256').update(document).digest()
  return [
    attribute('1.2.840.113549.1.9.3', oid(data)),
    attribute('1.2.840.113549.1.9.4', der(0x04, digest)),
    attribute('1.2.840.113549.1.9.5', time(now)),
  ].toSorted((one, other) => Buffer.compare(one, other))
}

const attribute = (type: string, value: Buffer) => sequence(oid(type), set(value))

/** §11.3: UTCTime until 2049. */
function time(now: number): Buffer {
  const text = new Date(now).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return Number(text.slice(0, 4)) < 2050
    ? der(0x17, Buffer.from(text.slice(2)))
    : der(0x18, Buffer.from(text))
}

/** RFC 5280 §4.1: the certificate is our own, and Node has read it. */
function issuerAndSerial(certificate: Buffer): readonly Buffer[] {
  const [body = empty] = elementsIn(certificate)
  const fields = elementsIn(body)
  const hasVersion = fields[0]?.[0] === 0xa0
  const [serial = empty, , issuer = empty] = hasVersion ? fields.slice(1) : fields
  return [issuer, serial]
}

/** Of a SEQUENCE. */
function elementsIn(whole: Buffer): Buffer[] {
  const elements: Buffer[] = []
  for (let at = headerOf(whole, 0); at < whole.length; ) {
    const size = headerOf(whole, at) + lengthOf(whole, at)
    elements.push(whole.subarray(at, at + size))
    at += size
  }
  return elements
}

const lengthOctets = (bytes: Buffer, at: number) =>
  (bytes[at + 1] ?? 0) & 0x80 ? (bytes[at + 1] ?? 0) & 0x7f : 0
const headerOf = (bytes: Buffer, at: number) => 2 + lengthOctets(bytes, at)
const lengthOf = (bytes: Buffer, at: number) => {
  const octets = lengthOctets(bytes, at)
  return octets === 0 ? (bytes[at + 1] ?? 0) : bytes.readUIntBE(at + 2, octets)
}

/** X.690 §8.1, §10.1 */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const inner = Buffer.concat(content)
  if (inner.length < 0x80) return Buffer.concat([Buffer.from([tag, inner.length]), inner])
  const octets = Math.ceil(inner.length.toString(16).length / 2)
  const head = Buffer.alloc(2 + octets)
  head.writeUInt8(tag, 0)
  head.writeUInt8(0x80 | octets, 1)
  head.writeUIntBE(inner.length, 2, octets)
  return Buffer.concat([head, inner])
}

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts)
const set = (...parts: readonly Uint8Array[]) => der(0x31, ...parts)
const tagged = (tag: number, ...parts: readonly Uint8Array[]) => der(0xa0 | tag, ...parts)

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const groups = [value & 0x7f]
  for (let left = value >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80)
  return groups
}

const empty = Buffer.alloc(0)
const data = '1.2.840.113549.1.7.1'
const version1 = der(0x02, Buffer.from([1]))
const sha256 = sequence(oid('2.16.840.1.101.3.4.2.1'))
/** RFC 5754 §3: RSA with PKCS #1 v1.5, whose parameters are NULL; ecdsa-with-SHA256 has none. */
const signatureAlgorithms: ReadonlyMap<string, Buffer> = new Map([
  ['rsa', sequence(oid('1.2.840.113549.1.1.1'), der(0x05))],
  ['ec', sequence(oid('1.2.840.10045.4.3.2'))],
])
