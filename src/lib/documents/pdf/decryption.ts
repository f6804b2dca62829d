import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { isDict, isString, nameOf, type PdfDict, type PdfValue } from './objects.ts'

/** ISO 32000-1 §7.6: a file that anybody may read, but not everybody change, is encrypted with an empty password. */
export type Decryption =
  | { readonly kind: 'locked' }
  | {
      readonly kind: 'key'
      stream(octets: Buffer, number: number, dict: PdfDict): Buffer
    }

/** The objects of a file, which are in the clear. */
interface Lookup {
  trailer(key: string): PdfValue
  resolve(value: PdfValue): PdfValue
  dict(value: PdfValue): PdfDict
}

type Method = 'none' | 'rc4' | 'aes-128' | 'aes-256'

const padding = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex')
const locked: Decryption = { kind: 'locked' }

/** Undefined where nothing is encrypted. */
export function decryptionOf(document: Lookup): Decryption | undefined {
  const encrypt = document.trailer('Encrypt')
  if (!isDict(encrypt)) return undefined
  const read = (key: string) => document.resolve(encrypt.get(key))
  const version = read('V')
  const method = methodOf(document, encrypt, version)
  const key = version === 5 ? newKey(read) : oldKey(read, firstId(document), version)
  if (!key || !method) return locked
  return {
    kind: 'key',
    // Cross-reference streams are in the clear. §7.5.8.2
    stream: (octets, number, dict) =>
      nameOf(dict.get('Type')) === 'XRef'
        ? octets
        : decrypted(octets, objectKey(key, number, method), method),
  }
}

const methods: Readonly<Record<string, Method>> = { V2: 'rc4', AESV2: 'aes-128', AESV3: 'aes-256' }

function methodOf(document: Lookup, encrypt: PdfDict, version: PdfValue): Method | undefined {
  if (version === 1 || version === 2) return 'rc4'
  if (version !== 4 && version !== 5) return undefined
  const name = nameOf(document.resolve(encrypt.get('StmF'))) ?? 'Identity'
  const filter = document.dict(document.dict(encrypt.get('CF')).get(name))
  return methods[nameOf(filter.get('CFM')) ?? ''] ?? 'none'
}

function firstId(document: Lookup): Buffer {
  const id = document.trailer('ID')
  const first: PdfValue = Array.isArray(id) ? document.resolve(id[0] as PdfValue) : undefined
  return isString(first) ? Buffer.from(first.octets, 'latin1') : Buffer.alloc(0)
}

/** Of the versions that know one length. */
const keyOctets: Readonly<Record<number, number>> = { 1: 5, 4: 16 }

type Read = (key: string) => PdfValue

/** §7.6.3.3, algorithm 2, with no password. */
function oldKey(read: Read, id: Buffer, version: PdfValue): Buffer | undefined {
  const [owner, permissions, revision, length] = [read('O'), read('P'), read('R'), read('Length')]
  if (!isString(owner) || typeof permissions !== 'number' || typeof revision !== 'number') return undefined
  const flags = Buffer.alloc(4)
  flags.writeInt32LE(permissions | 0)
  const hash = createHash('md5').update(padding).update(Buffer.from(owner.octets, 'latin1').subarray(0, 32))
  hash.update(flags).update(id)
  if (revision >= 4 && read('EncryptMetadata') === false) hash.update(Buffer.alloc(4, 255))
  let key = hash.digest()
  const bits = typeof length === 'number' && length >= 40 && length <= 128 ? length : 40
  const octets = keyOctets[Number(version)] ?? bits >> 3
  if (revision < 3) return key.subarray(0, octets)
  for (let round = 0; round < 50; round++) key = createHash('md5').update(key.subarray(0, octets)).digest()
  return key.subarray(0, octets)
}

