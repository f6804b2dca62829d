import { createHmac, randomInt } from 'node:crypto'
import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { isSameSecret } from '../../../lib/same-secret.ts'

/** A key that a name server shares with us. RFC 8945 §4. */
export interface TsigKey {
  readonly name: string
  readonly algorithm: TsigAlgorithm
  readonly secret: Uint8Array
}

type TsigAlgorithm = 'hmac-sha1' | 'hmac-sha224' | 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512'

export interface TextRecord {
  readonly name: string
  readonly text: string
}

const type = { soa: 6, txt: 16, tsig: 250 } as const
const anyClass = 255
const noneClass = 254
const updateOpcode = 5
const fudgeSeconds = 300
/** Caches keep it no longer than the authority needs it. */
const ttlSeconds = 60

export interface Signed {
  readonly message: Buffer
  /** What an answer is signed with, beside itself. */
  readonly mac: Buffer
}

/** RFC 2136 §2.4, §2.5: adds one text record to its name, or takes that one away. */
export function updateMessage(zone: string, { name, text }: TextRecord, what: 'add' | 'remove'): Buffer {
  const data = Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')])
  const rest = what === 'add' ? fields(type.txt, 1, ttlSeconds, data) : fields(type.txt, noneClass, 0, data)
  return Buffer.concat([
    header({ zones: 1, updates: 1 }),
    nameOctets(zone),
    numbers(type.soa, 1),
    nameOctets(name),
    rest,
  ])
}

/** RFC 1035 §4.1: who has text records of this name? */
export function questionMessage(name: string): Buffer {
  return Buffer.concat([numbers(randomInt(65_536), 0, 1, 0, 0, 0), nameOctets(name), numbers(type.txt, 1)])
}

function header({ zones, updates }: { readonly zones: number; readonly updates: number }): Buffer {
  return numbers(randomInt(65_536), updateOpcode << 11, zones, 0, updates, 0)
}

/** RFC 8945 §4.3.3, §5.1: the record that signs goes last, and is counted. */
export function sign(message: Buffer, key: TsigKey, now: number): Signed {
  const time = timeOctets(now)
  const mac = macOf(
    [message, variables(key, { time, fudge: fudgeSeconds, error: 0, other: Buffer.alloc(0) })],
    key,
  )
  const data = Buffer.concat([
    nameOctets(key.algorithm),
    time,
    numbers(fudgeSeconds, mac.length),
    mac,
    message.subarray(0, 2),
    numbers(0, 0),
  ])
  const signed = Buffer.concat([message, nameOctets(key.name), fields(type.tsig, anyClass, 0, data)])
  signed.writeUInt16BE(signed.readUInt16BE(10) + 1, 10)
  return { message: signed, mac }
}

export type Answer =
  | { readonly kind: 'answer'; readonly code: number }
  /** RFC 8945 §5.2: 16 BADSIG, 17 BADKEY, 18 BADTIME. */
  | { readonly kind: 'key-refused'; readonly code: number }
  | { readonly kind: 'not-signed' }

/** Reads an answer, and believes it only where it is signed with our key. Throws BadSyntax. RFC 8945 §5.3. */
export function readAnswer(message: Buffer, asked: Signed, key: TsigKey, now: number): Answer {
  const read = new Reader(message)
  if (read.number16() !== asked.message.readUInt16BE(0))
    throw new BadSyntax('an answer to another question', 0)
  const code = read.number16() & 0xf
  const counts = [read.number16(), read.number16(), read.number16(), read.number16()]
  const [zones = 0, ...records] = counts
  for (let left = zones; left > 0; left--) read.name().skip(4)
  const total = records.reduce((sum, count) => sum + count, 0)
  for (let left = total; left > 1; left--) read.name().record()
  if (total === 0) return { kind: 'not-signed' }
  const start = read.at
  const last = read.name().record()
  if (last.type !== type.tsig) return { kind: 'not-signed' }
  const { mac, ...stamp } = tsigOf(last.data)
  if (stamp.error !== 0) return { kind: 'key-refused', code: stamp.error }
  const unsigned = Buffer.from(message.subarray(0, start))
  unsigned.writeUInt16BE(unsigned.readUInt16BE(10) - 1, 10)
  const expected = macOf([numbers(asked.mac.length), asked.mac, unsigned, variables(key, stamp)], key)
  const apart = Math.abs(stamp.time.readUIntBE(0, 6) - Math.floor(now / 1000))
  return apart <= fudgeSeconds && isSameSecret(mac.toString('hex'), expected.toString('hex'))
    ? { kind: 'answer', code }
    : { kind: 'not-signed' }
}

interface Stamp {
  readonly time: Buffer
  readonly fudge: number
  readonly error: number
  readonly other: Buffer
}

function tsigOf(data: Buffer): Stamp & { readonly mac: Buffer } {
  const read = new Reader(data)
  read.name()
  const time = read.octets(6)
  const fudge = read.number16()
  const mac = read.octets(read.number16())
  read.skip(2) // the id of the message
  const error = read.number16()
  return { time, fudge, mac, error, other: read.octets(read.number16()) }
}

function macOf(parts: readonly Buffer[], { algorithm, secret }: TsigKey): Buffer {
  const mac = createHmac(algorithm.slice('hmac-'.length), secret)
  for (const part of parts) mac.update(part)
  return mac.digest()
}

function variables({ name, algorithm }: TsigKey, { time, fudge, error, other }: Stamp): Buffer {
  return Buffer.concat([
    nameOctets(name),
    numbers(anyClass, 0, 0), // class; TTL is 0
    nameOctets(algorithm),
    time,
    numbers(fudge, error, other.length),
    other,
  ])
}

function timeOctets(now: number): Buffer {
  const octets = Buffer.alloc(6)
  octets.writeUIntBE(Math.floor(now / 1000), 0, 6)
  return octets
}

/** RFC 1035 §3.1, in lower case as signatures want it. */
function nameOctets(name: string): Buffer {
  const labels = name
    .toLowerCase()
    .split('.')
    .filter((label) => label !== '')
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.alloc(1),
  ])
}

function fields(recordType: number, recordClass: number, ttl: number, data: Buffer): Buffer {
  return Buffer.concat([numbers(recordType, recordClass, 0, ttl, data.length), data])
}

function numbers(...values: readonly number[]): Buffer {
  const octets = Buffer.alloc(values.length * 2)
  values.forEach((value, index) => {
    octets.writeUInt16BE(value, index * 2)
  })
  return octets
}

/** Over octets of strangers. */
class Reader {
  readonly #octets: Buffer
  at = 0

  constructor(octets: Buffer) {
    this.#octets = octets
  }

  octets(count: number): Buffer {
    const end = this.at + count
    if (end > this.#octets.length) throw new BadSyntax('a DNS message that ends too early', this.at)
    const found = this.#octets.subarray(this.at, end)
    this.at = end
    return found
  }

  skip(count: number): void {
    this.octets(count)
  }

  number16(): number {
    return this.octets(2).readUInt16BE(0)
  }

  /** Steps over a name; a pointer ends it. */
  name(): this {
    for (;;) {
      const length = this.octets(1).readUInt8(0)
      if (length === 0) return this
      if (length >= 0xc0) {
        this.skip(1)
        return this
      }
      this.skip(length)
    }
  }

  record(): { readonly type: number; readonly data: Buffer } {
    const found = this.number16()
    this.skip(6) // class and TTL
    return { type: found, data: this.octets(this.number16()) }
  }
}