/** ISO 32000-2 §7.6.4.3.3, algorithm 2.A, with no password; also that of Adobe's first extension. */
function newKey(read: Read): Buffer | undefined {
  const [user, wrapped, revision] = [read('U'), read('UE'), read('R')]
  if (!isString(user) || !isString(wrapped) || typeof revision !== 'number') return undefined
  const octets = Buffer.from(user.octets, 'latin1')
  const hash = revision === 5 ? simpleHash : hardHash
  if (!hash(octets.subarray(32, 40)).equals(octets.subarray(0, 32))) return undefined
  const key = hash(octets.subarray(40, 48))
  return decipher(
    'aes-256-cbc',
    key,
    Buffer.alloc(16),
    Buffer.from(wrapped.octets, 'latin1').subarray(0, 32),
    false,
  )
}

function simpleHash(salt: Buffer): Buffer {
  return createHash('sha256').update(salt).digest()
}

/** Algorithm 2.B; some seventy rounds. */
function hardHash(salt: Buffer): Buffer {
  let key = simpleHash(salt)
  for (let round = 0, last = 0; round < 64 || last > round - 32; round++) {
    const repeated = Buffer.concat(Array<Buffer>(64).fill(key))
    const aes = createCipheriv('aes-128-cbc', key.subarray(0, 16), key.subarray(16, 32)).setAutoPadding(false)
    const cipher = aes.update(repeated)
    const rest = cipher.subarray(0, 16).reduce((sum, octet) => sum + octet, 0) % 3
    key = createHash(['sha256', 'sha384', 'sha512'][rest] ?? 'sha256')
      .update(cipher)
      .digest()
    last = cipher.at(-1) ?? 0
    if (round > 1000) break
  }
  return key.subarray(0, 32)
}

/** §7.6.2, algorithm 1. The generation is 0 in all files that are written today. */
function objectKey(key: Buffer, number: number, method: Method): Buffer {
  if (method === 'none' || method === 'aes-256') return key
  const hash = createHash('md5')
    .update(key)
    .update(Buffer.of(number & 255, (number >> 8) & 255, (number >> 16) & 255, 0, 0))
  if (method === 'aes-128') hash.update('sAlT')
  return hash.digest().subarray(0, Math.min(key.length + 5, 16))
}

function decrypted(octets: Buffer, key: Buffer, method: Method): Buffer {
  if (method === 'none') return octets
  if (method === 'rc4') return rc4(octets, key)
  const name = method === 'aes-128' ? 'aes-128-cbc' : 'aes-256-cbc'
  return decipher(name, key, octets.subarray(0, 16), octets.subarray(16), true) ?? Buffer.alloc(0)
}

function decipher(
  name: string,
  key: Buffer,
  iv: Buffer,
  octets: Buffer,
  isPadded: boolean,
): Buffer | undefined {
  try {
    const cipher = createDecipheriv(name, key, iv)
    cipher.setAutoPadding(false)
    const whole = octets.subarray(0, octets.length - (octets.length % 16))
    const plain = Buffer.concat([cipher.update(whole), cipher.final()])
    const pad = isPadded ? (plain.at(-1) ?? 0) : 0
    return pad <= 16 ? plain.subarray(0, plain.length - pad) : plain
  } catch {
    // A key or vector of the wrong length.
    return undefined
  }
}

function rc4(octets: Buffer, key: Buffer): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index)
  const swap = (a: number, b: number) => {
    const held = state[a] ?? 0
    state[a] = state[b] ?? 0
    state[b] = held
  }
  for (let at = 0, other = 0; at < 256; at++) {
    other = (other + (state[at] ?? 0) + (key[at % key.length] ?? 0)) & 255
    swap(at, other)
  }
  const out = Buffer.allocUnsafe(octets.length)
  for (let at = 0, from = 0, other = 0; at < octets.length; at++) {
    from = (from + 1) & 255
    other = (other + (state[from] ?? 0)) & 255
    swap(from, other)
    out[at] = (octets[at] ?? 0) ^ (state[((state[from] ?? 0) + (state[other] ?? 0)) & 255] ?? 0)
  }
  return out
}
